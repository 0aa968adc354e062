"""The words of English and German. Both tables are read at once: nobody has to set a language."""

from datetime import time
from typing import TypeVar

from tasks.quick_add.words import fold

Value = TypeVar("Value")

SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def table(*rows: tuple[str, Value]) -> dict[str, Value]:
    """`("monday montag", 0)` as {"monday": 0, "montag": 0}, also in the spelling without dots over the letters."""
    found = {}
    for words, value in rows:
        for word in words.split():
            found[fold(word)] = found[fold(word.translate(SPELLED))] = value
    return found


def words(text: str) -> frozenset[str]:
    return frozenset(table((text, True)))


def pairs(text: str) -> frozenset[tuple[str, ...]]:
    """Phrases of several words, separated by `/`."""
    return frozenset(tuple(fold(word) for word in phrase.split()) for phrase in text.split("/"))


WEEKDAYS = table(
    ("monday mon montag mo", 0),
    ("tuesday tue tues dienstag di", 1),
    ("wednesday wed weds mittwoch mi", 2),
    ("thursday thu thur thurs donnerstag do", 3),
    ("friday fri freitag fr", 4),
    ("saturday sat samstag sonnabend sa", 5),
    ("sunday sun sonntag so", 6),
)

UNSURE_DAYS = words("wed sat sun mo di mi do fr sa so")
"""Words of their own too: they are days only after a preposition, or right before a time or a date."""

PLURAL_DAYS = table(
    ("mondays montags", 0),
    ("tuesdays dienstags", 1),
    ("wednesdays mittwochs", 2),
    ("thursdays donnerstags", 3),
    ("fridays freitags", 4),
    ("saturdays samstags sonnabends", 5),
    ("sundays sonntags", 6),
)

MONTHS = table(
    ("january jan januar jänner", 1),
    ("february feb februar feber", 2),
    ("march mar märz mrz", 3),
    ("april apr", 4),
    ("may mai", 5),
    ("june jun juni", 6),
    ("july jul juli", 7),
    ("august aug", 8),
    ("september sep sept", 9),
    ("october oct oktober okt", 10),
    ("november nov", 11),
    ("december dec dezember dez", 12),
)

NUMBERS = table(
    ("a an one ein eine einen einem einer eins", 1),
    ("two zwei", 2),
    ("three drei", 3),
    ("four vier", 4),
    ("five fünf", 5),
    ("six sechs", 6),
    ("seven sieben", 7),
    ("eight acht", 8),
    ("nine neun", 9),
    ("ten zehn", 10),
    ("eleven elf", 11),
    ("twelve zwölf", 12),
)

LAST = -1
ORDINALS = table(
    ("first erster erste ersten erstes", 1),
    ("second other zweiter zweite zweiten zweites", 2),
    ("third dritter dritte dritten drittes", 3),
    ("fourth vierter vierte vierten viertes", 4),
    ("fifth fünfter fünfte fünften fünftes", 5),
    ("sixth sechster sechste sechsten sechstes", 6),
    ("seventh siebter siebte siebten siebtes", 7),
    ("eighth achter achte achten achtes", 8),
    ("ninth neunter neunte neunten neuntes", 9),
    ("tenth zehnter zehnte zehnten zehntes", 10),
    ("last letzter letzte letzten letztes", LAST),
)

UNITS = table(
    ("minute minutes min mins minuten", "minute"),
    ("hour hours hr hrs stunde stunden std", "hour"),
    ("day days tag tage tagen", "day"),
    ("week weeks wk woche wochen", "week"),
    ("month months monat monate monaten monats", "month"),
    ("quarter quarters quartal quartale quartalen quartals", "quarter"),
    ("year years yr jahr jahre jahren jahres", "year"),
    ("weekday weekdays workday workdays werktag werktage wochentag wochentage arbeitstag", "weekday"),
    ("weekend weekends wochenende wochenenden", "weekend"),
)

GLUED_UNITS = UNITS | {"m": "minute", "h": "hour", "d": "day", "w": "week"}
"""Behind digits, without a space: 30m."""

MORNING, AFTERNOON, EVENING, NIGHT, NOON = time(9), time(15), time(19), time(22), time(12)
DAYPARTS = table(
    ("morning früh morgen vormittag", MORNING),
    ("noon midday mittag", NOON),
    ("afternoon nachmittag", AFTERNOON),
    ("evening abend", EVENING),
    ("night nacht", NIGHT),
)
"""After a day: tomorrow morning, Freitag Abend."""

DAYPART_ADVERBS = table(
    ("morgens vormittags", MORNING),
    ("noon midday mittags", NOON),
    ("nachmittags", AFTERNOON),
    ("abends", EVENING),
    ("nachts", NIGHT),
)
"""Times by themselves."""

DAYPART_PHRASES = {
    **dict.fromkeys(pairs("in the morning/am Morgen/am Vormittag/in der Früh"), MORNING),
    **dict.fromkeys(pairs("at noon/at midday/am Mittag/zu Mittag"), NOON),
    **dict.fromkeys(pairs("in the afternoon/am Nachmittag"), AFTERNOON),
    **dict.fromkeys(pairs("in the evening/am Abend"), EVENING),
    **dict.fromkeys(pairs("at night/in der Nacht"), NIGHT),
    **dict.fromkeys(pairs("at midnight/um Mitternacht"), time(0)),
}

DAYS_WITH_PARTS = {
    day + part: (number, at) for day, number in WEEKDAYS.items() if len(day) > 5 for part, at in DAYPARTS.items()
}
"""Compounds, as German writes them: freitagabend."""

TODAY, TOMORROW, AFTER_TOMORROW = words("today tod heute"), words("tomorrow tmrw tmr morgen"), words("übermorgen")
AFTER_TOMORROW_PHRASES = pairs("the day after tomorrow/day after tomorrow")
TONIGHT = words("tonight")

BEFORE_DATES = {
    **dict.fromkeys(pairs("on/on the/by/by the/due/due on/due on the/due by/for/for the"), "due"),
    **dict.fromkeys(pairs("am/für/für den/zum/fällig/fällig am"), "due"),
    **dict.fromkeys(pairs("until/until the/till/till the/bis/bis am/bis zum"), "until"),
    **dict.fromkeys(pairs("from/from the/starting/starting on/starting from/beginning"), "start"),
    **dict.fromkeys(pairs("ab/ab dem/ab am/beginnend am"), "start"),
}
"""Prepositions, and what the date after them is: due, the end of a recurrence, or its start."""

BEFORE_TIMES = words("at by due until till for um bis gegen ab from starting")
BEFORE_HOURS = words("at um gegen")
"""After these a bare number is an hour, if nothing else follows it."""

REFERENCES = words("after before since of about nach vor seit von vom the der die das den guten last letzten letzter")
"""A day after one of these says what the task is about, not when it is due: mail from Monday, the May report."""

AHEAD = table(
    ("this coming kommende kommenden kommender kommendes diese diesen dieser dieses", 0),
    ("next nächste nächsten nächster nächstes", 1),
    ("übernächste übernächsten übernächster übernächstes", 2),
)
"""How many weeks, months or years ahead of the present one."""
AFTER_NEXT = pairs("after next")
ARTICLES = words("the der die das den dem des")
OF = words("of im in des eines")
ON = words("on am an")
FOR = words("for für")
UNSURE_MONTHS = words("may march mar mai")

END_OF = pairs(
    "end of/end of the/the end of/the end of the/at the end of/at the end of the/Ende/Ende des/Ende der/zum Ende des/"
    "am Ende des/am Ende der"
)
END_WORDS = table(("eod", "day"), ("eow", "week"), ("eom monatsende", "month"), ("eoy jahresende", "year"))

EVERY = words("every each ev jeden jede jedes jeder jedem")
ALL = words("alle")
ADVERBS = table(
    ("daily täglich", ("DAILY", 1)),
    ("weekly wöchentlich", ("WEEKLY", 1)),
    ("biweekly fortnightly zweiwöchentlich vierzehntägig", ("WEEKLY", 2)),
    ("monthly monatlich", ("MONTHLY", 1)),
    ("quarterly vierteljährlich quartalsweise", ("MONTHLY", 3)),
    ("yearly annually jährlich", ("YEARLY", 1)),
)
WORKDAY_ADVERBS = words("werktags wochentags")
ADJECTIVES = words("daily weekly biweekly fortnightly monthly quarterly yearly annually") | frozenset(
    word for word in PLURAL_DAYS if word.endswith("days")
)
"""They stand before nouns too (weekly report): they count only where nothing but other recognized words follows."""

AFTER_COMPLETION = dict.fromkeys(pairs("after completion/nach Erledigung"), True)

AND = words("and und & + /")
TO = words("to bis through -")
TIMES = words("times time mal x")

PRIORITIES = table(
    ("urgent dringend 1", "urgent"),
    ("high hoch wichtig 2", "high"),
    ("medium med mittel normal 3", "medium"),
    ("low niedrig gering 4", "low"),
    ("none keine", "none"),
)
BEFORE = words("before earlier vorher davor zuvor")
ME = words("me mich mir")
OCLOCK = words("uhr o'clock")

HALF_TO = words("halb")
"""halb acht is 7:30."""
QUARTERS_TO = words("dreiviertel")
"""dreiviertel acht is 7:45."""
QUARTERS = table(("quarter viertel", 15), ("half", 30))
PAST, AGO = words("past nach"), words("to vor")
ONE_AS_ARTICLE = words("a an ein eine einen einem einer")
"""Numbers that are no hours."""

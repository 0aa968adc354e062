"""What `words` needs of a language."""

from collections.abc import Callable
from dataclasses import dataclass

from tasks.recurrence.rule import Frequency


@dataclass(frozen=True, slots=True)
class Language:
    """Texts with places in braces. `last` and `from_last` stand for what is counted from the end."""

    every: dict[Frequency, tuple[str, str]]
    """`every day`, and `every {n} days`."""

    every_weekday: tuple[str, str]
    """`every {day}`, and `every {nth} {day}`: days of the week."""

    workday: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    ordinal: Callable[[int], str]
    last: str
    from_last: str
    both: str
    on: str
    on_weekday: str
    """Before a day of the week without a number."""

    day_of_month: str
    last_day: str
    day: str
    date: str
    """A day of a month: `{nth}`, `{n}`, `{month}`."""

    or_last_day: str
    day_of_year: str
    week: str
    in_months: str
    of_months: str
    weekday_date: str
    """A day of the week that is a given day of the month."""

    position: str
    """One of the days that the rest of the rule names."""

    times: str
    once: str
    until: str
    full_date: str
    after_completion: str


def english_ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


ENGLISH = Language(
    every={
        "DAILY": ("every day", "every {n} days"),
        "WEEKLY": ("every week", "every {n} weeks"),
        "MONTHLY": ("every month", "every {n} months"),
        "YEARLY": ("every year", "every {n} years"),
    },
    every_weekday=("every {day}", "every {nth} {day}"),
    workday="weekday",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    ordinal=english_ordinal,
    last="last",
    from_last="{nth} to last",
    both=" and ",
    on=" on the {what}",
    on_weekday=" on {what}",
    day_of_month="{nth}",
    last_day="last day",
    day="{nth} day",
    date="{n} {month}",
    or_last_day="{what} or the month's last day",
    day_of_year="{nth} day of the year",
    week=" in week {what}",
    in_months=" in {what}",
    of_months=" of {what}",
    weekday_date=" on {day} the {what}",
    position="{nth} {what}",
    times=", {n} times",
    once=", once",
    until=", until {what}",
    full_date="{n} {month} {year}",
    after_completion=" after completion",
)  # fmt: skip

GERMAN = Language(
    every={
        "DAILY": ("jeden Tag", "alle {n} Tage"),
        "WEEKLY": ("jede Woche", "alle {n} Wochen"),
        "MONTHLY": ("jeden Monat", "alle {n} Monate"),
        "YEARLY": ("jedes Jahr", "alle {n} Jahre"),
    },
    every_weekday=("jeden {day}", "jeden {nth} {day}"),
    workday="Werktag",
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
    ordinal=lambda number: f"{number}.",
    last="letzten",
    from_last="{nth}-letzten",
    both=" und ",
    on=" am {what}",
    on_weekday=" am {what}",
    day_of_month="{nth}",
    last_day="letzten Tag",
    day="{nth} Tag",
    date="{nth} {month}",
    or_last_day="{what} oder am letzten Tag des Monats",
    day_of_year="{nth} Tag des Jahres",
    week=" in Woche {what}",
    in_months=" im {what}",
    of_months=" im {what}",
    weekday_date=" am {day}, dem {what}",
    position="{nth} {what}",
    times=", {n}-mal",
    once=", einmal",
    until=", bis {what}",
    full_date="{nth} {month} {year}",
    after_completion=" nach Erledigung",
)  # fmt: skip

LANGUAGES = {"en": ENGLISH, "de": GERMAN}

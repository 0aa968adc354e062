"""Rules, and what the application calls them."""

WORDS = {
    "FREQ=DAILY": ("every day", "jeden Tag"),
    "FREQ=DAILY;INTERVAL=3": ("every 3 days", "alle 3 Tage"),
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR": ("every weekday", "jeden Werktag"),
    "FREQ=WEEKLY": ("every week", "jede Woche"),
    "FREQ=WEEKLY;BYDAY=FR": ("every Friday", "jeden Freitag"),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR": ("every 2nd Friday", "jeden 2. Freitag"),
    "FREQ=WEEKLY;BYDAY=FR,MO": ("every Monday and Friday", "jeden Montag und Freitag"),
    "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,FR": ("every 3 weeks on Monday and Friday", "alle 3 Wochen am Montag und Freitag"),
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=5": ("every day, 5 times", "jeden Tag, 5-mal"),
    "FREQ=MONTHLY;BYMONTHDAY=1,15": ("every month on the 1st and 15th", "jeden Monat am 1. und 15."),
    "FREQ=MONTHLY;BYMONTHDAY=-1": ("every month on the last day", "jeden Monat am letzten Tag"),
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=2FR": ("every 3 months on the 2nd Friday", "alle 3 Monate am 2. Freitag"),
    "FREQ=MONTHLY;BYDAY=-1FR": ("every month on the last Friday", "jeden Monat am letzten Freitag"),
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": (
        "every month on the last weekday", "jeden Monat am letzten Werktag"
    ),
    "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1": (
        "every month on the 31st or the month's last day", "jeden Monat am 31. oder am letzten Tag des Monats"
    ),
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13": ("every month on Friday the 13th", "jeden Monat am Freitag, dem 13."),
    "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24": ("every year on 24 December", "jedes Jahr am 24. Dezember"),
    "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO": ("every year on the 1st Monday of May", "jedes Jahr am 1. Montag im Mai"),
    "FREQ=YEARLY;BYYEARDAY=-1": ("every year on the last day of the year", "jedes Jahr am letzten Tag des Jahres"),
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO": ("every year in week 20 on Monday", "jedes Jahr in Woche 20 am Montag"),
    "FREQ=YEARLY;INTERVAL=4;UNTIL=20401231": (
        "every 4 years, until 31 December 2040", "alle 4 Jahre, bis 31. Dezember 2040"
    ),
    "FREQ=YEARLY;COUNT=1": ("every year, once", "jedes Jahr, einmal"),
}  # fmt: skip

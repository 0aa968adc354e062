"""Limits on guessing passwords, the same at every way in. They count in the database, so that all processes and all
replicas share them, with or without Redis.

A guess is counted before the password is checked, in one statement, so guesses at the same moment can't slip through;
a right password takes its count back. Three counts, each over a window that begins with its first failure:

- for one name from one network: ends guessing from one place;
- for one name from all networks: ends guessing from many. Not applied to a network from which this name has signed in
  before, so that nobody can lock the owner out of their usual places;
- for all names from one network: ends trying one password with many names. Not applied to names that have signed in
  from there before, so that a guesser in an office does not keep the colleagues out.

An IPv6 network is a /64, an IPv4 network a single address. Names count as they are normalised: without spaces around
them and without regard to case.
"""

import hashlib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from itertools import count
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.db.models import F
from django.utils import timezone
from rest_framework.exceptions import Throttled

from tasks.accounts import password_slots
from tasks.accounts.models import GuessCounter


class Limit(NamedTuple):
    most: int
    seconds: int


PAIR = Limit(10, 60)
ACCOUNT = Limit(50, 600)
ADDRESS = Limit(60, 60)

KNOWN_DAYS = 90
"""How long a network counts as one of a name's usual places, after the last sign-in from there."""

CLEAR_EVERY = 50
"""Guesses between two clearings of expired counters."""

_guesses = count(1)

UPSERT = f"""
INSERT INTO {GuessCounter._meta.db_table} AS counter (key, count, expires_at)
VALUES (%s, 1, %s), (%s, 1, %s), (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counter.expires_at <= %s THEN 1 ELSE counter.count + 1 END,
    expires_at = CASE WHEN counter.expires_at <= %s THEN excluded.expires_at ELSE counter.expires_at END
RETURNING key, count
"""  # noqa: S608 -- the name of a table
"""One statement, so that two at once get two numbers. The rows come in the order of their keys, so that no two guesses
wait for each other."""


class TooManyGuesses(Exception):
    """`wait`: seconds until the next guess is checked."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


class Guess:
    """One check of a password. Call `right()` if the password was right; otherwise it stays counted."""

    def __init__(self, name: str, address: str) -> None:
        network = network_of(address)
        name = normalised(name)
        self._known = _key("known", name, network)
        self._limits = {
            _key("pair", name, network): PAIR,
            _key("account", name): ACCOUNT,
            _key("address", network): ADDRESS,
        }
        self._pair = next(iter(self._limits))

    def begin(self) -> None:
        """Counts the guess. Raises TooManyGuesses, and then it does not count."""
        now = timezone.now()
        rows = {row.key: row for row in GuessCounter.objects.filter(key__in=[*self._limits, self._known])}
        is_known = self._known in rows and rows[self._known].expires_at > now
        limits = {self._pair: PAIR} if is_known else self._limits
        _refuse_if([row for key, row in rows.items() if key in limits and row.count >= limits[key].most], now)
        counts = self._count(now)
        if full := [key for key, limit in limits.items() if counts[key] > limit.most]:
            self._uncount(now)
            _refuse_if(list(GuessCounter.objects.filter(key__in=full)), now)

    def right(self) -> None:
        """Takes the count back, and remembers the network as one of this name's."""
        now = timezone.now()
        self._uncount(now)
        until = now + timedelta(days=KNOWN_DAYS)
        GuessCounter.objects.update_or_create(key=self._known, defaults={"count": 0, "expires_at": until})

    def _count(self, now: datetime) -> dict[str, int]:
        """Adds one everywhere; returns the counts that this guess made."""
        database = GuessCounter.objects.db
        prepare = GuessCounter._meta.get_field("expires_at").get_db_prep_save
        values: list[Any] = []
        for key, limit in sorted(self._limits.items()):
            values += [key, prepare(now + timedelta(seconds=limit.seconds), connections[database])]
        values += [prepare(now, connections[database])] * 2
        with transaction.atomic(database), connections[database].cursor() as cursor:
            cursor.execute(UPSERT, values)
            counts = dict(cursor.fetchall())
            if next(_guesses) % CLEAR_EVERY == 0:
                clear_expired(now)
        return counts

    def _uncount(self, now: datetime) -> None:
        GuessCounter.objects.filter(key__in=self._limits, expires_at__gt=now, count__gt=0).update(count=F("count") - 1)


def clear_expired(now: datetime) -> int:
    """Deletes some of the counters that expired before `now`; returns how many."""
    with transaction.atomic(GuessCounter.objects.db):
        # Locked rows are being counted; they can wait for the next clearing.
        expired = GuessCounter.objects.filter(expires_at__lt=now).select_for_update(skip_locked=True)
        return GuessCounter.objects.filter(pk__in=list(expired.values_list("pk", flat=True)[:1_000])).delete()[0]


def _refuse_if(full: list[GuessCounter], now: datetime) -> None:
    if waits := [(row.expires_at - now).total_seconds() for row in full if row.expires_at > now]:
        raise TooManyGuesses(max(waits))


def throttled(error: TooManyGuesses) -> Throttled:
    """The same as an error of the API."""
    return Throttled(error.wait, "Too many wrong passwords.")


@contextmanager
def guess(name: str, address: str) -> Iterator[Guess]:
    """Around the check of a password. Raises TooManyGuesses or PasswordChecksBusy before it.

    The slot comes first: so only as many guesses are counted and not yet checked as passwords are hashed at once, and
    sign-ins with right passwords don't fill the count while they wait.
    """
    with password_slots.slots.slot():
        current = Guess(name, address)
        current.begin()
        yield current


def normalised(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def network_of(address: str) -> str:
    """The address, or the /64 of an IPv6 address; what is no address (a Unix socket) stands for itself."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped) if ip.ipv4_mapped else str(IPv6Address(int(ip) >> 64 << 64))
    return str(ip)


def _key(*parts: str) -> str:
    """Neither names nor addresses stand in the table."""
    return hashlib.sha256(repr(parts).encode(errors="replace")).hexdigest()

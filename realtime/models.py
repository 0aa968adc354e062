"""The event log (streams and their events), and what the replicas share beside it.

All of it is read in the database where it is written, also where a router sends other reads to a replica that lags.
"""

import secrets
from typing import Any

from django.conf import settings
from django.db import models, router


class PrimaryManager(models.Manager):
    """Reads where is written."""

    def get_queryset(self) -> models.QuerySet[Any]:
        found = super().get_queryset()
        return found if self._db else found.using(router.db_for_write(self.model))


def new_epoch() -> str:
    return secrets.token_hex(8)


class Log(models.Model):
    """The one row that names the log. A position taken under another epoch means nothing here."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    epoch = models.CharField(max_length=32, default=new_epoch)
    pruned_at = models.DateTimeField(null=True, help_text="when a process last began to delete old events")

    objects = PrimaryManager()

    def __str__(self) -> str:
        return self.epoch


class Stream(models.Model):
    """An ordered sequence of events with one audience."""

    name = models.CharField(max_length=90, primary_key=True)  # a channel layer's group names end at 99 characters
    head = models.BigIntegerField(default=0, help_text="number of the newest event")
    floor = models.BigIntegerField(default=1, help_text="number of the oldest event still kept")
    # On PostgreSQL alone. Empty also where a replica of an older version has made the stream.
    revocations = models.BigIntegerField(null=True, help_text="how often somebody has lost a right here; empty: never")

    objects = PrimaryManager()

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One change, as the text that every client gets. Numbers in a stream have no gap and follow the commits."""

    pk = models.CompositePrimaryKey("stream", "seq")
    # No foreign key: the stream's row is locked by the insert's own transaction already, and checking it again costs.
    stream = models.CharField(max_length=90)
    seq = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)
    text = models.TextField()
    effect = models.JSONField(null=True)

    objects = PrimaryManager()

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq}"


class Follower(models.Model):
    """A durable reader of the log, see `realtime.events.follow`."""

    name = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField(help_text="old events are kept for it until it has not been seen for long")

    objects = PrimaryManager()

    def __str__(self) -> str:
        return self.name


class FollowerPosition(models.Model):
    """How far a follower has read one stream."""

    pk = models.CompositePrimaryKey("follower", "stream")
    follower = models.CharField(max_length=64)
    stream = models.CharField(max_length=90)
    seq = models.BigIntegerField(default=0, help_text="number of the last event that it has handled")
    failures = models.PositiveIntegerField(default=0, help_text="of the next event, one after the other")
    retry_at = models.DateTimeField(null=True)

    objects = PrimaryManager()

    def __str__(self) -> str:
        return f"{self.follower} at {self.stream} #{self.seq}"


class Instance(models.Model):
    """A process that serves connections, alive as long as its `seen_at` moves (by the database's clock)."""

    id = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    connections = models.PositiveIntegerField(default=0)
    users = models.PositiveIntegerField(default=0)

    objects = PrimaryManager()

    def __str__(self) -> str:
        return self.id


class PeriodicRun(models.Model):
    """When a process last began a periodic task, by the database's clock. See `realtime.periodic`."""

    name = models.CharField(max_length=64, primary_key=True)
    began_at = models.DateTimeField()

    objects = PrimaryManager()

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """A right to open one socket as `user`; only the hash of the secret is kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)
    # The token or the session's key that bought it, encrypted with the secret. The database's default is for replicas
    # of an older version, which do not know the column.
    credential = models.TextField(default="", db_default="")

    objects = PrimaryManager()

    def __str__(self) -> str:
        return f"for {self.user_id} until {self.expires_at:%H:%M:%S}"

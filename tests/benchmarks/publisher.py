"""A process that publishes events when it is told to: one number a line on standard input, so many events each.

    python -m tests.benchmarks.publisher todo|people|channels|redis|nchan

Each kind publishes as an application of that kind would: this one commits to its log, the others tell their broker.
"""

import asyncio
import itertools
import os
import socket
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.benchmarks import event

Publish = Callable[[int], None]


def todo() -> Publish:
    """Events of one transaction, or with ONE_BY_ONE each in a transaction of its own."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    django.setup()
    from django.db import transaction

    from realtime import events

    def together(count: int) -> None:
        with transaction.atomic():
            for _ in range(count):
                events.publish(event.STREAM, event.TYPE, event.DATA)

    def one_by_one(count: int) -> None:
        for _ in range(count):
            together(1)

    return one_by_one if os.environ.get("ONE_BY_ONE") else together


def people() -> Publish:
    """Each event to the stream of another person, in turn."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    django.setup()
    from django.contrib.auth import get_user_model
    from django.db import transaction

    from realtime import events

    ids = get_user_model().objects.filter(username__startswith="person-").order_by("pk").values_list("pk", flat=True)
    streams = itertools.cycle([f"user.{person}" for person in ids])

    def publish(count: int) -> None:
        with transaction.atomic():
            for stream in itertools.islice(streams, count):
                events.publish(stream, event.TYPE, event.DATA)

    return publish


def channels() -> Publish:
    from channels.layers import get_channel_layer

    from tests.benchmarks.peers.channels_chat import ROOM

    layer = get_channel_layer()
    loop = asyncio.new_event_loop()
    frame = len('{"message": ""}')
    number = 0

    async def send(count: int) -> None:
        nonlocal number
        for _ in range(count):
            number += 1
            # Without quotes to escape, and shorter by what the consumer puts around it.
            message = event.text(number).replace('"', "'")[:-frame]
            await layer.group_send(ROOM, {"type": "chat.message", "message": message})

    return lambda count: loop.run_until_complete(send(count))


def redis() -> Publish:
    from redis import Redis

    connection = Redis.from_url(os.environ["REDIS_URL"])
    number = 0

    def publish(count: int) -> None:
        nonlocal number
        with connection.pipeline(transaction=False) as pipeline:
            for _ in range(count):
                number += 1
                pipeline.publish("broadcast", event.text(number))
            pipeline.execute()

    return publish


def nchan() -> Publish:
    """By HTTP on one kept connection; several requests go out before the answers are read."""
    url = urlsplit(os.environ["PUBLISH_URL"])
    connection = socket.create_connection((url.hostname, url.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answers = connection.makefile("rb")
    number = 0

    def publish(count: int) -> None:
        nonlocal number
        requests = []
        for _ in range(count):
            number += 1
            body = event.text(number)
            requests.append(
                f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            )
        connection.sendall("".join(requests).encode())
        for _ in range(count):
            read_answer()

    def read_answer() -> None:
        status = answers.readline()
        if not status.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"nchan answered {status!r}")
        length = 0
        while line := answers.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answers.read(length)

    return publish


def main() -> None:
    publish = {"todo": todo, "people": people, "channels": channels, "redis": redis, "nchan": nchan}[sys.argv[1]]()
    print("ready", flush=True)
    for line in sys.stdin:
        publish(int(line))


if __name__ == "__main__":
    main()

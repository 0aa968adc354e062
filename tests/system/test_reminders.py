"""Reminders are sent by the servers themselves: each once, however many there are, by an event and a mail."""

import threading
from collections.abc import Iterator
from email import message_from_string
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from tests.servers import manage, wait_until
from tests.system.figures import Figures
from tests.system.queries import reader

COUNT = 100

MAKE = f"""
from datetime import timedelta
from django.utils import timezone
from tasks.models import EVERYONE_ID, Reminder, Task, User
alice = User.objects.get(username="alice")
alice.email = "alice@example.com"
alice.save()
task = Task.objects.create(list_id=EVERYONE_ID, title="Call the landlord")
soon = timezone.now() + timedelta(seconds=5)
Reminder.objects.bulk_create([Reminder(user=alice, task=task, at=soon) for _ in range({COUNT})])
"""
LEFT = "SELECT count(*) FROM tasks_reminder WHERE sent_at IS NULL OR mail_at IS NOT NULL"
TOLD = """SELECT count(*) FROM realtime_event WHERE stream LIKE 'user.%' AND text LIKE '%"reminder.due"%'"""


class Mailbox(ThreadingTCPServer):
    """A mail server that takes everything; `mails` holds the text of each."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails: list[str] = []


class Conversation(StreamRequestHandler):
    """SMTP, as far as a client needs it."""

    server: Mailbox

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                self.server.mails.append("".join(self.body()))
                self.say("250 taken")
            else:
                self.say("221 bye" if word == b"QUIT" else "250 yes")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def body(self) -> Iterator[str]:
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            yield line.decode()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.timeout(180)
def test_replicas_send_each_reminder_once(database, start_replica, mailbox: Mailbox) -> None:
    """Two servers, and a command at the same time."""
    mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mailbox.server_address[1]), "EMAIL_SECURITY": "none"}
    manage("shell", "--verbosity", "0", "--command", MAKE, env=database)
    replicas = [start_replica(database, **mail) for _ in range(2)]
    manage("send_reminders", env={**database, **mail})
    with reader(database["DATABASE_URL"]) as query:
        wait_until(lambda: query(LEFT) == [(0,)], timeout=120, what="the reminders")
        assert query(TOLD) == [(COUNT,)]
    mails = [message_from_string(text) for text in mailbox.mails]
    assert len(mails) == len({mail["Message-ID"] for mail in mails}) == COUNT
    assert {mail["Subject"] for mail in mails} == {"Reminder: Call the landlord"}
    assert sum(Figures(replica.url)("todo_reminders_sent_total", way="event") for replica in replicas) <= COUNT

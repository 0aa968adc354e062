"""Measures a crowd that sends the largest bodies at once: `python -m tests.system.bodies`.

Prints for one replica the memory at its highest, how long /livez took meanwhile, and how the requests ended.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tasks.core.api.bodies import BULK, OBJECT, Most
from tests.cast import ALICE
from tests.clients.http import Session, post
from tests.servers import Replica, manage
from tests.system.snapshots import Watch, memory_mib

SHAPES = ("[],", "{},", '{"":0},', '"😀",')


def body(piece: str, *, name: str, most: Most, elements: int) -> bytes:
    """As long as it may be, with a list of so many elements."""
    start, end = f'{{"{name}":[' + piece * (elements // (1 + piece.count("{") + piece.count("["))), '1],"x":"'
    return f'{start}{end}{"y" * (most.bytes - len(f"{start}{end}".encode()) - 2)}"}}'.encode()


def bodies(most: Most, *, name: str) -> dict[str, bytes]:
    """By what they are: with as many elements as bytes, which is refused, and with as many as may be."""
    found = {}
    for piece in SHAPES:
        room = (most.bytes - 100) // len(piece.encode()) * (1 + piece.count("{") + piece.count("["))
        found[f"{piece} too many"] = body(piece, name=name, most=most, elements=room)
        found[f"{piece} the most"] = body(piece, name=name, most=most, elements=most.elements - 10)
    return found


def measure(replica: Replica, path: str, text: bytes, *, requests: int, headers: Mapping[str, str]) -> str:
    """Sends `requests` at once; returns what they cost."""
    assert replica.process is not None
    given = {"Content-Type": "application/json", **headers}
    with Watch(replica) as watch, ThreadPoolExecutor(requests) as pool:
        answers = list(
            pool.map(lambda _: post(replica.url + path, content=text, headers=given, timeout=120), range(requests))
        )
    slowest = max(answer.elapsed.total_seconds() for answer in answers)
    return (
        f"{dict(Counter(answer.status_code for answer in answers))}, slowest {slowest:.1f} s; highest RSS "
        f"{memory_mib(replica.process.pid, 'VmHWM'):.0f} MiB, slowest /livez {watch.slowest * 1000:.0f} ms"
    )


def main() -> None:
    os.environ.setdefault("SECRET_KEY", "only-for-measuring-and-long-enough-to-sign-tokens-with-it")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        env = {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", "ENV_FILE": os.devnull}
        manage("migrate", "--verbosity", "0", env=env)
        manage("shell", "--verbosity", "0", "--command", "from tests.cast import add_cast; add_cast()", env=env)
        replica = stack.enter_context(Replica(folder, env=env))
        token = {"Authorization": f"Bearer {Session(replica.url, ALICE).token}"}
        assert replica.process is not None
        print(f"before: {memory_mib(replica.process.pid, 'VmRSS'):.0f} MiB")
        crowds: tuple[tuple[str, Most, str, int, dict[str, str]], ...] = (
            ("/api/token", BULK, "username", 8, {}),
            ("/api/tasks", OBJECT, "labels", 24, token),
            ("/api/tasks/bulk", BULK, "operations", 24, token),
        )
        for path, most, name, requests, headers in crowds:
            for what, text in bodies(most, name=name).items():
                print(
                    f"{requests:>3} {path:<16} {what:<17}",
                    measure(replica, path, text, requests=requests, headers=headers),
                )


if __name__ == "__main__":
    main()

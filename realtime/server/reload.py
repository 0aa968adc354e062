"""`serve --reload`: restarts the server when a file of the code changes. For development."""

import os
import signal
import sys
import threading
from collections.abc import Callable

from django.utils import autoreload


def serve_and_reload(serve: Callable[[], None]) -> None:
    """Calls `serve` in a child process, and in a new one after each change; ends with the child.

    Django's own function would run the server in a thread, where it could not handle signals.
    """
    if os.environ.get(autoreload.DJANGO_AUTORELOAD_ENV) == "true":
        threading.Thread(target=_watch, daemon=True).start()
        serve()
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # subprocess.run() kills the child
    try:
        sys.exit(autoreload.restart_with_reloader())
    except KeyboardInterrupt:
        sys.exit(0)


def _watch() -> None:
    try:
        autoreload.get_reloader().run(threading.main_thread())
    except SystemExit as ended:
        # SystemExit would end this thread only. Clients reconnect by themselves.
        os._exit(int(str(ended.code)))

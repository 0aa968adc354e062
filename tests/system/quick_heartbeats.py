"""The application's settings, with a heartbeat that a test can wait for."""

from todo_project.settings import *  # noqa: F403
from todo_project.settings import REALTIME as USUAL

HEARTBEAT_SECONDS = 5.0

REALTIME = {**USUAL, "HEARTBEAT_SECONDS": HEARTBEAT_SECONDS}

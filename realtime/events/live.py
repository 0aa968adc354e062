"""Live models: what a project imports to have its rows followed by clients.

class Task(live.LiveModel): ...

live.register(Task, kind="task", fields=TASK_FIELDS, represent=task_json, stream=..., rows=...)
"""

from realtime.events.kinds import Change, Kind, deleted_payload, kinds
from realtime.events.live_model import LiveModel
from realtime.events.live_queryset import LiveManager, LiveQuerySet, Write, first_version
from realtime.events.registry import describe, etag, register, snapshot, unregister
from realtime.events.signals import deleted, model_of, saved, written

__all__ = [
    "Change",
    "Kind",
    "LiveManager",
    "LiveModel",
    "LiveQuerySet",
    "Write",
    "deleted",
    "deleted_payload",
    "describe",
    "etag",
    "first_version",
    "kinds",
    "model_of",
    "register",
    "saved",
    "snapshot",
    "unregister",
    "written",
]

"""A label's events follow from its registration."""

from realtime.events import live
from tasks.labels.models import Label
from tasks.labels.representation import label_json
from tasks.labels.serializers import LabelSerializer


def connect() -> None:
    """Called once by the app's configuration."""
    live.register(
        Label, kind="label", parent="list", fields=LabelSerializer.Meta.fields, represent=label_json
    )  # without a stream: its list is locked while it is written, so that a list's labels change one after the other

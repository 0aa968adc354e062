"""A section's events follow from its registration."""

from realtime.events import live
from tasks.sections.models import Section
from tasks.sections.representation import section_json
from tasks.sections.serializers import SectionSerializer


def connect() -> None:
    """Called once by the app's configuration."""
    live.register(
        Section, kind="section", parent="list", fields=SectionSerializer.Meta.fields, represent=section_json
    )  # without a stream: its list is locked while it is written, so that a list's sections change one after the other

"""A saved filter's events follow from its registration; they are told to its person alone."""

from realtime.events import live
from tasks.core.streams import user_stream, users_of
from tasks.saved_filters.models import SavedFilter
from tasks.saved_filters.representation import filter_json
from tasks.saved_filters.serializers import SavedFilterSerializer


def connect() -> None:
    """Called once by the app's configuration."""
    live.register(
        SavedFilter,
        kind="filter",
        fields=SavedFilterSerializer.Meta.fields,
        represent=filter_json,
        stream=lambda row: user_stream(row.user_id),
        rows=lambda streams: SavedFilter.objects.filter(user__in=users_of(streams)),
    )

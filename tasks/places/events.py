"""A place's events follow from its registration; they are told to its person alone."""

from realtime.events import live
from tasks.core.streams import user_stream, users_of
from tasks.places.models import Place
from tasks.places.representation import place_json
from tasks.places.serializers import PlaceSerializer


def connect() -> None:
    """Called once by the app's configuration."""
    live.register(
        Place,
        kind="place",
        fields=PlaceSerializer.Meta.fields,
        represent=place_json,
        stream=lambda row: user_stream(row.user_id),
        rows=lambda streams: Place.objects.filter(user__in=users_of(streams)),
    )

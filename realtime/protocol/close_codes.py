"""Why the server closes a socket. `docs/protocol.md` says the same to the authors of clients."""

from enum import IntEnum

from realtime import metrics


class CloseCode(IntEnum):
    """After 4400, 4401 and 4403 a client does not reconnect by itself; after the others it does, and resumes."""

    SLOW = 4008
    """The client reads too slowly: reconnect and resume."""
    BAD_FRAME = 4400
    """The frame is no hello, auth or ping: correct the client."""
    NOT_SIGNED_IN = 4401
    """No sign-in, a wrong one, or one that has expired: get a new token first."""
    FORBIDDEN = 4403
    """The person may not connect (any more), or the page is of another origin; the field `reason` tells which."""
    NO_HELLO = 4408
    """No hello in time: reconnect."""
    TOO_MANY = 4429
    """Too many connections of one person, or too many frames: reconnect later."""
    GOING_AWAY = 4503
    """This replica stops, or can't serve the socket at the moment: reconnect, to another replica if there is one."""


for _code in CloseCode:  # created at the start, so that the first close shows as an increase
    metrics.closes.labels(int(_code))

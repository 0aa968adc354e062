"""All clients of the tests, on httpx and websockets.

| module | client | for |
|---|---|---|
| http | Session, get, post | the REST API, as a person |
| live | Client | the socket's protocol, in the test's event loop |
| returning | ReturningClient | the same, reconnecting with its positions |
| raw | RawSocket | a socket that may break RFC 6455, blocking |
| frames | masked, texts_of | bytes of frames, without a socket |
| admin_site | AdminSite | the Django admin, by its forms |
"""

from tests.clients.http import Session, get, ok, post
from tests.clients.live import Client, Frame

__all__ = ["Client", "Frame", "Session", "get", "ok", "post"]

"""How large a request's body may be: each kind of address has room for what can be valid there, and no more.

The bytes bound what is read, the elements what it becomes: members of objects and lists, all together. A replica parses
at most `request_handler.THREADS` bodies of up to OBJECT's bytes at once, and `LARGE_BODY_THREADS` larger ones.
"""

from typing import NamedTuple


class Most(NamedTuple):
    """A view names one as its `largest_body`."""

    bytes: int
    elements: int


SIGN_IN = Most(bytes=512 * 1024, elements=100)
"""Names, passwords and tokens. Parsed before anybody knows who has sent it."""

OBJECT = Most(bytes=256 * 1024, elements=5_000)
"""One object, or a form: notes of 20,000 characters, each written as two escapes of six bytes, are 240,000 bytes."""

BULK = Most(bytes=2560 * 1024, elements=50_000)
"""500 operations, each with all fields of a task and 50 labels, are 40,000 elements."""

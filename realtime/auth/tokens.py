"""Tokens: the answers of the project's IDENTITIES_OF, checked. Synchronous; uses the database."""

from collections.abc import Collection
from typing import Any

from realtime.conf import WrongAnswerError, ask, config
from realtime.identity import Identity, Refused


def identities_of(tokens: Collection[str]) -> dict[str, Identity | Refused | WrongAnswerError]:
    """Who comes with each of these tokens, or why nobody does. A wrong answer about one token concerns that token
    alone. Raises WrongAnswerError where all of it is wrong."""
    function = config().identities_of
    if function is None:
        return dict.fromkeys(tokens, Refused("Tokens are not accepted here."))
    answers = ask("IDENTITIES_OF", function, tokens)
    return {token: _checked(function, answers.get(token)) for token in tokens}


def _checked(function: Any, answer: Any) -> Identity | Refused | WrongAnswerError:
    if answer is None:
        return Refused("The token is not known here.")
    if isinstance(answer, Refused):
        return answer
    if not isinstance(answer, Identity):
        return WrongAnswerError("IDENTITIES_OF", function, f"returned {type(answer).__name__} for a token")
    expires_at = answer.expires_at
    if answer.user_id is None or not (expires_at is None or isinstance(expires_at, (int, float))):
        return WrongAnswerError("IDENTITIES_OF", function, f"returned {answer!r} for a token")
    return answer


def checked(identity: Identity | Exception | None) -> Identity:
    """One of `identities_of()`. Raises Refused or WrongAnswerError."""
    if isinstance(identity, Identity):
        return identity
    raise identity or Refused("The token is not known here.")

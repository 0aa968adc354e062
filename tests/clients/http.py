"""HTTP clients: `Session`, a person signed in to the REST API, and `get` and `post` for a single request."""

from typing import Any

import httpx

from tests.cast import Person

PLAIN: dict[str, Any] = {"timeout": 30, "trust_env": False, "verify": False}
"""No proxy of the environment, and no certificates to load: that would take 50 ms for each client."""


def get(url: str, **options: Any) -> httpx.Response:
    return httpx.get(url, **PLAIN | options)


def post(url: str, **options: Any) -> httpx.Response:
    return httpx.post(url, **PLAIN | options)


def ok(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of a successful answer; AssertionError for any other answer."""
    assert answer.is_success, f"{answer.status_code} {answer.text}"
    found: dict[str, Any] = answer.json()
    return found


class Session(httpx.Client):
    """A person signed in to the REST API: session.post("/api/tasks", json={...})."""

    def __init__(self, url: str, person: Person) -> None:
        credentials = {"username": person.username, "password": person.password}
        answer = ok(post(f"{url}/api/token", json=credentials))
        self.person = person
        self.token: str = answer["access"]
        self.refresh: str = answer["refresh"]
        super().__init__(base_url=url, headers={"Authorization": f"Bearer {self.token}"}, **PLAIN)

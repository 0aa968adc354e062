"""A page of our own, and the person who is signed in there."""

from typing import Any

from django.test import Client

HOST, ORIGIN = b"todo.example.com", b"https://todo.example.com"


def session_of(user: Any, cookie: str = "sessionid={}") -> dict[bytes, bytes]:
    """The headers of a page of our own on which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return {b"host": HOST, b"origin": ORIGIN, b"cookie": cookie.format(client.session.session_key).encode("latin-1")}


def change_password(user: Any) -> None:
    user.set_password("another long password")
    user.save()

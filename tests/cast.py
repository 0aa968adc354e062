"""The people of the tests. They exist in every database that a fixture provides."""

from typing import NamedTuple


class Person(NamedTuple):
    username: str
    password: str
    is_superuser: bool = False


ALICE = Person("alice", "alice's long password")
BOB = Person("bob", "bob's long password")
CAROL = Person("carol", "carol's long password")
ADMIN = Person("admin", "admin's long password", is_superuser=True)
CAST = (ALICE, BOB, CAROL, ADMIN)


def add_cast() -> None:
    """Creates the cast in this process's database."""
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    for person in CAST:
        create = users.create_superuser if person.is_superuser else users.create_user
        create(person.username, f"{person.username}@example.com", person.password)

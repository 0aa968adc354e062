"""A person as the API and the events show them."""

from typing import Any

from tasks.accounts.models import User


def user_json(user: User) -> dict[str, Any]:
    """For everybody."""
    return {
        "id": user.pk,
        "username": user.username,
        "name": user.get_full_name(),
        "is_active": user.is_active,
        "version": user.version,
    }


def me_json(user: User) -> dict[str, Any]:
    """For the person alone."""
    return {
        **user_json(user),
        "email": user.email,
        "time_zone": user.time_zone,
        "is_staff": user.is_staff,
    }

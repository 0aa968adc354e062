from typing import Any

from django.conf import settings

from realtime.events import live


def page_context() -> dict[str, Any]:
    """What the page's template needs to know of the application."""
    return {"csrf_cookie": settings.CSRF_COOKIE_NAME, "kinds": live.describe()}

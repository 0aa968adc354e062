"""The API. Every address may end with a slash or without one."""

from django.urls import URLPattern, URLResolver, include, re_path

from tasks.capabilities import modules_named
from tasks.core.api.unknown_route import UnknownRoute

urlpatterns: list[URLPattern | URLResolver] = [
    *(re_path(r"^", include(module)) for module in modules_named("urls")),
    re_path(r"^", UnknownRoute.as_view()),
]

"""Who caused a change, and by which way, as events say it."""

import re
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin import AdminSite, site
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.urls import path

from realtime.attribution import AttributionMiddleware, attribution, current_attribution

NOBODY = {"actor": None, "source": "command", "request_id": None}


def test_outside_of_everything_it_is_a_command_by_nobody() -> None:
    """A script of one's own, or a shell."""
    assert current_attribution().describe() == NOBODY


def test_an_origin_holds_for_a_block(alice: Any) -> None:
    """The inner one counts; what was before comes back, also after an error."""
    with attribution(actor=alice, source="web", request_id="r"):
        with pytest.raises(ZeroDivisionError), attribution(source="admin"):
            raise_within("admin")
        assert current_attribution().describe() == {
            "actor": {"id": alice.pk, "username": "alice"},
            "source": "web",
            "request_id": "r",
        }
    assert current_attribution().describe() == NOBODY


def raise_within(source: str) -> None:
    assert current_attribution().describe()["source"] == source
    raise ZeroDivisionError


def passed(request: HttpRequest, user: Any = None) -> tuple[dict[str, Any], HttpResponse]:
    """What a view sees as the origin, and the answer as it leaves."""
    seen: list[dict[str, Any]] = []

    def view(request: HttpRequest) -> HttpResponse:
        request.user = user  # as Django's middleware and REST framework do further in
        seen.append(current_attribution().describe())
        return HttpResponse()

    return_value = AttributionMiddleware(view)(request)
    assert current_attribution().describe() == NOBODY
    return seen[0], return_value


@pytest.mark.parametrize(
    ("path", "headers", "source"),
    [
        ("/api/tasks", {"Authorization": "Bearer x"}, "api"),
        ("/api/tasks", {}, "web"),
        ("/", {}, "web"),
        ("/admin/tasks/task/", {}, "admin"),
        ("/administration", {}, "web"),
    ],
)
def test_the_way_of_a_request(path: str, headers: dict[str, str], source: str) -> None:
    """A page of our own uses the API too, by the session."""
    found, _ = passed(RequestFactory().post(path, headers=headers))
    assert found["source"] == source


class OwnUrls:
    """Two admin sites, at addresses of their own."""

    urlpatterns = (path("backoffice/", site.urls), path("shop/manage/", AdminSite("shop").urls))


@pytest.mark.parametrize(
    ("address", "source"),
    [("/backoffice/x/", "admin"), ("/shop/manage/", "admin"), ("/shop/", "web"), ("/admin/", "web")],
)
def test_the_admin_is_where_the_project_has_it(
    monkeypatch: pytest.MonkeyPatch, settings: Any, address: str, source: str
) -> None:
    """Under any address, and more than one."""
    monkeypatch.setitem(sys.modules, "own_urls", OwnUrls)
    settings.ROOT_URLCONF = "own_urls"
    assert passed(RequestFactory().post(address))[0]["source"] == source


def test_the_actor_is_whom_the_request_turns_out_to_be(alice: Any) -> None:
    """Not known yet when the request comes in."""
    request = RequestFactory().get("/")
    assert passed(request, alice)[0]["actor"] == {"id": alice.pk, "username": "alice"}
    anonymous = SimpleNamespace(pk=None)
    assert passed(request, anonymous)[0]["actor"] is None


def test_a_request_keeps_the_id_that_it_comes_with() -> None:
    """It is in the events and in the answer."""
    found, response = passed(RequestFactory().get("/", headers={"X-Request-ID": "a.B-c_1:2"}))
    assert found["request_id"] == response["X-Request-ID"] == "a.B-c_1:2"


@pytest.mark.parametrize("given", ["", "with space", "x" * 65, "ü", "a\nb", "<script>"])
def test_a_request_without_a_good_id_gets_one(given: str) -> None:
    """One that can stand in a log and a header."""
    request = RequestFactory().get("/")
    request.META["HTTP_X_REQUEST_ID"] = given
    found, response = passed(request)
    assert found["request_id"] == response["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", response["X-Request-ID"])
    assert passed(request)[0]["request_id"] != found["request_id"]


def test_an_error_ends_the_origin_too() -> None:
    """The thread's next request is another one."""

    def view(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        AttributionMiddleware(view)(RequestFactory().get("/"))
    assert current_attribution().describe() == NOBODY


async def test_an_async_view_has_its_origin() -> None:
    """Each task its own."""

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(current_attribution().describe()["request_id"])

    middleware: Callable[[HttpRequest], Any] = AttributionMiddleware(view)
    request = AsyncRequestFactory().get("/", headers={"X-Request-ID": "r-1"})
    response = await middleware(request)
    assert (response.content, response["X-Request-ID"]) == (b"r-1", "r-1")
    assert current_attribution().describe() == NOBODY

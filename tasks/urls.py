"""The API. Every address may end with a slash or without one."""

from django.urls import include, re_path
from rest_framework.routers import SimpleRouter

from tasks import token_views
from tasks.problems import UnknownRoute
from tasks.sync import MeView, SyncView
from tasks.views import MembershipViewSet, TaskListViewSet, TaskViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("lists", TaskListViewSet, basename="list")
router.register(f"lists/(?P<list_pk>{MembershipViewSet.lookup_value_regex})/members", MembershipViewSet, "member")
router.register("tasks", TaskViewSet, basename="task")

urlpatterns = [
    re_path(r"^token/?$", token_views.ObtainView.as_view(), name="token"),
    re_path(r"^token/refresh/?$", token_views.RefreshView.as_view(), name="token-refresh"),
    re_path(r"^token/verify/?$", token_views.VerifyView.as_view(), name="token-verify"),
    re_path(r"^token/blacklist/?$", token_views.BlacklistView.as_view(), name="token-blacklist"),
    re_path(r"^me/?$", MeView.as_view(), name="me"),
    re_path(r"^sync/?$", SyncView.as_view(), name="sync"),
    re_path(r"^", include(router.urls)),
    re_path(r"^", UnknownRoute.as_view()),
]

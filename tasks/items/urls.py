"""The addresses of tasks."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from tasks.items.occurrences import OccurrencesView
from tasks.items.views import TaskViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("tasks", TaskViewSet, basename="task")

urlpatterns = [
    *router.urls,
    re_path(r"^tasks/(?P<pk>[0-9a-fA-F-]{36})/occurrences/?$", OccurrencesView.as_view(), name="task-occurrences"),
]

"""A REST API of tasks as the tutorials of REST framework and simplejwt build it, in one file, for Daphne and SQLite.

Run as a program it creates the tables, a person and fifty tasks, and prints an access token of that person.
"""

import os
import uuid
from datetime import timedelta
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application

settings.configure(
    SECRET_KEY="only-for-the-benchmark-and-long-enough-to-sign-tokens-with-it",
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["STOCK_DATABASE"]}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
        "PAGE_SIZE": 50,
    },
    SIMPLE_JWT={"ACCESS_TOKEN_LIFETIME": timedelta(days=1)},
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402 -- the settings come first
from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import include, path  # noqa: E402
from rest_framework import routers, serializers, viewsets  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402


class Task(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=500)
    notes = models.TextField(blank=True, default="")
    priority = models.IntegerField(default=0, choices=[(0, "none"), (1, "low"), (2, "medium"), (3, "high")])
    completed = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    due_time = models.TimeField(null=True, blank=True)
    due_zone = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 -- as in the application
    position = models.FloatField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "stock"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class TaskSerializer(serializers.ModelSerializer[Task]):
    class Meta:
        model = Task
        fields = "__all__"
        read_only_fields = ["created_by"]


class TaskViewSet(viewsets.ModelViewSet[Task]):
    serializer_class = TaskSerializer

    def get_queryset(self) -> Any:
        return Task._default_manager.filter(created_by=self.request.user)

    def perform_create(self, serializer: Any) -> None:
        serializer.save(created_by=self.request.user)


router = routers.SimpleRouter()
router.register("tasks", TaskViewSet, basename="task")
urlpatterns = [path("api/", include(router.urls))]
application = get_asgi_application()


def main() -> None:
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Task)
    person = User.objects.create_user("person", password="a long password for everybody")
    Task._default_manager.bulk_create(Task(title=f"Task {number}", created_by=person) for number in range(50))
    print(AccessToken.for_user(person))


if __name__ == "__main__":
    main()

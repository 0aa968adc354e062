from django.contrib import admin
from django.urls import include, path

from todo_project.health import alive, ready

urlpatterns = [
    path("livez", alive, name="livez"),
    path("readyz", ready, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", include("tasks.urls")),
    path("", include("realtime.urls")),
    path("", include("tasks.pages")),
]

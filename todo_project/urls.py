from django.contrib import admin
from django.urls import include, path

from todo_project.health import alive, ready
from todo_project.scraping import scrape

handler500 = "todo_project.outages.handler500"

urlpatterns = [
    path("livez", alive, name="livez"),
    path("readyz", ready, name="readyz"),
    path("metrics", scrape, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/", include("tasks.urls")),
    path("", include("realtime.urls")),
    path("", include("tasks.web.urls")),
]

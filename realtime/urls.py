from django.urls import path

from realtime.views import statistics, ticket

urlpatterns = [
    path("ws/stats", statistics, name="ws-stats"),
    path("ws/ticket", ticket, name="ws-ticket"),
]

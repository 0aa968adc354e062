from django.urls import re_path

from tasks.agenda.views import AssignedView, TodayView, UpcomingView

urlpatterns = [
    re_path(r"^today/?$", TodayView.as_view(), name="today"),
    re_path(r"^upcoming/?$", UpcomingView.as_view(), name="upcoming"),
    re_path(r"^assigned/?$", AssignedView.as_view(), name="assigned"),
]

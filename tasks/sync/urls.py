from django.urls import re_path

from tasks.sync.views import SyncView

urlpatterns = [re_path(r"^sync/?$", SyncView.as_view(), name="sync")]

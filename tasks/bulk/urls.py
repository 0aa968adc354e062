from django.urls import re_path

from tasks.bulk.views import BulkView

urlpatterns = [re_path(r"^tasks/bulk/?$", BulkView.as_view(), name="task-bulk")]

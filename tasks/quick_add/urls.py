from django.urls import re_path

from tasks.quick_add.views import QuickAddViewSet

urlpatterns = [re_path(r"^tasks/quick-add/?$", QuickAddViewSet.as_view({"post": "create"}), name="quick-add")]

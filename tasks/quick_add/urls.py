from django.urls import re_path

from tasks.quick_add.views import QuickAddViewSet

view = QuickAddViewSet.as_view({"post": "create"}, basename="task")  # as_view() ignores one of the class

urlpatterns = [re_path(r"^tasks/quick-add/?$", view, name="quick-add")]

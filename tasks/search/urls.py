from django.urls import re_path

from tasks.search.views import SearchView

urlpatterns = [re_path(r"^search/?$", SearchView.as_view(), name="search")]

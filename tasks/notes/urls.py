from django.urls import re_path

from tasks.notes.views import NotesView

urlpatterns = [re_path(r"^notes/?$", NotesView.as_view(), name="notes")]

from django.urls import re_path

from tasks.history.views import RestoreView, TaskHistoryView, TrashedView, TrashView, UndoView

ID = "(?P<pk>[0-9a-fA-F-]{36})"

urlpatterns = [
    re_path(rf"^tasks/{ID}/history/?$", TaskHistoryView.as_view(), name="task-history"),
    re_path(r"^trash/?$", TrashView.as_view(), name="trash"),
    re_path(rf"^trash/{ID}/?$", TrashedView.as_view(), name="trashed"),
    re_path(rf"^trash/{ID}/restore/?$", RestoreView.as_view(), name="restore"),
    re_path(r"^undo/?$", UndoView.as_view(), name="undo"),
    re_path(r"^redo/?$", UndoView.as_view(redo=True), name="redo"),
]

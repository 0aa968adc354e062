from django.contrib.auth.views import LogoutView
from django.urls import path

from tasks.web.views import IndexPage, LoginPage, OfflinePage, WorkerScript

urlpatterns = [
    path("", IndexPage.as_view(), name="index"),
    path("worker.js", WorkerScript.as_view(), name="worker"),
    path("offline/<str:version>", OfflinePage.as_view(), name="offline"),
    path("login", LoginPage.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
]

from django.contrib.auth.views import LogoutView
from django.urls import path

from tasks.web.views import IndexPage, LoginPage

urlpatterns = [
    path("", IndexPage.as_view(), name="index"),
    path("login", LoginPage.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
]

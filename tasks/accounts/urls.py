from django.urls import re_path

from tasks.accounts import token_views
from tasks.accounts.views import MeView, PasswordView

urlpatterns = [
    re_path(r"^token/?$", token_views.ObtainView.as_view(), name="token"),
    re_path(r"^token/refresh/?$", token_views.RefreshView.as_view(), name="token-refresh"),
    re_path(r"^token/verify/?$", token_views.VerifyView.as_view(), name="token-verify"),
    re_path(r"^token/blacklist/?$", token_views.BlacklistView.as_view(), name="token-blacklist"),
    re_path(r"^me/?$", MeView.as_view(), name="me"),
    re_path(r"^me/password/?$", PasswordView.as_view(), name="me-password"),
]

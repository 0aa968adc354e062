"""The web page and its sign-in. The page holds no data but the description of its kinds; its modules fetch the rest."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.generic import TemplateView

from realtime.events import live
from tasks.accounts.forms import SignInForm
from tasks.accounts.models import User
from tasks.web.first_inbox import begin_inbox


@method_decorator([gzip_page, never_cache, ensure_csrf_cookie], name="dispatch")
class IndexPage(LoginRequiredMixin, TemplateView):
    """The page. Its person has an Inbox, where it adds what is meant for no list."""

    template_name = "tasks/index.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        begin_inbox(cast("User", request.user))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(csrf_cookie=settings.CSRF_COOKIE_NAME, kinds=live.describe(), **kwargs)


class LoginPage(LoginView):
    """A person who is signed in is sent on, but a form with a name and a password always counts: a page whose session
    was replaced by another person's asks for its own person's again.
    """

    template_name = "tasks/login.html"
    authentication_form = SignInForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.redirect_authenticated_user = request.method != "POST"

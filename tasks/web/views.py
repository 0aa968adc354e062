"""The web page and its sign-in. The page holds no data but the description of its kinds; its modules fetch the rest."""

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.generic import TemplateView, View

from tasks.accounts.forms import SignInForm
from tasks.accounts.models import User
from tasks.web.first_inbox import begin_inbox
from tasks.web.offline import is_collected, kept_release, script
from tasks.web.page import page_context


@method_decorator([gzip_page, never_cache, ensure_csrf_cookie], name="dispatch")
class IndexPage(LoginRequiredMixin, TemplateView):
    """The page. Its person has an Inbox, where it adds what is meant for no list."""

    template_name = "tasks/index.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        begin_inbox(cast("User", request.user))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        worker = reverse("worker") if kept_release() else ""
        return super().get_context_data(**page_context(), worker=worker, **kwargs)


@method_decorator([gzip_page, never_cache], name="dispatch")
class WorkerScript(View):
    """The service worker. It stands at the root, as it may answer for no path above its own."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not is_collected():
            raise Http404
        release = kept_release()
        return HttpResponse(release.script if release else script(None), content_type="text/javascript")


@method_decorator([gzip_page, never_cache], name="dispatch")
class OfflinePage(View):
    """The page without a person, the same for everybody, of the release that has this version."""

    def get(self, request: HttpRequest, version: str) -> HttpResponse:
        release = kept_release()
        if release is None or version != release.version:
            raise Http404
        return HttpResponse(release.page)


class LoginPage(LoginView):
    """A person who is signed in is sent on, but a form with a name and a password always counts: a page whose session
    was replaced by another person's asks for its own person's again.
    """

    template_name = "tasks/login.html"
    authentication_form = SignInForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.redirect_authenticated_user = request.method != "POST"

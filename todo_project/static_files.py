"""Serves the page's files, and nothing that is hidden."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Leaves out names that begin with a dot, of files and of folders: `.env` and `.git` are never the page's, wherever
    somebody put them.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response if "/." in request.path_info else super().__call__
        response: HttpResponseBase = answer(request)
        return response

"""The short way for what phones send: past everything that serves pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

PREFIX = "/api/sync/v1/"


class ShortWay:
    """Stands behind `SecurityMiddleware` and takes the protocol's requests straight to their views.

    No session, language, form or page policy concerns them: a token opens them, they answer in JSON, bound what they
    read by themselves, and what they change is in the ledger, which says who did it. The rest of the way would cost as
    much as judging a batch.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.get_host()  # refuses names that are not ours
        view, args, kwargs = resolve(request.path_info)
        response: HttpResponse = view(request, *args, **kwargs)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

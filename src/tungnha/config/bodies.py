"""What anybody may send: how much at once, and no byte that a database cannot keep."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def bounded(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse (413) a body that is too large before any of it is read.

    Files are held in memory, and the check against forged forms reads them before a page looks at who sent them. So
    whoever has not signed in may send no more than a form without files.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get(
            "QUERY_STRING", ""
        ):  # PostgreSQL keeps no such text, and nobody means it
            return HttpResponse(status=400)
        sent = request.META.get("CONTENT_LENGTH") or "0"
        size = int(sent) if sent.isdecimal() else 0  # as much as Django would read
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            most = settings.LARGEST_REQUEST if request.user.is_authenticated else 0
            if size > most:
                return HttpResponse(status=413)
        return get_response(request)

    return answer

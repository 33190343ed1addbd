"""The app's own files: one page, its service worker, its manifest. They hold nobody's data, so anybody may load them."""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from tungnha.field.onefile import joined
from tungnha.outreach import positions
from tungnha.outreach.visits import AGAIN, HANDS_LABELS, OUTCOME_LABELS
from tungnha.register.models import Resident

_SOURCES = Path(__file__).parent / "static" / "field"


@dataclass(frozen=True)
class Page:
    """The app in one language: page, style and script in one answer, the same for everybody."""

    html: str
    style: str
    script: str

    @property
    def version(self) -> str:
        """Changes whenever the page does, so that phones fetch the new one."""
        return hashlib.sha256(self.html.encode()).hexdigest()[:16]


@cache
def _page(language: str) -> Page:
    style, script = (_SOURCES / "field.css").read_text(), joined(_SOURCES, "app")
    with translation.override(language):
        context = {
            "style": style,
            "script": script,
            "outcomes": [
                {"name": one.value, "label": label, "again": one in AGAIN}
                for one, label in OUTCOME_LABELS.items()
            ],
            "steps": Resident.Step.choices[1:],
            "stamp_consent": "\n".join(positions.wording().told()),
            "hands": [(one.value, label) for one, label in HANDS_LABELS.items()],
        }
        return Page(render_to_string("field/app.html", context), style, script)


def _here() -> Page:
    return _page(translation.get_language() or "")


def _version(_request: HttpRequest) -> str:
    return _here().version


def _only(text: str) -> str:
    """What the security policy allows of inline code: exactly this text (CSP level 3, hash sources)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@login_not_required
@gzip_page
@ensure_csrf_cookie
@require_safe
def app(request: HttpRequest) -> HttpResponseBase:
    """The app: every word it shows is in this page, and the script and style too, so that one answer is enough to begin.

    A browser keeps it and asks whether it is still the same; that answer, too, says what the policy allows, or the kept
    page would come back with a policy that forbids its script.
    """
    page = _here()
    response = HttpResponse(
        page.html, headers={"Cache-Control": "no-cache", "ETag": f'"{_version(request)}"'}
    )
    answer: HttpResponseBase = (
        get_conditional_response(request, etag=response["ETag"], response=response) or response
    )
    allowed = {"script-src": [_only(page.script)], "style-src": [_only(page.style)]}
    return csp_update(allowed)(lambda _request: answer)(request)


@login_not_required
@never_cache
@gzip_page
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the app for when there is no network. Its address is inside the path that it serves."""
    context = {"version": _version(request), "files": json.dumps([static("field/icons/icon.svg")])}
    return render(request, "field/sw.js", context, content_type="text/javascript")


@login_not_required
@gzip_page
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What makes the app installable (W3C, Web Application Manifest). The theme's colours are those of field.css."""
    del request
    icons = [
        {"src": static(f"field/icons/{name}"), "sizes": sizes, "type": kind, "purpose": purpose}
        for name, sizes, kind, purpose in (
            ("icon-192.png", "192x192", "image/png", "any"),
            ("icon-512.png", "512x512", "image/png", "any"),
            ("maskable-512.png", "512x512", "image/png", "maskable"),
            ("icon.svg", "any", "image/svg+xml", "any"),
        )
    ]
    facts = {
        "id": "/di/",
        "name": _("Từng Nhà: my walk"),
        "short_name": "Từng Nhà",
        "description": _("A volunteer's walk from door to door, also without a network."),
        "lang": translation.get_language(),
        "dir": "ltr",
        "start_url": "/di/",
        "scope": "/di/",
        "display": "standalone",
        "background_color": "#faf7f0",
        "theme_color": "#0f4c4a",
        "icons": icons,
    }
    return JsonResponse(facts, content_type="application/manifest+json")

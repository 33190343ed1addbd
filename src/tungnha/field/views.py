"""The app's own files: one page, its service worker, its manifest. They hold nobody's data, so anybody may load them."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from tungnha.outreach import positions
from tungnha.outreach.visits import AGAIN, HANDS_LABELS, OUTCOME_LABELS
from tungnha.register.models import Resident

_HERE = Path(__file__).parent
_FILES = sorted(path.name for path in (_HERE / "static" / "field").iterdir())


@cache
def _version(language: str) -> str:
    """Changes whenever a file of the app does, so that phones fetch the new ones."""
    digest = hashlib.sha256(language.encode())
    for path in [
        *sorted((_HERE / "static").rglob("*.*")),
        *sorted(_HERE.rglob("*.html")),
        *sorted(_HERE.rglob("*.mo")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@login_not_required
@ensure_csrf_cookie
@gzip_page
@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """The app: every word it shows is in this page."""
    context = {
        "modules": [static(f"field/{name}") for name in _FILES if name.endswith(".js") and name != "app.js"],
        "outcomes": [
            {"name": one.value, "label": label, "again": one in AGAIN}
            for one, label in OUTCOME_LABELS.items()
        ],
        "steps": Resident.Step.choices[1:],
        "stamp_consent": "\n".join(positions.wording().told()),
        "hands": [(one.value, label) for one, label in HANDS_LABELS.items()],
    }
    return render(request, "field/app.html", context)


@login_not_required
@never_cache
@gzip_page
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the app for when there is no network. Its address is inside the path that it serves."""
    files = [static(f"field/{name}") for name in _FILES] + [static("office/mark.svg")]
    context = {"version": _version(translation.get_language() or ""), "files": json.dumps(files)}
    return render(request, "field/sw.js", context, content_type="text/javascript")


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What makes the app installable."""
    del request
    icon = {"src": static("office/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    facts = {
        "name": _("Từng Nhà: my walk"),
        "short_name": "Từng Nhà",
        "lang": translation.get_language(),
        "start_url": "/di/",
        "scope": "/di/",
        "display": "standalone",
        "background_color": "#faf7f0",
        "theme_color": "#0f4c4a",
        "icons": [icon],
    }
    return JsonResponse(facts, content_type="application/manifest+json")

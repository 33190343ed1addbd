"""From where a request comes."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """The address of who asks, past the proxies that the installation says stand before it (`proxies`).

    Anybody may send `X-Forwarded-For`; only what our own proxies appended to it counts.
    """
    told = request.headers.get("X-Forwarded-For", "")
    chain = [*(part.strip() for part in told.split(",") if part.strip()), request.META.get("REMOTE_ADDR", "")]
    found = chain[max(0, len(chain) - 1 - settings.TUNGNHA_PROXIES)]
    try:
        return str(ip_address(found))
    except ValueError:
        return None


def agent_of(request: HttpRequest) -> str:
    """What the browser says it is."""
    return request.headers.get("User-Agent", "")[:150]

"""The four requests of the protocol: who asks, what they send, what is done, what is answered."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from csp.decorators import csp_exempt
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from tungnha.ledger import devices, kinds, queries, services, stored
from tungnha.ledger.devices import RefusedError, Session
from tungnha.ledger.entries import Recorded, write_body
from tungnha.ledger.sync import clock, packing, wire
from tungnha.ledger.sync.problems import ProblemError

T = TypeVar("T", bound=msgspec.Struct)
_Request = Callable[[HttpRequest, Session], object]


def door(**methods: _Request) -> Callable[[HttpRequest], HttpResponseBase]:
    """An address that a phone's token opens and that answers in JSON.

    No cookie opens it, so it needs no protection against forged requests; it gives no page, so it needs no policy for one.
    """

    @csrf_exempt
    @csp_exempt()
    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        try:
            return _json(request, methods[request.method](request, _session(request)))
        except ProblemError as problem:
            return _refusal(problem)
        except OperationalError:
            return _refusal(ProblemError(503, "busy"))

    return view


def _session(request: HttpRequest) -> Session:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ProblemError(401, "no_token")
    try:
        return devices.find(token)
    except RefusedError as error:
        raise ProblemError(401, error.refusal) from error


def _json(request: HttpRequest, answer: object, status: int = 200) -> HttpResponse:
    data, encoding = packing.pack(msgspec.json.encode(answer), request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(data, content_type="application/json", status=status)
    if encoding:
        response["Content-Encoding"] = encoding
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "no-store"
    return response


def _refusal(problem: ProblemError) -> HttpResponse:
    body = msgspec.json.encode(wire.Problem(problem.status, problem.code, problem.detail))
    response = HttpResponse(body, content_type="application/problem+json", status=problem.status)
    response["Cache-Control"] = "no-store"
    if problem.status == 401:
        response["WWW-Authenticate"] = f'Bearer error="{problem.code}"'
    if problem.status == 503:
        response["Retry-After"] = "5"
    return response


def sent(request: HttpRequest, expected: msgspec.json.Decoder[T]) -> T:
    """What a phone sent, unpacked and read. Raises ProblemError."""
    data = request.read(wire.MOST_COMPRESSED + 1)
    if len(data) > wire.MOST_COMPRESSED:
        raise ProblemError(413, "too_large", f"more than {wire.MOST_COMPRESSED} bytes")
    if len(data) < int(request.headers.get("Content-Length") or 0):
        raise ProblemError(400, "truncated")
    encoding = request.headers.get("Content-Encoding", "").lower()
    try:
        return expected.decode(packing.unpack(data, encoding, wire.MOST_DECOMPRESSED))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError(400, "malformed", str(error)) from error


def _head(of: tuple[int, bytes]) -> wire.Head:
    position, digest = of
    return wire.Head(position, digest.hex())


_upload = msgspec.json.Decoder(wire.Upload)
_asked = msgspec.json.Decoder(wire.Asked)


def upload(request: HttpRequest, session: Session) -> wire.Uploaded:
    """Take a batch; answers once all of it is durable."""
    received_at = timezone.now()
    batch = sent(request, _upload)
    if len(batch.entries) > wire.MOST_ENTRIES:
        raise ProblemError(413, "too_many", f"more than {wire.MOST_ENTRIES} entries")
    offset = clock.offset(batch.sent_at, received_at)
    raw = [bytes(one) for one in batch.entries]
    taken = services.receive(session, raw, received_at=received_at, clock_offset=offset)
    return wire.Uploaded(received_at, offset, _head(taken.head), taken.answers)


def download(request: HttpRequest, session: Session) -> wire.Download:
    """What is new about the phone's doors since a position."""
    page = queries.news(
        session,
        after=_number(request, "after"),
        most=min(_number(request, "limit", wire.MOST_NEWS), wire.MOST_NEWS),
    )
    return wire.Download(
        _head(stored.head()), [_news(entry, session) for entry in page.entries], page.after, page.more
    )


def ask(request: HttpRequest, session: Session) -> wire.Known:
    """What the server durably has of some ids."""
    found = queries.known(session, sent(request, _asked).ids)
    held = [wire.HeldBack(one, reason) for one, reason in found.held.items()]
    return wire.Known(_head(stored.head()), found.accepted, held, found.unknown)


def look(request: HttpRequest, session: Session) -> wire.State:
    """The server's clock, its head, and whether it lost what it once had."""
    position, digest = _number(request, "position"), request.GET.get("hash", "")
    facts = wire.SessionFacts(session.pk, session.campaign, session.unit, session.areas, session.expires_at)
    rolled_back = bool(position) and stored.hash_at(position).hex() != digest
    return wire.State(timezone.now(), _head(stored.head()), rolled_back, facts)


def _number(request: HttpRequest, name: str, default: int = 0) -> int:
    text = request.GET.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise ProblemError(400, "malformed", f"{name}: a whole number")
    return int(text)


def _news(entry: Recorded, session: Session) -> wire.News:
    kind = kinds.find(entry.kind, entry.version)
    assert kind is not None
    assert kind.shared is not None
    body = msgspec.Raw(write_body(kind.shared(entry.body)).encode())
    return wire.News(
        entry.position, entry.uuid, entry.kind, entry.version, entry.when, entry.actor == session.user, body,
        entry.unit, entry.household, entry.corrects,
    )  # fmt: skip


entries = door(GET=download, POST=upload)
known = door(POST=ask)
state = door(GET=look)

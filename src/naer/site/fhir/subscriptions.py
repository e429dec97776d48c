"""Subscriptions: systems ask to be told of what is new or changed (R4, rest-hook)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from naer.events.instant import Instant
from naer.messages.fhir.elements import ID, Element, versioned
from naer.messages.fhir.shape import faults
from naer.messages.fhir.subscription import JSON, SHAPE, headers, subscription
from naer.site.fhir import bodies, criteria, values
from naer.site.fhir.answers import Refused
from naer.site.fhir.caller import READ, Caller
from naer.site.fhir.models import Known, Subscription
from naer.site.fhir.parameters import codings, instants, text, text_id
from naer.site.fhir.shelves import Rows
from naer.site.fhir.taking import Writing, Written, creates, require_version, updates
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, by_name, register
from naer.site.fhir.writing import DELETES
from naer.site.messaging.record import pack, unpack

KIND = "Subscription"
MOST = 50
"""Subscriptions of one system."""
_ENDPOINT = "Subscription.channel.endpoint"
_LONGEST = 500
_ADDRESS = 2000
Status = Subscription.Status


def resource(row: Subscription) -> Element:
    """A subscription as it is told."""
    told = subscription(
        row.key, row.status, row.reason, row.criteria, row.endpoint, row.payload, row.end, row.error
    )
    return versioned(told, row.changed)


def header_of(row: Subscription) -> dict[str, str]:
    """The headers sent with every notice."""
    lines = msgspec.json.decode(unpack(bytes(row.header)), type=list[str]) if row.header else []
    return headers(lines) or {}


def take(given: Element, writing: Writing) -> Written:
    """A new subscription; it is requested until what is there already is known, then active.

    Raises:
        Refused: 403 when scopes do not let the system read what it asks to be told; 422 for what is not
            understood or not offered; 429 when it has too many.
    """
    _check(given, writing)
    with transaction.atomic():
        if _own(writing.caller).exclude(status=Status.OFF).count() >= MOST:
            raise Refused(429, "throttled", "this system has 50 subscriptions; turn some off")
        row = Subscription(
            key=writing.new_id(),
            user=writing.caller.user,
            client=writing.caller.client,
            scopes=" ".join(sorted(writing.caller.scopes or ())),
            created=writing.now,
        )
        _set(row, given, writing)
        row.save(force_insert=True)
        return Written(resource(row))


def change(given: Element, writing: Writing) -> Written:
    """Other criteria or channel, or another status: `off` ends it, `requested` and `active` begin it anew.

    Without headers in what comes, those that are there stay.

    Raises:
        Refused: as `take`; 404 for one that is not the caller's, 412 when it has changed.
    """
    _check(given, writing)
    with transaction.atomic():
        row = _one(writing.caller, writing.key)
        require_version(writing, resource(row))
        _set(row, given, writing)
        row.scopes = " ".join(sorted(writing.caller.scopes or ()))
        row.save()
        if row.status == Status.REQUESTED:
            Known.objects.filter(subscription=row).delete()
        return Written(resource(row), new=False)


def remove(_: HttpRequest, caller: Caller, key: str) -> HttpResponse:
    """End a subscription and forget it."""
    with transaction.atomic():
        _one(caller, key).delete()
    return HttpResponse(status=204)


def _check(given: Element, writing: Writing) -> None:
    if writing.caller.scopes is None:
        raise Refused(403, "forbidden", "subscriptions are for systems with a token")
    bodies.refuse(faults(given, SHAPE))
    channel = given["channel"]
    if channel["type"] != "rest-hook":
        raise Refused(422, "not-supported", "rest-hook is offered", "Subscription.channel.type")
    if channel.get("payload", "").partition(";")[0] not in ("", JSON):
        raise Refused(
            422, "not-supported", "application/fhir+json, or nothing", "Subscription.channel.payload"
        )
    if headers(channel.get("header", ())) is None:
        raise Refused(
            422, "value", "write Name: value, and none that transport sets", "Subscription.channel.header"
        )
    if len(given["reason"]) > _LONGEST:
        raise Refused(422, "too-long", "has more than 500 characters", "Subscription.reason")
    if not reachable(channel.get("endpoint", "")):
        raise Refused(
            422,
            "not-supported",
            "must be an https address whose host is listed in NAER_HOOK_HOSTS of this installation",
            _ENDPOINT,
        )
    asked = Asked(writing.caller, writing.now, writing.base)
    writing.caller.require(criteria.understood(given["criteria"], asked).kind.name, READ)


def _set(row: Subscription, given: Element, writing: Writing) -> None:
    channel = given["channel"]
    row.criteria, row.reason = given["criteria"], given["reason"]
    row.endpoint, row.payload = channel["endpoint"], JSON if channel.get("payload") else ""
    if "header" in channel:
        row.header = pack(msgspec.json.encode(channel["header"]))
    row.end = _end(given)
    row.base, row.changed, row.error = writing.base, writing.now, ""
    row.status = Status.OFF if given["status"] == Status.OFF else Status.REQUESTED


def _end(given: Element) -> Instant | None:
    if "end" not in given:
        return None
    try:
        return values.kept(given["end"], 0)
    except Refused:
        raise Refused(422, "value", "is no time between 1900 and 2199", "Subscription.end") from None


def reachable(endpoint: str) -> bool:
    """Whether notices may go to an address: only hosts that the installation lists, by https.

    In the demo loopback is listed, and http may be used to it.
    """
    if not endpoint or len(endpoint) > _ADDRESS or not endpoint.isascii() or not endpoint.isprintable():
        return False
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.username or parts.password or parts.fragment or parts.query or port == 0:
        return False
    here = host in ("localhost", "127.0.0.1", "::1")
    secure = parts.scheme == "https" or (parts.scheme == "http" and here and settings.MODE != "production")
    return secure and host in settings.HOOK_HOSTS


def _own(caller: Caller) -> QuerySet[Subscription]:
    return Subscription.objects.filter(user=caller.user, client=caller.client)


def _one(caller: Caller, key: str) -> Subscription:
    found = (
        _own(caller).select_for_update().filter(pk=key).first()
        if caller.scopes is not None and ID.fullmatch(key)
        else None
    )
    if found is None:
        raise Http404
    return found


def _rows(asked: Asked, _: Query) -> QuerySet[Subscription]:
    """Those of the caller; of nobody else's it tells nothing."""
    return _own(asked.caller).filter(~Q(client=""))


def _made(rows: Sequence[Subscription], _: Asked) -> list[Found | None]:
    return [Found(resource(row)) for row in rows]


register(
    ResourceType(
        KIND,
        "What a system asked to be told of. Each system sees its own.",
        Rows(_rows, _made, "key", text_id, text_id),
        by_name(
            Parameter("status", "token", "its status", of=codings("status")),
            Parameter("criteria", "string", "its criteria", of=text("criteria")),
            Parameter("url", "uri", "where notices go", of=text("channel", "endpoint")),
            Parameter("_lastUpdated", "date", "when it last changed", instants("changed")),
        ),
    )
)
creates(KIND, take, imported=False)
updates(KIND, change, imported=False)
DELETES[KIND] = remove

"""Telling subscribers: what is new or changed since the last look goes into the outbox, each version once.

A look asks for the citizens with something new in the log or a new observation, searches the criteria among
them as the subscriber would, and compares what it finds with the versions the subscriber knows. So nobody is
told of anything they could not read themselves, and a version is told once, however often it is found.
"""

from collections.abc import Callable, Iterator, Sequence

import structlog
from django.db import transaction

from naer.events.instant import MINUTE, Instant
from naer.messages.fhir.elements import encoded
from naer.site.access import rules
from naer.site.fhir import clients, criteria
from naer.site.fhir.answers import Refused
from naer.site.fhir.caller import READ, Caller
from naer.site.fhir.models import Known, StoredObservation, Subscription
from naer.site.fhir.types import Asked, Found, Query, Wanted
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.record import pack
from naer.site.pathways.models import LoggedEvent

STANDARD, TRANSPORT, FORMAT = "fhir-subscription", "rest-hook", "json"
PAGE, CITIZENS = 200, 100
"""Resources, and citizens, looked at together."""
MOST_WAITING = 10_000
"""With so many notices that cannot be handed over a subscription is turned off."""
_OVERLAP = MINUTE
Status = Subscription.Status
_log = structlog.get_logger("naer.fhir")


def caller_of(row: Subscription) -> Caller:
    """Who subscribed, with those scopes of that time that the system still has."""
    return Caller(row.user, clients.still(row.scopes or "", row.client), row.client)


def tell(clock: Callable[[], Instant], new_id: Callable[[], str]) -> int:
    """Look once for every subscription; how many notices were put into the outbox."""
    told = 0
    running = Subscription.objects.select_related("user__organisation").exclude(status=Status.OFF)
    for row in running.order_by("pk"):
        now = clock()
        try:
            told += _look(row, now, new_id)
        except Refused as refused:
            _turn_off(row, f"the criteria are not understood any more: {refused}", now)
        except Exception:
            _log.exception("a subscription was not looked at", subscription=row.key)
    return told


def _look(row: Subscription, now: Instant, new_id: Callable[[], str]) -> int:
    if row.end is not None and row.end <= now:
        return _turn_off(row, "", now)
    if not row.user.is_active:
        return _turn_off(row, "the system may not sign in any more", now)
    asked = Asked(caller_of(row), now, row.base)
    found = criteria.understood(row.criteria, asked)
    if not asked.caller.allowed(found.kind.name, READ):
        return _turn_off(row, "the scopes do not allow it any more", now)
    newest = LoggedEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    told = 0
    if row.status == Status.REQUESTED:
        for some in _all(asked, found):
            _know(row, some)
    else:
        for keys in _batches(_concerned(row)):
            for some in _among(asked, found, keys):
                told += _put(row, some, now, new_id)
    moved = {"events": row.newest, "newest": newest, "looked": now}
    begun = {"status": Status.ACTIVE, "events": newest} if row.status == Status.REQUESTED else {}
    same = Subscription.objects.filter(pk=row.pk, changed=row.changed)
    same.update(**moved | begun)
    if told and _waiting(row) > MOST_WAITING:
        _turn_off(row, f"more than {MOST_WAITING} notices could not be handed over", now)
    return told


def _turn_off(row: Subscription, error: str, now: Instant) -> int:
    Subscription.objects.filter(pk=row.pk).update(status=Status.OFF, error=error[:300], changed=now)
    return 0


def _waiting(row: Subscription) -> int:
    open_ = (OutgoingMessage.State.WAITING, OutgoingMessage.State.FAILED)
    return OutgoingMessage.objects.filter(answers=reference(row), state__in=open_).count()


def reference(row: Subscription) -> str:
    """What the outbox calls the subscription of a notice."""
    return f"Subscription/{row.key}"


def _concerned(row: Subscription) -> list[str]:
    """The citizens with something new since the last look."""
    since = row.looked - _OVERLAP
    found: set[str] = set(
        LoggedEvent.objects.filter(seq__gt=row.events).values_list("citizen", flat=True).distinct()
    )
    if not row.looked:
        return sorted(found)
    observed = StoredObservation.objects.filter(stored__gte=since)
    found.update(observed.values_list("citizen_id", flat=True).distinct())
    return sorted(found)


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(keys), CITIZENS):
        yield keys[first : first + CITIZENS]


def _all(asked: Asked, found: criteria.Criteria) -> Iterator[Sequence[Found]]:
    yield from _pages(asked, found, found.query)


def _among(asked: Asked, found: criteria.Criteria, keys: Sequence[str]) -> Iterator[Sequence[Found]]:
    """What meets the criteria and is about some citizens."""
    query = found.query
    if found.kind.name == criteria.PATIENT:
        ids = frozenset(keys) if query.ids is None else query.ids & frozenset(keys)
        query = Query(query.wanted, ids)
    else:
        about = Wanted(found.kind.parameters["patient"], "", tuple(keys))
        query = Query((*query.wanted, about), query.ids)
    yield from _pages(asked, found, query)


def _pages(asked: Asked, found: criteria.Criteria, query: Query) -> Iterator[Sequence[Found]]:
    after: str | None = ""
    while after is not None:
        page = found.kind.shelf.find(asked, query, after, PAGE)
        yield page.found
        after = page.next


def _name(one: Found) -> str:
    return f"{one.resource['resourceType']}/{one.resource['id']}"


def _version(one: Found) -> str:
    return str(one.resource["meta"]["versionId"])


def _know(row: Subscription, found: Sequence[Found]) -> None:
    """The subscriber knows these: what is there when it subscribes is read, not told."""
    Known.objects.bulk_create(
        [Known(subscription=row, resource=_name(one), version=_version(one)) for one in found],
        update_conflicts=True,
        unique_fields=["subscription", "resource"],
        update_fields=["version"],
    )


def _put(row: Subscription, found: Sequence[Found], now: Instant, new_id: Callable[[], str]) -> int:
    """Put what the subscriber does not know into the outbox, in the transaction that remembers it."""
    with transaction.atomic():
        if Subscription.objects.select_for_update().filter(pk=row.pk).first() is None:
            return 0
        known = dict(
            Known.objects.filter(subscription=row, resource__in=[_name(one) for one in found]).values_list(
                "resource", "version"
            )
        )
        new = [one for one in found if known.get(_name(one)) != _version(one)]
        if not new:
            return 0
        _know(row, new)
        notices = [_notice(row, one, now, new_id()) for one in (new if row.payload else new[:1])]
        OutgoingMessage.objects.bulk_create(notices)
        seen = {one.citizen for one in new if one.citizen} if row.payload else set()
        rules.looked_at(row.user, seen, reference(row), now)
    return len(notices)


def _notice(row: Subscription, one: Found, now: Instant, key: str) -> OutgoingMessage:
    return OutgoingMessage(
        message_id=key,
        kind="subscription",
        standard=STANDARD,
        type=one.resource["resourceType"],
        receiver=row.user.organisation_id or "",
        citizen_id=one.citizen if row.payload and one.citizen else None,
        answers=reference(row),
        by=row.user.get_username()[:64],
        created=now,
        transport=TRANSPORT,
        next_attempt=now,
        format=FORMAT,
        content=pack(encoded(one.resource) if row.payload else b""),
    )

"""Observations that systems and people write: taken in whole, sealed, found by whoever may see them."""

import hashlib
from collections.abc import Sequence

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from naer.events.instant import MINUTE, Instant
from naer.messages.fhir.elements import Element, encoded, versioned
from naer.messages.fhir.observation import wrong
from naer.site.access import rules
from naer.site.fhir import bodies, values
from naer.site.fhir.answers import Refused
from naer.site.fhir.identified import patient_parameter
from naer.site.fhir.models import StoredObservation
from naer.site.fhir.parameters import codings, instants, named, span, text_id
from naer.site.fhir.shelves import Rows
from naer.site.fhir.taking import Writing, Written, creates, target
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, by_name, register
from naer.site.messaging.record import pack, unpack
from naer.site.pathways.actor import organisation_of

KIND = "Observation"
_AHEAD = 5 * MINUTE
"""How much the clock of another system may be ahead."""
_NOT_OURS = frozenset({"versionId", "lastUpdated"})


def resource(row: StoredObservation) -> Element:
    """A stored observation as it is told."""
    found: Element = bodies.parsed(unpack(bytes(row.content)))
    return versioned(found, row.stored)


def take(given: Element, writing: Writing) -> Written:
    """Store an observation about a citizen that the caller may record about.

    The same one again (by its first identifier, from the same organisation) is stored once.

    Raises:
        Refused: 422 for what has not the shape of an Observation, is about nobody the caller may record
            about, or lies in the future; 409 for an identifier that stands on another one.
    """
    bodies.refuse(wrong(given))
    user, now = writing.caller.user, writing.now
    key = target(given["subject"], "Patient", writing, "Observation.subject")
    citizen = rules.visible_citizens(user, now, "record").filter(pk=key).first()
    if citizen is None:
        raise Refused(422, "not-found", "is nobody you may record about", "Observation.subject")
    at = _effective(given, now)
    organisation = organisation_of(user) or ""
    kept = {name: value for name, value in given.items() if name not in ("id", "meta")}
    kept["subject"] = {**given["subject"], "reference": f"Patient/{citizen.key}"}
    meta = {name: value for name, value in given.get("meta", {}).items() if name not in _NOT_OURS}
    kept = kept | ({"meta": meta} if meta else {})
    identifier = _identifier(given, organisation)
    row = StoredObservation(
        key=writing.new_id(),
        citizen=citizen,
        at=at,
        stored=now,
        organisation=organisation,
        by=user.get_username(),
        identifier=identifier,
        code=_code(given),
    )
    row.content = pack(encoded(kept | {"id": row.key}))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            rules.look(user, citizen, "record", f"{KIND}/{row.key}", now)
    except IntegrityError:
        return _again(identifier, kept)
    return Written(resource(row))


def _again(identifier: str, kept: Element) -> Written:
    """The observation that was stored before under the same identifier."""
    before = StoredObservation.objects.filter(identifier=identifier).first() if identifier else None
    if before is None:
        raise Refused(409, "conflict", "it could not be stored; try again")
    known: Element = bodies.parsed(unpack(bytes(before.content)))
    if encoded(kept | {"id": before.key}) != encoded(known):
        raise Refused(
            409,
            "duplicate",
            "stands on another observation of the same organisation",
            "Observation.identifier",
        )
    return Written(resource(before), new=False)


def _effective(given: Element, now: Instant) -> Instant:
    """When it was made, as far as it says so."""
    written = given.get("effectiveDateTime") or given.get("effectiveInstant")
    written = written or given.get("effectivePeriod", {}).get("start") or given.get("issued")
    if not written:
        return now
    path = "Observation.effective"
    try:
        at = values.kept(written, now)
    except Refused:
        raise Refused(422, "value", "is no time between 1900 and 2199", path) from None
    if at > now + _AHEAD:
        raise Refused(422, "value", "lies in the future", path)
    return at


def _identifier(given: Element, organisation: str) -> str:
    for one in given.get("identifier", ()):
        if one.get("value"):
            parts = [organisation, one.get("system", ""), one["value"]]
            return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
    return ""


def _code(given: Element) -> str:
    for one in given["code"].get("coding", ()):
        return f"{one.get('system', '')}|{one.get('code', '')}"[:200]
    return ""


def _rows(asked: Asked, _: Query) -> QuerySet[StoredObservation]:
    seen = rules.about_visible(asked.caller.user, asked.now)
    return StoredObservation.objects.filter(seen)


def _made(rows: Sequence[StoredObservation], _: Asked) -> list[Found | None]:
    return [Found(resource(row), row.citizen_id) for row in rows]


register(
    ResourceType(
        KIND,
        "What was measured or found about a citizen, as systems and people wrote it.",
        Rows(_rows, _made, "key", text_id, text_id),
        by_name(
            patient_parameter("patient"),
            patient_parameter("subject"),
            Parameter("code", "token", "what was observed", of=codings("code")),
            Parameter("category", "token", "what kind of observation", of=codings("category")),
            Parameter("status", "token", "its status", of=codings("status")),
            Parameter("identifier", "token", "an identifier of it", of=codings("identifier")),
            Parameter(
                "date",
                "date",
                "when it was made",
                of=lambda one: [
                    *span("effectiveDateTime")(one),
                    *span("effectiveInstant")(one),
                    *span("effectivePeriod")(one),
                ],
            ),
            Parameter(
                "performer",
                "reference",
                "who made it",
                of=named("performer"),
                targets=("Organization", "Patient"),
            ),
            Parameter("_lastUpdated", "date", "when it was stored", instants("stored")),
        ),
        {
            "patient": ("subject", ("Patient",)),
            "subject": ("subject", ("Patient",)),
            "performer": ("performer", ("Organization",)),
        },
    )
)
creates(KIND, take)

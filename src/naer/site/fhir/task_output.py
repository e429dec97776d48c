"""Task output: an obligation is met, or waived, by a system that says so (PUT /fhir/Task/id)."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from naer.events.instant import MINUTE, Instant, text
from naer.events.kinds import KINDS
from naer.messages.fhir.elements import Element, system
from naer.messages.fhir.shape import Shape, faults
from naer.site.access import rules
from naer.site.fhir import bodies, values
from naer.site.fhir.answers import Refused
from naer.site.fhir.parameters import number
from naer.site.fhir.taking import Writing, Written, require_version, updates
from naer.site.fhir.types import TYPES, Asked
from naer.site.pathways import actions
from naer.site.pathways.forms import refuse_numbers
from naer.site.pathways.models import Obligation

KIND = "Task"
EVENT = system("kind")
"""Code system of what was done: the kinds of event."""
ATTRIBUTE = system("attribute")
"""Code system of what more is said of it: the attributes of the kind."""
_AHEAD = 5 * MINUTE
_OWN = frozenset({"by", "answers"})
"""Attributes that follow from who writes and what is answered."""
_LONGEST = 500

OUTPUT: Shape = {
    "type!": "CodeableConcept",
    "valueDateTime": "dateTime",
    "valueInstant": "instant",
    "valueDate": "date",
    "valueString": "string",
    "valueBoolean": "boolean",
    "valueInteger": "integer",
    "valueCode": "code",
}
TOLD = (
    "identifier*,groupIdentifier,instantiatesUri,instantiatesCanonical,basedOn*,partOf*,intent,priority,code,"
    "description,focus,for,encounter,executionPeriod,authoredOn,lastModified,requester,performerType*,owner,"
    "location,reasonCode,reasonReference,insurance*,relevantHistory*,restriction,input*,businessStatus"
)
"""What Naer says of a Task and nobody else changes: it may stand in what comes back, and is not read."""


def take(given: Element, writing: Writing) -> Written:
    """Meet an obligation (`completed` with one output) or waive it (`cancelled` or `rejected` with a reason).

    Raises:
        Refused: 404 for no obligation the caller may see, 412 when it has changed, 409 when it is closed
            already, 422 for what cannot be done with it.
        PermissionDenied: when the caller is no party to it.
    """
    key = writing.key or str(given.get("id", ""))
    user, now = writing.caller.user, writing.now
    pk = number(key)
    visible = Obligation.objects.filter(rules.about_visible(user, now), withdrawn=False)
    owed = visible.filter(pk=pk).first() if pk is not None else None
    if owed is None:
        raise Refused(404, "not-found", "there is no such task that you may see")
    _check(given)
    require_version(writing, _told(key, writing))
    if owed.outcome:
        raise Refused(409, "conflict", "the task is closed already; read it again", "Task.status")
    try:
        if given["status"] == "completed":
            kind, at, attributes = _output(given, now)
            actions.fulfil(
                user, owed.pk, now=now, new_id=writing.new_id, kind=kind, at=at, attributes=attributes
            )
        elif given["status"] in ("cancelled", "rejected"):
            why = given.get("statusReason", {}).get("text", "")
            actions.waive(user, owed.pk, _plain(why, "Task.statusReason"), now=now, new_id=writing.new_id)
        else:
            raise Refused(
                422,
                "not-supported",
                "write completed (with output), or cancelled or rejected (with statusReason.text)",
                "Task.status",
            )
    except actions.ActionRefusedError as error:
        raise Refused(422, "business-rule", str(error), "Task") from error
    return Written(_told(key, writing), new=False)


def _check(given: Element) -> None:
    """Refuse what is no Task; what Naer says of it itself is not looked into."""
    shape: dict[str, str | Shape] = {
        "status!": "code",
        "statusReason": "CodeableConcept",
        "note*": "Annotation",
        "output*": OUTPUT,
    }
    told = {name.rstrip("*") for name in TOLD.split(",")}
    bodies.refuse(faults({name: value for name, value in given.items() if name not in told}, shape))


def _output(given: Element, now: Instant) -> tuple[str, Instant, dict[str, Any]]:
    """What was done, when, and what more is said of it."""
    done = [one for one in given.get("output", ()) if _code(one, EVENT)]
    if len(done) != 1:
        raise Refused(
            422, "required", f"exactly one output says what was done, by a code of {EVENT}", "Task.output"
        )
    kind = _code(done[0], EVENT)
    if kind not in KINDS:
        raise Refused(422, "code-invalid", f"is no code of {EVENT}", "Task.output.type")
    written = done[0].get("valueDateTime") or done[0].get("valueInstant")
    if "value" in {name[:5] for name in done[0]} and not written:
        raise Refused(422, "value", "valueDateTime says when it was done", "Task.output")
    at = _moment(written, now, "Task.output.valueDateTime") if written else now
    more = [one for one in given.get("output", ()) if one is not done[0]]
    attributes = dict(_attributes(kind, more, now))
    notes = [_plain(one["text"], "Task.note") for one in given.get("note", ())]
    attributes |= {"note": "\n".join(notes)[:_LONGEST]} if notes else {}
    return kind, at, attributes


def _attributes(kind: str, outputs: Iterable[Element], now: Instant) -> Iterable[tuple[str, Any]]:
    for one in outputs:
        name = _code(one, ATTRIBUTE)
        if name not in KINDS[kind].attributes or name in _OWN:
            raise Refused(
                422, "code-invalid", f"is neither {EVENT} nor an attribute of {kind}", "Task.output.type"
            )
        values_ = [(field, value) for field, value in one.items() if field.startswith("value")]
        if len(values_) != 1:
            raise Refused(422, "required", "an attribute has one value", "Task.output")
        field, value = values_[0]
        if field in ("valueDateTime", "valueInstant"):
            value = text(_read(value, now, "Task.output.valueDateTime"))
        elif isinstance(value, str):
            value = _plain(value, "Task.output.valueString")
        yield name, value


def _moment(written: str, now: Instant, path: str) -> Instant:
    """When something was done; a clock a little ahead of ours means now."""
    at = _read(written, now, path)
    if at > now + _AHEAD:
        raise Refused(422, "value", "lies in the future", path)
    return min(at, now)


def _read(written: str, now: Instant, path: str) -> Instant:
    if len(written) < 16:
        raise Refused(422, "value", "write a time to the second, as 2026-03-02T10:00:00Z", path)
    try:
        return values.kept(written, now)
    except Refused:
        raise Refused(422, "value", "is no time between 1900 and 2199", path) from None


def _plain(said: str, path: str) -> str:
    """A text without a person number and of no more than 500 characters."""
    try:
        refuse_numbers(said)
    except ValidationError:
        raise Refused(422, "value", "holds what looks like a person number; leave it out", path) from None
    if len(said) > _LONGEST:
        raise Refused(422, "too-long", "has more than 500 characters", path)
    return said


def _code(output: Element, of: str) -> str:
    for one in output["type"].get("coding", ()):
        if one.get("system") == of:
            return str(one.get("code", ""))
    return ""


def _told(key: str, writing: Writing) -> Element:
    """The Task as it stands, as the caller reads it."""
    asked = Asked(writing.caller, writing.now, writing.base)
    found = TYPES[KIND].shelf.read(asked, [key])
    return found[0].resource if found else {"resourceType": KIND, "id": key}


updates(KIND, take)

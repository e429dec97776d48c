"""A notification as one event of the log: raw, before it is linked to the others of its course."""

from typing import Any

from naer.events.event import Event
from naer.events.instant import Instant
from naer.messages.envelope import Incoming, Notification
from naer.messages.medcom.classify import provisional
from naer.messages.medcom.codes import KINDS, amends, family

SOURCE = "HospitalNotification"
"""`Event.source` of every event made here; `link` leaves all others alone."""


def event(
    incoming: Incoming,
    citizen: str | None,
    pathway: str,
    organisation: str | None,
    municipality: str | None,
    received: Instant,
    duplicate_header: bool = False,
) -> Event:
    """The event of an accepted HospitalNotification.

    Its id is the header's id; when that header came before with other content (`duplicate_header`), the
    first 12 characters of the content hash are added, so that both are kept. `reused` says by what id each
    goes.

    Raises:
        ValueError: when the message is no accepted HospitalNotification.
    """
    said = incoming.notification
    if said is None:
        raise ValueError("only an accepted HospitalNotification becomes an event")
    code = provisional(said)
    base = family(code)
    suffix = f"~{incoming.content_hash[:12]}" if duplicate_header else ""
    return Event(
        id=said.message_id + suffix,
        pathway=pathway,
        kind="cancelled" if code.startswith("AN_") else KINDS[base],
        at=event_time(said, base),
        citizen=citizen,
        sent=said.sent,
        received=received,
        organisation=organisation,
        municipality=municipality,
        attributes=_attributes(said, code),
        source=SOURCE,
        changes=(said.previous or f"unknown {base}") if amends(code) else None,
    )


def event_time(said: Notification, base: str) -> Instant:
    """When it happened: start, leave start, leave end or end of stay by family; else when it was sent."""
    by_family = {
        "STAA": said.start,
        "STIN": said.start,
        "STOR": said.leave_start,
        "SLOR": said.leave_end,
        "SLHJ": said.end,
        "MORS": said.end,
    }
    at = by_family[base]
    return said.sent if at is None else at


def _attributes(said: Notification, code: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "code": code,
        "class": said.encounter_class,
        "status": said.status,
        "activity": said.activity,
        "header": said.message_id,
        "episode": said.episode.key,
        "episodes": [episode.key for episode in said.episodes],
        "episode_sent": f"{said.episode.system}|{said.episode.original}",
        "stay_start": said.start,
    }
    if amends(code):
        attributes["amends"] = family(code)
    if said.previous is not None:
        attributes["previous"] = said.previous
    if said.deceased is not None:
        attributes["deceased"] = said.deceased
    if said.report_requested is not None:
        attributes["report_requested"] = said.report_requested
    if said.report_recipient is not None:
        attributes["report_recipient"] = said.report_recipient.sor or said.report_recipient.gln
    return attributes

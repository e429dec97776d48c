"""The provenance chain: which Provenance is this message's own, and what came before it."""

from naer.events.instant import Instant
from naer.messages.envelope import Sent
from naer.messages.medcom.findings import MAX_ID, Findings, has_offset, instant_of
from naer.messages.medcom.resources import Provenance


def newest(provenances: list[Provenance], message_id: str, findings: Findings) -> Provenance | None:
    """The Provenance of the message itself: the one about its header, else the latest; None without any."""
    own = [one for one in provenances if one.is_about(message_id)]
    if len(own) == 1:
        return own[0]
    if not provenances:
        return None
    said = "None" if not own else "More than one"
    findings.flag("business-rule", f"{said} of the Provenances is about this message.", "Provenance.target")
    return max(own or provenances, key=_occurred)


def before(
    provenances: list[Provenance], own: Provenance, previous: str | None, findings: Findings
) -> Provenance | None:
    """The Provenance of the message before: the one the chain points to, else the latest other one."""
    others = [one for one in provenances if one is not own]
    pointed = [one for one in others if one.is_about(previous)] if previous is not None else []
    if previous is not None and not pointed:
        findings.flag("not-found", "The chain points to a message that is not in it.", "Provenance.entity")
    if previous is None and others:
        findings.flag(
            "required", "The newest Provenance does not name the message before.", "Provenance.entity"
        )
    return max(pointed or others, key=_occurred, default=None)


def previous_id(own: Provenance, message_id: str) -> str | None:
    """Id of the message before, when it can be one."""
    previous = own.previous
    if previous is None or previous == message_id or len(previous) > MAX_ID or not previous.isprintable():
        return None
    return previous


def sent_time(own: Provenance, findings: Findings) -> Instant | None:
    """When the message was sent: `occurredDateTime`, in its absence `recorded`."""
    path = "Provenance.occurredDateTime"
    if own.occurred_date_time is None and own.recorded is not None:
        findings.flag("required", "The newest Provenance has only a time of recording.", path)
        return findings.moment(own.recorded, "Provenance.recorded")
    if own.occurred_date_time is None:
        findings.refuse("required", "The newest Provenance does not say when the message was sent.", path)
    return findings.moment(own.occurred_date_time, path)


def copy(own: Provenance, message_id: str) -> Sent:
    """What an acknowledgement repeats of it; times that cannot be read are left empty."""
    occurred = _clean_time(own.occurred_date_time)
    return Sent(
        id=own.id,
        target=message_id,
        occurred=occurred,
        recorded=_clean_time(own.recorded) or occurred,
        activity=own.code,
        role=own.role,
        previous=previous_id(own, message_id) or "",
    )


def _clean_time(text: str | None) -> str:
    return text if text and "T" in text and has_offset(text) and instant_of(text) is not None else ""


def _occurred(one: Provenance) -> tuple[Instant, str]:
    instant = instant_of(one.occurred_date_time or "")
    return (-(2**62) if instant is None else instant, one.id)

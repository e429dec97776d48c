"""The payload of a CareCommunication read into segments: texts and attachments, each with its id and time."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence

import msgspec

from naer.events.instant import Instant
from naer.messages.content import Segment
from naer.messages.medcom.bundle import Bundle, party_of
from naer.messages.medcom.care_resources import (
    Attachment,
    CareTeam,
    Communication,
    Payload,
    Practitioner,
    PractitionerRole,
)
from naer.messages.medcom.carecommunication_codes import (
    ATTACHMENT_TYPES,
    SEGMENT_AUTHOR,
    SEGMENT_ID,
    SEGMENT_PHONE,
    SEGMENT_TIME,
    key,
)
from naer.messages.medcom.findings import MAX_ID, Findings, plain
from naer.messages.medcom.resources import HumanName, Organization, Provenance, Reference

_PATH = "Communication.payload"
MAX_SEGMENTS = 500
"""Segments of one message; long conversations have some dozens."""


def segments(
    said: Communication,
    bundle: Bundle,
    own: Provenance | None,
    sent: Instant | None,
    findings: Findings,
) -> tuple[Segment, ...]:
    """Every segment in the message's order; `new` marks those it brings.

    New are the segments that the newest Provenance names as its sources; where it names none of the message,
    as happens, those that no Provenance names.
    """
    if len(said.payload) > MAX_SEGMENTS:
        findings.refuse("too-long", f"The message has more than {MAX_SEGMENTS} segments.", _PATH)
    read = [
        segment
        for payload in said.payload[:MAX_SEGMENTS]
        if (segment := _segment(payload, bundle, sent, findings)) is not None
    ]
    if not any(segment.text.strip() for segment in read):
        findings.refuse("required", "The message has no text.", _PATH + ".contentString")
    _repeats(read, findings)
    activity = own.code if own else "new-message"
    mine = {key(name) for name in own.sources} if own else set()
    others = {key(name) for one in bundle.all(Provenance) if one is not own for name in one.sources}
    ids = {key(segment.id) for segment in read}
    if (mine | others) - ids:
        findings.flag("not-found", "A Provenance names a segment that is not in the message.", "Provenance")
    if activity not in ("reply-message", "forward-message"):
        return tuple(read)

    def is_new(segment: Segment) -> bool:
        name = key(segment.id)
        if name in mine:
            return True
        return name not in others and not mine & ids

    return tuple(msgspec.structs.replace(segment, new=is_new(segment)) for segment in read)


def _segment(payload: Payload, bundle: Bundle, sent: Instant | None, findings: Findings) -> Segment | None:
    file = payload.content_attachment
    if file is None and payload.content_string is None:
        findings.flag("required", "A segment has neither text nor attachment.", _PATH)
        return None
    text = clean(payload.content_string or "", findings)
    title = plain(file.title.strip()) if file else ""
    at = _time(payload, sent, findings)
    name, assigner = _id(payload, bundle, (str(at), text, title), findings)
    author, role = _author(payload, bundle)
    phone = payload.extended(SEGMENT_PHONE)
    number = phone.value_contact_point.value if phone and phone.value_contact_point else ""
    if file is None and not author:
        findings.flag("required", "A text does not say who wrote it.", _PATH + ".extension")
    data, link = _content(file, findings)
    return Segment(
        id=name,
        at=at,
        text=text,
        author=author,
        role=role,
        phone=plain(number.strip(), 40),
        title=title,
        content_type=plain(file.content_type.strip().lower(), 100) if file else "",
        data=data,
        url=link,
        assigner=assigner,
        created=findings.moment(file.creation, _PATH + ".contentAttachment.creation") if file else None,
    )


def clean(text: str, findings: Findings | None = None) -> str:
    """The text without characters that FHIR, XML or a database cannot hold; lines and tabs stay."""
    if _UNFIT.search(text) is None:
        return text
    if findings is not None:
        findings.flag("value", "A text has characters that cannot be shown.", _PATH + ".contentString")
    return _UNFIT.sub("\ufffd", text)


_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _time(payload: Payload, sent: Instant | None, findings: Findings) -> Instant:
    extension = payload.extended(SEGMENT_TIME)
    text = extension.value_date_time if extension else None
    at = findings.moment(text, _PATH + ".extension.valueDateTime")
    if text is None:
        findings.flag("required", "A segment has no time; the message's is taken.", _PATH + ".extension")
    return (0 if sent is None else sent) if at is None else at


def _id(payload: Payload, bundle: Bundle, content: Sequence[str], findings: Findings) -> tuple[str, str]:
    extension = payload.extended(SEGMENT_ID)
    identifier = extension.value_identifier if extension else None
    if identifier is None or not identifier.value.strip():
        findings.flag("required", "A segment has no id.", _PATH + ".extension")
        made = hashlib.sha256("\x00".join(content).encode("utf-8", "replace")).hexdigest()
        return f"sha256:{made[:40]}", ""
    name = identifier.value.strip()
    if len(name) > MAX_ID or not name.isprintable():
        findings.refuse("MSG_Element_To_Long", f"A segment's id has up to {MAX_ID} characters.", _PATH)
        name = ""
    organisation = bundle.follow(identifier.assigner, Organization)
    party = party_of(organisation) if organisation else None
    assigner = (party.sor or party.gln)[:MAX_ID] if party else ""
    return name, assigner


def _author(payload: Payload, bundle: Bundle) -> tuple[str, str]:
    extension = payload.extended(SEGMENT_AUTHOR)
    return named(extension.value_reference if extension else None, bundle)


def named(reference: Reference | None, bundle: Bundle) -> tuple[str, str]:
    """Name and role of who or what a reference names: a person in a role, a person, a team, a place."""
    held = bundle.follow(reference, PractitionerRole)
    if held is not None:
        who = bundle.follow(held.practitioner, Practitioner)
        return _name(who.name) if who else "", plain(held.role.strip(), 100)
    if (who := bundle.follow(reference, Practitioner)) is not None:
        return _name(who.name), ""
    if (team := bundle.follow(reference, CareTeam)) is not None:
        return one_line(team.name), ""
    organisation = bundle.follow(reference, Organization)
    return (one_line(organisation.name), "") if organisation else ("", "")


def one_line(text: str) -> str:
    """A name as it is kept: one line, single blanks."""
    return " ".join(plain(text).split())


def _name(names: list[HumanName]) -> str:
    name = names[0] if names else HumanName()
    return one_line(" ".join([*(part for part in name.given if part), name.family])) or one_line(name.text)


def _content(file: Attachment | None, findings: Findings) -> tuple[bytes | None, str]:
    if file is None:
        return None, ""
    path = _PATH + ".contentAttachment"
    if not file.title.strip():
        findings.flag("required", "An attachment has no title.", path + ".title")
    kind = file.content_type.strip().lower()
    if file.data is not None and kind not in ATTACHMENT_TYPES:
        findings.flag(
            "MSG_VALUESET_VALUE_UNKNOWN", "The attachment's type is not allowed.", path + ".contentType"
        )
    link = plain(file.url.strip(), 2000)
    if link and not link.lower().startswith(("https://", "http://")):
        findings.flag("value", "A link is no web address.", path + ".url")
    if file.data is None:
        return None, link
    try:
        return base64.b64decode("".join(file.data.split()), validate=True), link
    except (binascii.Error, ValueError):
        findings.refuse("MSG_Datatype_Wrong", "The attachment's content is not base64.", path + ".data")
        return None, link


def _repeats(read: Sequence[Segment], findings: Findings) -> None:
    by_id: dict[str, Segment] = {}
    for segment in read:
        first = by_id.setdefault(key(segment.id), segment)
        if first is not segment and (first.text, first.title) != (segment.text, segment.title):
            findings.flag("conflict", "Two segments with one id say different things; both are kept.", _PATH)

"""Dialogue messages 1.0 and 1.1 (HIS 1077, 1152) as conversations.

A note (Notat) or a question (Foresporsel) is one segment; files beside it are further ones. What the
municipality answers about a ready patient is free text: it is never read as yes or no here.
"""

import base64
import binascii
import re

from naer.events.instant import Instant
from naer.messages.content import Conversation, Scalar, Segment
from naer.messages.plo import types
from naer.messages.plo.findings import Findings, is_id
from naer.messages.plo.msghead import full_name, line
from naer.messages.plo.parts import block, list_number
from naer.messages.plo.xml import Node, child, children, coded, said

MAX_SEGMENTS = 200
MAX_FILES = 50
_BREAKS = frozenset(("br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"))
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")

Details = dict[str, Scalar]


def conversation(
    payload: Node,
    files: list[Node],
    *,
    message_id: str,
    sent: Instant,
    parent: str,
    root: str,
    findings: Findings,
) -> tuple[Conversation, Details]:
    """What a dialogue message says, and the values beside it (`category_list`, `segment1.kind` …)."""
    details: Details = {}
    segments: list[Segment] = []
    entries = children(payload, "Notat") or children(payload, "Foresporsel")
    if not entries:
        findings.flag("value", "The dialogue message says nothing.", "Dialogmelding")
    if len(entries) > MAX_SEGMENTS:
        findings.unusable(
            "X99", f"Only the first {MAX_SEGMENTS} parts of the message are used.", "Dialogmelding"
        )
    for entry in entries[:MAX_SEGMENTS]:
        _entry(entry, True, message_id, sent, segments, details)
        quoted = child(entry, "Foresporsel")
        if quoted is not None:
            _entry(quoted, False, message_id, sent, segments, details)
    first = entries[0] if entries else None
    theme = "TemaKodet" if first is not None and first.name == "Notat" else "TypeForesp"
    listed = list_number(coded(first, theme, "S"))
    if listed:
        details["category_list"] = listed
    segments += files_of(files, message_id, sent, findings)
    return (
        Conversation(
            thread=root or parent or message_id,
            activity="reply-message" if parent else "new-message",
            segments=tuple(segments),
            category=coded(first, theme),
            topic=line(said(first, "Tema") or said(first, "EmneSporsmal")),
            priority=coded(first, "Hastegrad"),
            previous=parent,
        ),
        details,
    )


def _entry(
    entry: Node, new: bool, message_id: str, sent: Instant, segments: list[Segment], details: Details
) -> None:
    number = len(segments) + 1
    asks = entry.name == "Foresporsel"
    key = said(entry, "DokIdForesp" if asks else "DokIdNotat")
    taken = {segment.id for segment in segments}
    role = child(entry, "RollerRelatertNotat")
    person = child(role, "HealthcareProfessional")
    if person is None:
        person = child(role, "Person")
    phone = next((coded(one, "TeleAddress") for one in children(person, "TeleCom")), "")
    segments.append(
        Segment(
            id=key if is_id(key) and key not in taken else f"{message_id}~{number}",
            at=sent,
            text=plain(child(entry, "Sporsmal" if asks else "TekstNotatInnhold")),
            author="" if person is None else full_name(person),
            role=coded(role, "RoleToPatient")
            or coded(person, "RoleToPatient")
            or coded(person, "TypeHealthcareProfessional"),
            phone=line(phone.removeprefix("tel:")),
            new=new,
        )
    )
    if asks:
        details[f"segment{number}.kind"] = "question" if new else "quoted"
    remark = block(said(entry, "Begrunnelse" if asks else "Merknad"))
    if remark:
        details[f"segment{number}.remark"] = remark


def plain(element: Node | None) -> str:
    """The text of an element that may hold xhtml: breaks and ends of blocks become line ends."""
    if element is None:
        return ""
    if not element.below:
        return block(element.text)
    parts: list[str] = []
    waiting: list[Node | str] = [element]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            parts.append(one)
            continue
        name = one.name
        if name in ("script", "style"):
            continue
        after: list[Node | str] = []
        if one.text:
            parts.append(" ".join(one.text.split("\n")))
        for below in one.below:
            after.append(below)
            if below.tail:
                after.append(" ".join(below.tail.split("\n")))
        if name in _BREAKS:
            after.append("\n")
        waiting += reversed(after)
    text = _LINES.sub("\n", _BLANKS.sub(" ", "".join(parts)))
    return block(_GAPS.sub("\n\n", text))


def files_of(documents: list[Node], message_id: str, sent: Instant, findings: Findings) -> list[Segment]:
    """The files of the documents beside the message; what cannot be read is told to the sender."""
    segments = []
    for number, document in enumerate(documents[:MAX_FILES], start=1):
        reference = child(document, "RefDoc")
        data = _data(reference, findings)
        if data is None:
            continue
        key = said(reference, "Id")
        segments.append(
            Segment(
                id=key if is_id(key) else f"{message_id}~file{number}",
                at=sent,
                title=line(said(reference, "Description") or said(document, "ContentDescription"))
                or f"file {number}",
                content_type=line(said(reference, "MimeType")) or "application/octet-stream",
                data=data,
            )
        )
    return segments


def _data(reference: Node | None, findings: Findings) -> bytes | None:
    path = "MsgHead/Document/RefDoc"
    if coded(reference, "Compression"):
        findings.unusable("X99", "A compressed file beside the message is not read.", f"{path}/Compression")
        return None
    content = child(reference, "Content")
    container = content.below[0] if content is not None and len(content.below) == 1 else None
    if container is None or container.namespace != types.BASE64:
        findings.unusable("X99", "A document beside the message cannot be read.", path)
        return None
    try:
        return base64.b64decode("".join(container.text.split()), validate=True)
    except (binascii.Error, ValueError):
        findings.unusable("X99", "A file beside the message is not base64.", f"{path}/Content")
        return None

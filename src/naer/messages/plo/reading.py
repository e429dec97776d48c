"""Reads any bytes as a Norwegian message in KITH XML; what is wrong becomes findings, never an exception."""

from collections.abc import Sequence

import msgspec
from lxml import etree

from naer.messages.content import Letter, Status
from naer.messages.envelope import Incoming
from naer.messages.medcom.document import Unreadable, raw_hash
from naer.messages.plo import apprec, dialogue, msghead, parts, schemas, types
from naer.messages.plo.facts import facts
from naer.messages.plo.findings import Findings
from naer.messages.plo.oddities import note
from naer.messages.plo.structure import check
from naer.messages.plo.types import Form, MessageType
from naer.messages.plo.xml import Element, Node, child, children, parse, tree


def read(data: bytes) -> Incoming:
    """One message: MsgHead 1.2 with a care message or a dialogue message, or an application receipt.

    Never raises on bad input. Issues refuse the message and `partial` is said in a positive receipt, both
    with codes of list 8221; `flags` are for people here. Whether the receiver is ours, and whether the
    message was seen before, is not asked here. With NAER_PLO_SCHEMAS what passes our own check of structure
    is validated by the national schemas as well.
    """
    try:
        parsed = parse(data)
        document = tree(parsed)
    except Unreadable as unreadable:
        return Incoming(
            format="xml",
            standard=types.UNKNOWN,
            content_hash=raw_hash(data),
            issues=[unreadable.issue],
        )
    root = document.root
    if root.name == "AppRec" and root.namespace in types.APPREC.values():
        return apprec.read(document)
    findings = Findings()
    if not msghead.is_head(root):
        findings.refuse("T10", "Only MsgHead 1.2 and application receipts are received.", root.name[:60])
        return Incoming(
            format="xml", standard=types.UNKNOWN, content_hash=document.hash, issues=findings.issues
        )
    head = msghead.head(root, findings)
    payload, beside = _documents(root, findings)
    found = _type(head.type, payload, findings)
    letter = None
    check(document, payload, found[1] if found else None, findings)
    if payload is not None and found is not None:
        _check_part(payload, found[0], findings)
        _check_schemas(parsed, findings)
        if not findings.issues:
            letter = _letter(head, payload, beside, *found, findings)
    known = types.TYPES.get(head.type)
    return Incoming(
        format="xml",
        standard=known.standard if known is not None else types.UNKNOWN,
        message_id=head.message_id,
        content_hash=document.hash,
        sender=head.sender.party if head.sender else None,
        receiver=head.receiver.party if head.receiver else None,
        sent=head.sent,
        issues=findings.issues,
        partial=findings.partial,
        flags=findings.flags,
        letter=letter,
    )


def _documents(root: Node, findings: Findings) -> tuple[Node | None, list[Node]]:
    """The payload that is received here, and the documents beside it."""
    payload = None
    beside = []
    for document in children(root, "Document"):
        content = child(child(document, "RefDoc"), "Content")
        inside = content.below if content is not None else []
        wanted = [one for one in inside if (one.namespace, one.name) in types.ROOTS]
        if payload is None and wanted:
            payload = wanted[0]
            if len(inside) > 1:
                findings.unusable("T10", "Only one care message in a document is used.", "MsgHead/Document")
        elif wanted:
            findings.unusable("T10", "Only the first care message is used.", "MsgHead/Document")
        else:
            beside.append(document)
    if payload is None:
        text = "The message has no content of a kind that is received here."
        findings.refuse("T10", text, "MsgHead/Document/RefDoc/Content")
    return payload, beside


def _type(code: str, payload: Node | None, findings: Findings) -> tuple[MessageType, Form] | None:
    path = "MsgHead/MsgInfo/Type"
    if code not in types.TYPES:
        findings.refuse("T10", "Messages of this type are not received here.", path)
        return None
    if payload is None:
        return None
    found = types.FORMS.get((code, payload.namespace, payload.name))
    if found is None:
        findings.refuse("T10", "The type and the content of the message contradict each other.", path)
    return found


def _check_part(payload: Node, known: MessageType, findings: Findings) -> None:
    if known.part and child(payload, known.part) is None:
        text = "The type and the content of the message contradict each other."
        findings.refuse("T10", text, f"{payload.name}/{known.part}")


def _check_schemas(parsed: Element, findings: Findings) -> None:
    if findings.issues:
        return
    try:
        known = schemas.configured()
        faults = known.check(parsed) if known is not None else []
    except (OSError, etree.LxmlError):
        findings.flag(
            "schemas", "The folder of NAER_PLO_SCHEMAS cannot be used; nothing was validated by it."
        )
        return
    for fault in faults:
        findings.refuse(fault.code, fault.text, fault.path)


def _letter(
    head: msghead.Head,
    payload: Node,
    beside: Sequence[Node],
    known: MessageType,
    form: Form,
    findings: Findings,
) -> Letter | None:
    if head.sent is None or head.sender is None or head.receiver is None or head.person is None:
        return None
    parent, root = head.parent, head.root
    if head.message_id in (parent, root):
        findings.flag("value", "The message refers to itself.", "MsgHead/MsgInfo/ConversationRef")
        parent, root = ("", "") if parent == head.message_id else (parent, "")
    said = None
    notes: list[tuple[str, str]] = []
    status: Status = "new"
    if known.family == "dialogue":
        said, details = dialogue.conversation(
            payload,
            list(beside),
            message_id=head.message_id,
            sent=head.sent,
            parent=parent,
            root=root,
            findings=findings,
        )
    else:
        status = _status(payload, findings)
        details, notes = parts.read(payload)
        if dialogue.files_of(list(beside), head.message_id, head.sent, findings):
            findings.flag(
                "value", "Files beside the message are kept with it, not shown.", "MsgHead/Document"
            )
    if head.issued:
        details["issued"] = head.issued
    for name, addressed in (("sender", head.sender), ("receiver", head.receiver)):
        if addressed.professional:
            details[f"{name}_professional"] = True
    letter = Letter(
        type=known.code,
        message_id=head.message_id,
        sent=head.sent,
        sender=head.sender.party,
        receiver=head.receiver.party,
        person=head.person,
        version=form.version,
        status=status,
        parent=parent,
        root=root,
        conversation=said,
        notes=tuple(notes),
        details=details,
        copies=head.copies,
    )
    note(letter, findings)
    return msgspec.structs.replace(letter, facts=facts(letter))


def _status(payload: Node, findings: Findings) -> Status:
    code = parts.status(payload)
    status = types.STATUS.get(code)
    if status is None:
        text = "The message has no status (new, change, cancel) that is known; read as new."
        findings.flag("value", text, "InformasjonOmForsendelsen/Forsendelsesstatus")
        return "new"
    return status

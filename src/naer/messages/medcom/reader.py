"""Reads any bytes as a MedCom message; what is wrong becomes issues, never an exception."""

from naer.events.instant import Instant
from naer.messages.content import Party
from naer.messages.envelope import Incoming, Issue, Response, Sent
from naer.messages.medcom import chain, communication, discharge_codes, report
from naer.messages.medcom.bundle import Bundle
from naer.messages.medcom.codes import DESTINATION_USE, ERROR_SYSTEM, EVENT_SYSTEM, STANDARDS
from naer.messages.medcom.document import Tree, Unreadable, content_hash, parse, raw_hash, sniff
from naer.messages.medcom.findings import Findings, instant_of, plain
from naer.messages.medcom.notification import notification
from naer.messages.medcom.resources import (
    Destination,
    MessageHeader,
    OperationOutcome,
    Provenance,
)
from naer.messages.medcom.surplus import trimmed

RESPONSES = ("ok", "fatal-error", "transient-error")


def read(data: bytes, content_type: str | None = None) -> Incoming:
    """One message, from JSON or XML.

    Never raises on bad input: a message that must be refused has `issues`; one that departs from the
    standard in a way that is tolerated has `flags`. Whether the receiver is ours, and whether the
    message was seen before, is not asked here.
    """
    form = sniff(data, content_type)
    try:
        tree = parse(data, form)
        digest = content_hash(tree)
    except Unreadable as unreadable:
        return Incoming(format=form, content_hash=raw_hash(data), issues=[unreadable.issue])
    except ValueError:
        issue = Issue("structure", "The message has text that is not valid Unicode.", "", "fatal")
        return Incoming(format=form, content_hash=raw_hash(data), issues=[issue])
    if form == "json" and _holds_resources(tree):
        from naer.messages.fhir.bundle_reading import incoming

        return incoming(tree, form, digest)
    findings = Findings()
    bundle_id = _envelope(tree, findings)
    bundle = Bundle(tree, findings)
    header = _header(bundle, findings)
    if header is None:
        return Incoming(
            format=form,
            bundle_id=bundle_id,
            content_hash=digest,
            issues=findings.issues,
            flags=findings.flags,
        )
    message_id = findings.id(header.id, "MessageHeader.id")
    standard = _standard(header, findings)
    if header.sender is None or not header.sender.reference:
        findings.flag("required", "MessageHeader.sender is missing.", "MessageHeader.sender")
    sender = bundle.party(
        header.sender, header.source.endpoint if header.source else "", "MessageHeader.sender"
    )
    if sender is None:
        findings.refuse(
            "required", "The sender has neither SOR id nor location number.", "MessageHeader.sender"
        )
    receiver = _receiver(header, bundle, findings)
    own = chain.newest(bundle.all(Provenance), message_id, findings)
    sent: Instant | None = None
    copied: Sent | None = None
    if own is not None:
        sent = chain.sent_time(own, findings)
        copied = chain.copy(own, message_id)
    said = response = letter = surplus = None
    if standard == "medcom-hospitalnotification":
        said = notification(bundle, header, own, sent, findings)
        surplus = None if findings.issues else trimmed(tree, findings)
    elif standard == "medcom-acknowledgement":
        response = _response(header, bundle, own, findings)
    elif standard == "medcom-carecommunication":
        letter = communication.letter(bundle, header, own, sent, sender, receiver, findings)
    elif standard:
        letter = report.letter(bundle, header, own, sent, sender, receiver, findings)
    return Incoming(
        format=form,
        standard=standard,
        bundle_id=bundle_id,
        message_id=message_id,
        content_hash=digest,
        sender=sender,
        receiver=receiver,
        sent=sent,
        issues=findings.issues,
        flags=findings.flags,
        notification=None if findings.issues else said,
        response=response,
        letter=None if findings.issues else letter,
        header=copied,
        trimmed=surplus,
    )


def _holds_resources(tree: Tree) -> bool:
    """Whether it is a bundle of resources rather than a message; one with a header is meant as a message."""
    if tree.get("type") not in ("transaction", "batch", "collection"):
        return False
    entries = tree.get("entry")
    first = entries[0] if isinstance(entries, list) and entries else None
    resource = first.get("resource") if isinstance(first, dict) else None
    return not (isinstance(resource, dict) and resource.get("resourceType") == "MessageHeader")


def _envelope(tree: Tree, findings: Findings) -> str:
    if tree.get("type") != "message":
        findings.refuse("value", "Bundle.type must be message.", "Bundle.type")
    written = tree.get("timestamp")
    if written is None:
        findings.refuse("required", "Bundle.timestamp is missing.", "Bundle.timestamp")
    elif not isinstance(written, str) or instant_of(written) is None:
        findings.flag("value", "Bundle.timestamp cannot be read; it is not used.", "Bundle.timestamp")
    return findings.id(tree.get("id"), "Bundle.id")


def _header(bundle: Bundle, findings: Findings) -> MessageHeader | None:
    headers = bundle.all(MessageHeader)
    if bundle.types[:1] != ["MessageHeader"]:
        findings.refuse("structure", "The first entry must be the MessageHeader.", "Bundle.entry[0]")
    if len(headers) > 1:
        findings.refuse("structure", "The bundle has more than one MessageHeader.", "Bundle.entry")
    return headers[0] if headers else None


def _standard(header: MessageHeader, findings: Findings) -> str:
    path = "MessageHeader.eventCoding"
    coding = header.event_coding
    if coding is None or not coding.code:
        findings.refuse("required", "MessageHeader.eventCoding is missing.", path)
        return ""
    if (name := discharge_codes.BY_CODE.get(coding.code)) and coding.system == discharge_codes.EVENT_SYSTEM:
        return discharge_codes.TYPES[name].standard
    standard = STANDARDS.get(coding.code, "")
    if not standard:
        findings.refuse(
            "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE", "This type of message is not received here.", path
        )
    elif coding.system != EVENT_SYSTEM:
        findings.flag("MSG_CodeSystem_VALUE_UNKNOWN", "The event code names another code system.", path)
    return standard


def _receiver(header: MessageHeader, bundle: Bundle, findings: Findings) -> Party | None:
    path = "MessageHeader.destination"
    if not header.destination:
        findings.refuse("MSG_Receiver_Identifier_MISSING", "The message has no receiver.", path)
        return None
    if len(header.destination) > 1:
        findings.refuse("invariant", "The message must have one receiver; copies are not allowed.", path)
    first = next((one for one in header.destination if _use(one) == "primary"), header.destination[0])
    if _use(first) != "primary":
        findings.refuse("invariant", "The receiver must be marked as primary.", path + ".extension")
    receiver = bundle.party(first.receiver, first.endpoint, path + ".receiver")
    if first.receiver is None or not first.receiver.reference:
        findings.refuse(
            "MSG_Receiver_Identifier_MISSING", "The destination names no receiver.", path + ".receiver"
        )
        return receiver
    if receiver is None:
        findings.refuse(
            "MSG_Receiver_Identifier_MISSING",
            "The receiver has neither SOR id nor location number.",
            path + ".receiver",
        )
    return receiver


def _use(destination: Destination) -> str:
    for extension in destination.extension:
        if extension.is_a(DESTINATION_USE) and extension.value_coding is not None:
            return extension.value_coding.code
    return ""


def _response(header: MessageHeader, bundle: Bundle, own: Provenance | None, findings: Findings) -> Response:
    path = "MessageHeader.response"
    answer = header.response
    message_id = findings.id(answer.identifier if answer else None, path + ".identifier")
    code = answer.code if answer else ""
    if code not in RESPONSES:
        findings.refuse(
            "MSG_VALUESET_VALUE_UNKNOWN", f"The code must be one of {', '.join(RESPONSES)}.", path
        )
        code = ""
    previous = own.previous if own else None
    if previous is not None and previous != message_id:
        findings.flag("conflict", "The response and the Provenance name different messages.", path)
    issues = []
    for outcome in bundle.all(OperationOutcome):
        for issue in outcome.issue[:20]:
            codings = issue.details.coding if issue.details else []
            medcom = next((coding.code for coding in codings if coding.system == ERROR_SYSTEM), "")
            text = plain(issue.details.text if issue.details else "") or plain(issue.diagnostics)
            issues.append(Issue(plain(medcom or issue.code, 64), text))
    return Response(message_id, code, tuple(issues), plain(previous, 64) if previous else None)

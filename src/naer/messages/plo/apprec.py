"""The application receipt, AppRec 1.0 and 1.1 (HIS 80415): accepted, accepted in part, or not and why.

A positive receipt says that the receiver has taken over the responsibility for what the message asks, so it
is written only once the message is stored for good. A receipt is never answered.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from naer.events.instant import ZONES, Instant, parse
from naer.messages.content import Party
from naer.messages.envelope import Incoming, Issue, Response
from naer.messages.plo.elements import Node as Written
from naer.messages.plo.elements import add, code, moment, root, written
from naer.messages.plo.types import APPREC, STANDARDS
from naer.messages.plo.xml import Document, Node, child, children, coded, said

Answer = Literal["ok", "ok-with-errors", "rejected"]
Version = Literal["1.0", "1.1"]

STATUS: dict[Answer, tuple[str, str]] = {
    "ok": ("1", "OK"),
    "rejected": ("2", "Avvist"),
    "ok-with-errors": ("3", "OK, feil i delmelding"),
}
"""List 8258: code and Norwegian name of each answer."""
ANSWERS: dict[str, Answer] = {number: answer for answer, (number, _) in STATUS.items()}

ERROR_LIST = "8221"
OTHER = "X99"
ERRORS = {
    "T01": "Ikke XML / ikke 'well formed' / uleselig",
    "T02": "XML validerer ikke",
    "T10": "Støtter ikke meldingsformatet",
    "T99": "Annen feil på format",
    "E10": "Ugyldig meldingsidentifikator",
    "E20": "Lege finnes ikke",
    "E21": "Mottaker finnes ikke",
    "E30": "Pasientens fødselsnummer mangler",
    "E31": "Pasientens fødselsnummer er feil",
    "E32": "Pasientens navn mangler",
    "E35": "Pasienten finnes ikke i mottakersystemet",
    "E36": "Pasientopplysninger er utilstrekkelige",
    "S01": "Feil på signatur",
    "S02": "Ugyldig sertifikat",
    "S03": "Tilbaketrukket sertifikat",
    "S99": "Annen feil på signatur eller sertifikat",
    OTHER: "Annen feil",
}
"""List 8221: Norwegian name of each error."""

_MIG = {"1.0": "1.0 2004-11-21", "1.1": "v1.1 2012-02-15"}
_NAMESPACES = frozenset(APPREC.values())
_LONGEST = 300
"""Characters of an error text that are kept: it is another system's word, and shown to people."""


def write(
    incoming: Incoming,
    *,
    answer: Answer,
    issues: Sequence[Issue],
    now: Instant,
    new_id: Callable[[], str],
    version: Version = "1.1",
) -> bytes:
    """The receipt of a message, from the receiver it named to its sender.

    What refuses, or could not be used, stands as Error with the code of list 8221 (another code becomes
    X99); a refusal without a reason gets X99 too. A plain ok has no Error.

    Raises:
        ValueError: when the message is not `answerable`.
    """
    if not incoming.answerable or incoming.sender is None:
        raise ValueError("only a message with an id and a sender can be acknowledged")
    space = APPREC[version]
    receipt = root(space, "AppRec")
    code(receipt, space, "MsgType", "APPREC", "Applikasjonskvittering")
    add(receipt, space, "MIGversion", _MIG[version])
    add(receipt, space, "SoftwareName", "Naer")
    add(receipt, space, "GenDate", moment(now))
    add(receipt, space, "Id", new_id())
    details = incoming.letter.details if incoming.letter else {}
    ours, theirs = incoming.receiver or Party(), incoming.sender
    _party(add(receipt, space, "Sender"), space, ours, bool(details.get("receiver_professional")))
    _party(add(receipt, space, "Receiver"), space, theirs, bool(details.get("sender_professional")))
    number, words = STATUS[answer]
    code(receipt, space, "Status", number, words)
    if answer != "ok":
        for issue in issues or [Issue(OTHER, "")]:
            _error(receipt, space, issue)
    original = add(receipt, space, "OriginalMsgId")
    known = STANDARDS.get(incoming.standard)
    code(original, space, "MsgType", known.code if known else "UKJENT", known.name if known else "Ukjent")
    add(original, space, "IssueDate", moment(now if incoming.sent is None else incoming.sent))
    add(original, space, "Id", incoming.message_id)
    return written(receipt)


def _party(parent: Written, space: str, party: Party, professional: bool) -> None:
    """HCP: the institution with its HER id, and within it the service or the doctor."""
    inst = add(add(parent, space, "HCP"), space, "Inst")
    _named(inst, space, party.name, party.her)
    if party.service or party.service_name:
        part = add(inst, space, "HCPerson" if professional else "Dept")
        _named(part, space, party.service_name, party.service)


def _named(element: Written, space: str, name: str, her: str) -> None:
    if name:
        add(element, space, "Name", name)
    if her:
        add(element, space, "Id", her)
        code(element, space, "TypeId", "HER", "HER-id")


def _error(receipt: Written, space: str, issue: Issue) -> None:
    known = issue.code if issue.code in ERRORS else OTHER
    text = ": ".join(part for part in (issue.path, issue.text) if part)
    more = {"OT": text[:_LONGEST]} if text else {}
    code(receipt, space, "Error", known, ERRORS[known], ERROR_LIST, **more)


def read(document: Document) -> Incoming:
    """A receipt as another system wrote it.

    The answer is in `response`, its errors as issues with the code of list 8221. One that lacks its own id, a
    known status or the id of the message it is about is refused (T02). Never raises.
    """
    root = document.root
    if root.namespace not in _NAMESPACES or root.name != "AppRec":
        issue = Issue("T10", "this is no application receipt that is known here", "AppRec")
        return Incoming(format="xml", content_hash=document.hash, issues=[issue])
    answer = ANSWERS.get(coded(root, "Status"))
    message_id, about = said(root, "Id"), said(child(root, "OriginalMsgId"), "Id")
    issues = [
        Issue("T02", "the element is missing or has no known value", path)
        for path, found in (
            ("AppRec.Id", message_id),
            ("AppRec.Status", answer),
            ("AppRec.OriginalMsgId.Id", about),
        )
        if not found
    ]
    mark = f"{{{root.namespace}}}"
    if not all(node.tag.startswith(mark) for node in document.nodes):
        issues.append(Issue("T02", "an element has a namespace that does not belong here", "AppRec"))
    response = None
    if answer is not None and not issues:
        response = Response(about, answer, tuple(_errors(root, answer)))
    return Incoming(
        format="xml",
        standard="apprec",
        bundle_id=message_id,
        message_id=message_id,
        content_hash=document.hash,
        sender=_read_party(child(root, "Sender")),
        receiver=_read_party(child(root, "Receiver")),
        sent=_instant(said(root, "GenDate")),
        issues=issues,
        response=response,
    )


def _errors(root: Node, answer: Answer) -> list[Issue]:
    severity: Literal["error", "warning"] = "error" if answer == "rejected" else "warning"
    found = []
    for error in children(root, "Error"):
        value = error.attrib.get("V", "").strip()
        text = (error.attrib.get("OT") or error.attrib.get("DN") or ERRORS.get(value, "")).strip()
        found.append(Issue((value or OTHER)[:20], text[:_LONGEST], "", severity))
    return found


def _read_party(role: Node | None) -> Party:
    """The party: an institution with its service or person, or a professional alone."""
    named = child(role, "HCP")
    inst = child(named, "Inst")
    if inst is None:
        alone = child(named, "HCProf")
        return Party(service=_her(alone), service_name=said(alone, "Name"))
    part = child(inst, "Dept") or child(inst, "HCPerson")
    return Party(her=_her(inst), name=said(inst, "Name"), service=_her(part), service_name=said(part, "Name"))


def _her(party: Node | None) -> str:
    """The HER id of a party: its first id, or an additional one."""
    if coded(party, "TypeId") == "HER":
        return said(party, "Id")
    for other in children(party, "AdditionalId"):
        if coded(other, "Type") == "HER":
            return said(other, "Id")
    return ""


def _instant(text: str) -> Instant | None:
    try:
        return parse(text, ZONES["NO"])
    except ValueError:
        return None

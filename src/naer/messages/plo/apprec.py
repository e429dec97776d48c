"""The application receipt, AppRec 1.0 and 1.1 (HIS 80415): accepted, accepted in part, or not and why.

A positive receipt says that the receiver has taken over the responsibility for what the message asks, so it
is written only once the message is stored for good. A receipt is never answered.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Literal

from lxml import etree

from naer.events.instant import ZONES, Instant, parse
from naer.messages.content import Party
from naer.messages.envelope import Incoming, Issue, Response
from naer.messages.plo.elements import Node, add, code, moment, root, written
from naer.messages.plo.types import APPREC, STANDARDS
from naer.messages.plo.xml import Element, content_hash

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
_VERSIONS: dict[str, Version] = {APPREC["1.0"]: "1.0", APPREC["1.1"]: "1.1"}
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


def _party(parent: Node, space: str, party: Party, professional: bool) -> None:
    """HCP: the institution with its HER id, and within it the service or the doctor."""
    inst = add(add(parent, space, "HCP"), space, "Inst")
    _named(inst, space, party.name, party.her)
    if party.service or party.service_name:
        part = add(inst, space, "HCPerson" if professional else "Dept")
        _named(part, space, party.service_name, party.service)


def _named(element: Node, space: str, name: str, her: str) -> None:
    if name:
        add(element, space, "Name", name)
    if her:
        add(element, space, "Id", her)
        code(element, space, "TypeId", "HER", "HER-id")


def _error(receipt: Node, space: str, issue: Issue) -> None:
    known = issue.code if issue.code in ERRORS else OTHER
    text = ": ".join(part for part in (issue.path, issue.text) if part)
    more = {"OT": text[:_LONGEST]} if text else {}
    code(receipt, space, "Error", known, ERRORS[known], ERROR_LIST, **more)


def read(element: Element, data: bytes) -> Incoming:
    """A receipt as another system wrote it: `element` is its parsed root, `data` its bytes.

    The answer is in `response`, its errors as issues with the code of list 8221. One that lacks its own id, a
    known status or the id of the message it is about is refused (T02). Never raises.
    """
    version = _VERSIONS.get(etree.QName(element).namespace or "")
    if version is None or etree.QName(element).localname != "AppRec":
        issue = Issue("T10", "this is no application receipt that is known here", "AppRec")
        return Incoming(format="xml", content_hash=sha256(data).hexdigest(), issues=[issue])
    space = APPREC[version]
    number = _value(element, space, "Status")
    answer = ANSWERS.get(number)
    message_id, about = _text(element, space, "Id"), _text(element, space, "OriginalMsgId", "Id")
    issues = [
        Issue("T02", "the element is missing or has no known value", path)
        for path, found in (
            ("AppRec.Id", message_id),
            ("AppRec.Status", answer),
            ("AppRec.OriginalMsgId.Id", about),
        )
        if not found
    ]
    response = None
    if answer is not None and not issues:
        response = Response(about, answer, tuple(_errors(element, space, answer)))
    return Incoming(
        format="xml",
        standard="apprec",
        bundle_id=message_id,
        message_id=message_id,
        content_hash=content_hash(element, data),
        sender=_read_party(element, space, "Sender"),
        receiver=_read_party(element, space, "Receiver"),
        sent=_instant(_text(element, space, "GenDate")),
        issues=issues,
        response=response,
    )


def _errors(element: Element, space: str, answer: Answer) -> list[Issue]:
    severity: Literal["error", "warning"] = "error" if answer == "rejected" else "warning"
    found = []
    for error in element.findall(f"{{{space}}}Error"):
        value = (error.get("V") or "").strip()
        text = (error.get("OT") or error.get("DN") or ERRORS.get(value, "")).strip()
        found.append(Issue((value or OTHER)[:20], text[:_LONGEST], "", severity))
    return found


def _read_party(element: Element, space: str, role: str) -> Party:
    """The party: an institution with its service or person, or a professional alone."""
    where = f"{{{space}}}{role}/{{{space}}}HCP/{{{space}}}"
    inst = element.find(where + "Inst")
    if inst is None:
        alone = element.find(where + "HCProf")
        return (
            Party() if alone is None else Party(service=_her(alone, space), service_name=_name(alone, space))
        )
    part = inst.find(f"{{{space}}}Dept")
    if part is None:
        part = inst.find(f"{{{space}}}HCPerson")
    inside = ("", "") if part is None else (_her(part, space), _name(part, space))
    return Party(her=_her(inst, space), name=_name(inst, space), service=inside[0], service_name=inside[1])


def _name(element: Element, space: str) -> str:
    return _text(element, space, "Name")


def _her(element: Element, space: str) -> str:
    """The HER id of a party: its first id, or an additional one."""
    if _value(element, space, "TypeId") == "HER":
        return _text(element, space, "Id")
    for other in element.findall(f"{{{space}}}AdditionalId"):
        if _value(other, space, "Type") == "HER":
            return _text(other, space, "Id")
    return ""


def _text(element: Element, space: str, *names: str) -> str:
    found = element.find("/".join(f"{{{space}}}{name}" for name in names))
    return "" if found is None else (found.text or "").strip()


def _value(element: Element, space: str, name: str) -> str:
    found = element.find(f"{{{space}}}{name}")
    return "" if found is None else (found.get("V") or "").strip()


def _instant(text: str) -> Instant | None:
    try:
        return parse(text, ZONES["NO"])
    except ValueError:
        return None

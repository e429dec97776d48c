"""Acknowledgement 2.0: received and valid, or not and why."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from naer.events.instant import Instant
from naer.messages.content import Party
from naer.messages.envelope import Format, Incoming, Issue, Sent
from naer.messages.medcom import writing
from naer.messages.medcom.codes import ACKNOWLEDGEMENT, ERROR_SYSTEM, ISSUE_TYPE_SYSTEM
from naer.messages.medcom.writing import Resource

Answer = Literal["ok", "fatal-error", "transient-error"]

BASE = "https://medcomfhir.dk/ig/acknowledgement/"

ISSUE_TYPES = {
    "MSG_Receiver_Identifier_UNKNOWN": "not-found",
    "MSG_Receiver_Identifier_MISSING": "required",
    "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE": "not-supported",
    "MSG_VALUESET_VALUE_UNKNOWN": "code-invalid",
    "MSG_CodeSystem_VALUE_UNKNOWN": "code-invalid",
    "MSG_Element_To_Long": "too-long",
    "MSG_Datatype_Wrong": "value",
    "MSG_Mailbox_Out_Of_Operation": "transient",
    "MSG_Damaged_durin_transport": "structure",
}
"""MedCom error code → HL7 issue type, which every issue must have as well."""

_HL7_TYPES = frozenset(
    """
    invalid structure required value invariant security login unknown expired forbidden
    suppressed processing not-supported duplicate multiple-matches not-found deleted
    too-long code-invalid extension too-costly business-rule conflict transient
    lock-error no-store exception timeout incomplete throttled informational
    """.split()  # noqa: SIM905
)
_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_FHIR_TOKEN = re.compile(r"\S+( \S+)*")


def write(
    incoming: Incoming,
    *,
    answer: Answer,
    issues: Sequence[Issue],
    sender_fallback: Party,
    now: Instant,
    new_id: Callable[[], str],
) -> bytes:
    """The Acknowledgement of a message, in the format it came in.

    It goes from the receiver the message named (`sender_fallback` when it named none) to its sender. It holds
    two Provenances: the newest of the message and its own. A message without a Provenance gets one that says
    only what its envelope says. An OperationOutcome stands beside every answer but a plain ok.

    Raises:
        ValueError: when the message is not `answerable`.
    """
    if not incoming.answerable or incoming.sender is None:
        raise ValueError("only a message with an id and a sender can be acknowledged")
    to, by = incoming.sender, incoming.receiver or sender_fallback
    said = _said(incoming, writing.moment(now), new_id)
    outcome: Resource | None = None
    if issues or answer != "ok":
        outcome = _outcome(issues or [_unexplained(answer)], new_id())
    said["bundle"] = new_id()
    if outcome is None and incoming.format == "json" and _ESCAPED.search("".join(said.values())) is None:
        return (_pattern(to, by, bool(said["previous"])) % said).encode()
    return writing.written(_message(said, to, by, answer, outcome), incoming.format)


def _said(incoming: Incoming, now: str, new_id: Callable[[], str]) -> dict[str, str]:
    """What differs between the acknowledgements of two messages of the same parties, but the Bundle's id."""
    theirs, ours, header = new_id(), new_id(), new_id()
    newest = incoming.header or Sent("", incoming.message_id, "", "", "")
    occurred = newest.occurred or now
    return {
        "theirs": theirs,
        "ours": ours,
        "header": header,
        "now": now,
        "about": incoming.message_id,
        "newest": newest.id if _FHIR_ID.fullmatch(newest.id) else new_id(),
        "target": newest.target,
        "occurred": occurred,
        "recorded": newest.recorded or occurred,
        "activity": newest.activity if _FHIR_TOKEN.fullmatch(newest.activity) else "new-message",
        "role": newest.role if newest.role in ("revision", "removal", "source") else "revision",
        "previous": newest.previous,
        "own": new_id(),
    }


def _message(
    said: Mapping[str, str], to: Party, by: Party, answer: Answer, outcome: Resource | None
) -> Resource:
    """The bundle, from what `_said` tells and whose id is `bundle`."""
    theirs, ours = writing.organisation(to, said["theirs"]), writing.organisation(by, said["ours"])
    head = writing.header(
        said["header"],
        ACKNOWLEDGEMENT + "medcom-messaging-acknowledgementHeader",
        "acknowledgement-message",
        (by, ours),
        (to, theirs),
    )
    head["response"] = {"identifier": said["about"], "code": answer}
    resources = [
        head,
        writing.provenance(
            said["newest"],
            said["target"],
            said["occurred"],
            said["activity"],
            theirs,
            recorded=said["recorded"],
            role=said["role"],
            previous=said["previous"],
        ),
        writing.provenance(
            said["own"],
            said["header"],
            said["now"],
            "acknowledgement",
            ours,
            role="revision",
            previous=said["about"],
        ),
        ours,
        theirs,
    ]
    if outcome is not None:
        head["response"]["details"] = writing.reference(outcome)
        resources.append(outcome)
    profile = ACKNOWLEDGEMENT + "medcom-messaging-acknowledgement"
    return writing.bundle(said["bundle"], profile, said["now"], BASE, resources)


_NAMES = "theirs ours header now about newest target occurred recorded activity role own bundle".split()  # noqa: SIM905
_ESCAPED = re.compile(r'[\x00-\x1f"\\]')
"""What JSON does not write as it is."""
_BEGIN, _END = "\ue000", "\ue001"
"""Around the name of what differs: in no text of a party, which is printable."""
_MARK = re.compile(f"{_BEGIN}(\\w+){_END}")


@lru_cache(maxsize=256)
def _pattern(to: Party, by: Party, follows: bool) -> str:
    """The JSON of a plain ok from one to another, with %(name)s for what `_said` tells: a few parties send
    nearly all messages, and to write it takes a tenth of the time. Whether the message `follows` another."""
    marks = {name: f"{_BEGIN}{name}{_END}" for name in _NAMES}
    marks["previous"] = f"{_BEGIN}previous{_END}" if follows else ""
    written = writing.written(_message(marks, to, by, "ok", None), "json").decode()
    return _MARK.sub(r"%(\1)s", written.replace("%", "%%"))


def operation_outcome(issues: Sequence[Issue], format: Format = "json") -> bytes:
    """The answer to something that is no answerable message."""
    return writing.written(_outcome(issues or [_unexplained("fatal-error")], ""), format)


def _unexplained(answer: Answer) -> Issue:
    if answer == "transient-error":
        return Issue("transient", "The receiver cannot store the message now; it may be sent again.")
    return Issue("processing", "The message was refused.")


def _outcome(issues: Sequence[Issue], name: str) -> Resource:
    resource: Resource = {"resourceType": "OperationOutcome"}
    if name:
        resource["id"] = name
    return resource | {
        "meta": {"profile": [ACKNOWLEDGEMENT + "medcom-acknowledgement-operationoutcome"]},
        "issue": [_issue(issue) for issue in issues],
    }


def _issue(issue: Issue) -> Resource:
    medcom = issue.code not in _HL7_TYPES
    kind = ISSUE_TYPES.get(issue.code, "processing") if medcom else issue.code
    coding = {"system": ERROR_SYSTEM if medcom else ISSUE_TYPE_SYSTEM, "code": issue.code}
    details: Resource = {"coding": [coding]}
    if issue.text:
        details["text"] = issue.text
    written: Resource = {"severity": issue.severity, "code": kind, "details": details}
    if issue.path:
        written["expression"] = [issue.path]
    return written

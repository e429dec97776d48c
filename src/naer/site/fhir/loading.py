"""$import: resources as NDJSON, each taken in as if it had been posted, with a ledger of what was refused."""

from collections import Counter
from collections.abc import Callable

import structlog
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse

from naer.events.instant import Instant
from naer.messages.fhir import outcome
from naer.messages.fhir.elements import Element, encoded
from naer.site.fhir import bodies, jobs, process_message
from naer.site.fhir.answers import Refused, api
from naer.site.fhir.caller import WRITE, Caller, who
from naer.site.fhir.models import Job
from naer.site.fhir.taking import TAKERS, Writing
from naer.site.messaging.record import unpack

LARGEST = 50 * 1024 * 1024
"""Bytes of one import."""
LONGEST = 5 * 1024 * 1024
"""Bytes of one line."""
MOST_LINES = 100_000
"""Lines of one import, empty ones too."""
IN_A_FILE = 2_000
"""Refusals in one file of the ledger."""
BUNDLE = "Bundle"
_PIECE = 1024 * 1024
TOGETHER = 50
"""Lines in one transaction; each can be refused by itself."""

_log = structlog.get_logger("naer.fhir")


@api("POST")
def load(request: HttpRequest) -> HttpResponse:
    """/fhir/$import: takes the lines, and does the work later."""
    caller = who(request)
    jobs.system_only(caller)
    if not any(caller.allowed(name, WRITE) for name in (*TAKERS, process_message.SCOPE)):
        raise Refused(403, "forbidden", "the scopes of the token allow nothing to be written")
    jobs.require_async(request)
    if (request.content_type or "").lower() not in jobs.NDJSON_TYPES:
        raise Refused(415, "not-supported", "send application/fhir+ndjson: one resource on each line")
    body = _body(request)
    if body.count(b"\n") > MOST_LINES:
        raise Refused(413, "too-long", f"an import has {MOST_LINES} lines at most; split it")
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise Refused(400, "required", "there is no resource in the body")
    return jobs.begin(request, caller, "import", {}, lines)


def _body(request: HttpRequest) -> bytes:
    parts, size = [], 0
    while piece := request.read(_PIECE):
        size += len(piece)
        if size > LARGEST:
            raise Refused(413, "too-long", "an import has 50 MB at most; split it")
        parts.append(piece)
    return b"".join(parts)


def run(job: Job, clock: Callable[[], Instant], new_id: Callable[[], str]) -> None:
    """Take in every line by itself. What is refused goes into the ledger, with its line.

    A job that broke off and is begun anew takes the same lines again: what carries an identifier is known.

    Raises:
        jobs.GoneError: when it was put away, or begun anew, meanwhile.
    """
    caller = jobs.caller_of(job)
    counted: Counter[str] = Counter()
    refusals: list[bytes] = []
    number = 0
    for file in job.files.filter(side="input").order_by("number"):
        lines = unpack(bytes(file.content)).split(b"\n")
        for first in range(0, len(lines), TOGETHER):
            now = clock()
            with transaction.atomic():
                for line in lines[first : first + TOGETHER]:
                    number += 1
                    kind, refused = _line(line, caller, job, now, new_id)
                    counted[kind if refused is None else "refused"] += 1
                    if refused is not None:
                        refusals.append(encoded(_told(refused, number)))
            jobs.progress(job, f"{number} lines", clock())
            if len(refusals) >= IN_A_FILE:
                jobs.store(job, "error", "OperationOutcome", refusals)
                refusals = []
    if refusals:
        jobs.store(job, "error", "OperationOutcome", refusals)
    job.parameters |= {"at": clock(), "counted": {"lines": number, **dict(sorted(counted.items()))}}


def _line(
    line: bytes, caller: Caller, job: Job, now: Instant, new_id: Callable[[], str]
) -> tuple[str, Refused | None]:
    """What a line was counted as, or why it was refused."""
    try:
        with transaction.atomic():
            return _take(line, caller, Writing(caller, now, job.base, new_id)), None
    except Refused as refused:
        return "", refused
    except (PermissionDenied, Http404):
        return "", Refused(403, "forbidden", "role and care relations do not allow this")
    except DatabaseError as error:
        _log.warning("line of an import failed", exc_info=error)
        return "", Refused(503, "transient", "it could not be stored; send it again")
    except Exception as error:
        _log.error("line of an import failed", exc_info=error)
        return "", Refused(500, "exception", "Naer failed at this line; the failure is in its log")


def _take(line: bytes, caller: Caller, writing: Writing) -> str:
    if len(line) > LONGEST:
        raise Refused(413, "too-long", "the line is longer than 5 MB")
    given = bodies.parsed(line)
    kind = given.get("resourceType")
    if kind == BUNDLE:
        caller.require(process_message.SCOPE, WRITE)
        return _message(line, caller, writing)
    if not isinstance(kind, str) or kind not in TAKERS:
        raise Refused(422, "not-supported", f"those taken are {', '.join(sorted([*TAKERS, BUNDLE]))}")
    caller.require(kind, WRITE)
    return kind if TAKERS[kind](given, writing).new else f"{kind} known or changed"


def _message(line: bytes, caller: Caller, writing: Writing) -> str:
    answer = process_message.receive(line, "application/fhir+json", caller, writing.now)
    if answer.acknowledgement in ("ok", "ok-with-errors"):
        return f"{BUNDLE} known" if answer.duplicate else BUNDLE
    issues = tuple(
        outcome.issue(one.severity, "processing", f"{one.code}: {one.text}", one.path)
        for one in answer.issues
        if one.severity in ("error", "fatal")
    )
    raise Refused(422, "processing", "the message was refused", issues=issues)


def _told(refused: Refused, number: int) -> Element:
    """The refusal of a line, for the ledger."""
    issues = [{**one, "details": {"text": f"line {number}"}} for one in refused.issues]
    return outcome.outcome(*issues)

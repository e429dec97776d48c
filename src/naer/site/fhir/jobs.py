"""Jobs asked for now and done later: their status, their files, and putting them away (Bulk Data)."""

import datetime as dt
import json
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import http_date

from naer.events.instant import DAY, HOUR, Instant, utc
from naer.messages.fhir import outcome
from naer.messages.fhir.elements import moment
from naer.site.fhir import clients
from naer.site.fhir.answers import Refused, answer, api
from naer.site.fhir.caller import READ, Caller, who
from naer.site.fhir.models import Job, JobFile
from naer.site.messaging.record import pack, unpack
from naer.site.ui.requests import new_id, now_of

NDJSON = "application/fhir+ndjson"
NDJSON_TYPES = frozenset({NDJSON, "application/ndjson", "application/x-ndjson", "ndjson"})
KEPT = DAY
"""How long a job that is done is kept."""
MOST = 3
"""Jobs of one caller that wait or run at the same time."""
RETRY_S = 5
_LOST = HOUR
"""A job that has not told of its progress for so long is begun anew."""


class GoneError(Exception):
    """The job was put away while it ran, or another process began it anew."""


def system_only(caller: Caller) -> None:
    """Bulk data is for systems: whoever is signed in looks at one citizen at a time.

    Raises:
        Refused: 403.
    """
    if caller.scopes is None:
        raise Refused(403, "forbidden", "bulk data is for systems with a token (SMART backend services)")


def require_async(request: HttpRequest) -> None:
    """Check that the caller does not wait for the answer.

    Raises:
        Refused: 400.
    """
    if "respond-async" not in request.headers.get("Prefer", "").replace(" ", "").lower():
        raise Refused(400, "required", "send Prefer: respond-async; the answer says where to look later")


def begin(
    request: HttpRequest,
    caller: Caller,
    kind: str,
    parameters: dict[str, Any],
    lines: list[bytes] | None = None,
) -> HttpResponse:
    """Store a job, and say where it is to be asked about. `lines` are the input of an import.

    Raises:
        Refused: 429 when the caller has too many of them.
    """
    now = now_of(request)
    _put_away(now)
    with transaction.atomic():
        active = Job.objects.filter(user=caller.user, state__in=(Job.State.WAITING, Job.State.RUNNING))
        if active.count() >= MOST:
            raise Refused(
                429, "throttled", f"{MOST} jobs wait or run; let one end", headers={"Retry-After": "60"}
            )
        job = Job.objects.create(
            key=new_id(),
            kind=kind,
            user=caller.user,
            client=caller.client,
            scopes=None if caller.scopes is None else " ".join(sorted(caller.scopes)),
            request=request.build_absolute_uri(),
            base=request.build_absolute_uri("/fhir"),
            parameters=parameters,
            created=now,
        )
        if lines is not None:
            store(job, "input", "", lines)
    address = f"{job.base}/jobs/{job.key}"
    told = outcome.outcome(outcome.issue("information", "informational", "begun; ask at Content-Location"))
    return answer(told, 202, {"Content-Location": address})


def caller_of(job: Job) -> Caller:
    """Who asked for it, with those scopes of that time that the system still has."""
    return Caller(job.user, None if job.scopes is None else clients.still(job.scopes, job.client), job.client)


def held(job: Job) -> QuerySet[Job]:
    """The row of a job, while nobody began it anew: `started` moves with whoever does it."""
    return Job.objects.filter(pk=job.pk, started=job.started)


def store(job: Job, side: str, kind: str, lines: list[bytes]) -> None:
    """Keep lines of NDJSON as one more file of a job.

    Raises:
        GoneError: when the job was put away, or begun anew, meanwhile.
    """
    with transaction.atomic():
        if held(job).select_for_update().first() is None:
            raise GoneError
        number = JobFile.objects.filter(job=job).count() + 1
        JobFile.objects.create(
            job=job,
            number=number,
            side=side,
            type=kind,
            count=len(lines),
            content=pack(b"\n".join(lines)),
        )


def progress(job: Job, text: str, now: Instant) -> None:
    """Say how far a job is at `now`, and that it runs.

    Raises:
        GoneError: when it was put away, or begun anew, meanwhile.
    """
    if not held(job).update(progress=text[:100], started=now):
        raise GoneError
    job.started = now


def claimed(now: Instant) -> Job | None:
    """The job that waits longest, taken by this process; None when none waits."""
    lost = Job.objects.filter(state=Job.State.RUNNING, started__lt=now - _LOST)
    for job in lost:
        with transaction.atomic():
            if held(job).filter(state=Job.State.RUNNING).update(state=Job.State.WAITING, started=None):
                job.files.exclude(side="input").delete()
    for job in Job.objects.select_related("user__organisation").filter(state=Job.State.WAITING)[:MOST]:
        mine = Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(
            state=Job.State.RUNNING, started=now
        )
        if mine:
            job.state, job.started = Job.State.RUNNING, now
            return job
    return None


@api("GET", "HEAD", "DELETE", produces_json=False)
def status(request: HttpRequest, key: str) -> HttpResponse:
    """How far a job is; the manifest of one that is done. DELETE puts it away with its files."""
    job = _own(who(request), key)
    if request.method == "DELETE":
        job.delete()
        return answer(outcome.outcome(outcome.issue("information", "informational", "put away")), 202)
    if job.state in (Job.State.WAITING, Job.State.RUNNING):
        response = HttpResponse(status=202)
        response["X-Progress"] = job.progress or job.get_state_display()
        response["Retry-After"] = str(RETRY_S)
        return response
    if job.state == Job.State.FAILED:
        raise Refused(500, "exception", "Naer failed at the job; the failure is in its log")
    response = HttpResponse(json.dumps(_manifest(job)), content_type="application/json")
    response["Expires"] = http_date(int(utc((job.finished or job.created) + KEPT).timestamp()))
    return response


@api("GET", "HEAD", produces_json=False)
def file(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One file of a job that is done, as NDJSON."""
    caller = who(request)
    job = _own(caller, key)
    found = JobFile.objects.filter(job=job, number=number, side__in=("output", "error")).first()
    if found is None or job.state != Job.State.DONE:
        raise Http404
    if found.side == "output":
        caller.require(found.type, READ)
    return HttpResponse(unpack(bytes(found.content)) + b"\n", content_type=NDJSON)


def _own(caller: Caller, key: str) -> Job:
    """A job that the caller asked for, with the same token or another of the same system."""
    found = Job.objects.filter(pk=key, user=caller.user, client=caller.client).first() if _is(key) else None
    if found is None:
        raise Http404
    return found


def _is(key: str) -> bool:
    return len(key) <= 64 and "\0" not in key


def _manifest(job: Job) -> dict[str, Any]:
    sides: dict[str, list[dict[str, Any]]] = {"output": [], "error": []}
    for one in job.files.exclude(side="input").defer("content").order_by("number"):
        url = f"{job.base}/jobs/{job.key}/{one.number}.ndjson"
        sides[one.side].append({"type": one.type, "url": url, "count": one.count})
    told: dict[str, Any] = {
        "transactionTime": moment(job.parameters.get("at", job.created)),
        "request": job.request,
        "requiresAccessToken": True,
        "output": sides["output"],
        "deleted": [],
        "error": sides["error"],
    }
    if "counted" in job.parameters:
        told["extension"] = {"urn:naer:import": job.parameters["counted"]}
    return told


def _put_away(now: Instant) -> None:
    """Forget jobs that were done long ago, and those that nobody has done for a week."""
    Job.objects.filter(finished__lt=now - KEPT).delete()
    Job.objects.filter(created__lt=now - 7 * DAY).delete()


def since(text: str) -> str:
    """The value of `_since`, when it is an instant.

    Raises:
        Refused: 400.
    """
    try:
        read = dt.datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        read = None
    if read is None or read.tzinfo is None or not 1900 <= read.year < 2200:
        raise Refused(400, "value", "_since is an instant, as 2026-03-02T10:00:00Z")
    return text.replace(" ", "+")

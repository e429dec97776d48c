"""$export: everything the caller may see, as NDJSON (Bulk Data Access 2.0: system, Patient, Group)."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, encoded
from naer.site.access import rules
from naer.site.fhir import bodies, jobs
from naer.site.fhir.answers import Refused, api
from naer.site.fhir.caller import READ, Caller, who
from naer.site.fhir.models import Job
from naer.site.fhir.parties import organisation_key
from naer.site.fhir.types import TYPES, Asked, Query, ResourceType, Wanted

PAGE, IN_A_FILE = 200, 2000
"""Resources read at a time, and in one file."""
_NEVER = frozenset({"Subscription"})
"""Types that hold what systems asked for, not what is known of citizens."""
_KNOWN = ("_outputFormat", "_since", "_type")
_MUTE = ("_format", "_pretty")


@api("GET", "POST")
def system(request: HttpRequest) -> HttpResponse:
    """/fhir/$export: every type."""
    return _begin(request, "system")


@api("GET", "POST")
def patients(request: HttpRequest) -> HttpResponse:
    """/fhir/Patient/$export: what is about citizens."""
    return _begin(request, "patient")


@api("GET", "POST")
def group(request: HttpRequest, key: str) -> HttpResponse:
    """/fhir/Group/id/$export: what is about the citizens of an organisation, the caller's own."""
    caller = who(request)
    if organisation_key(key) != caller.user.organisation_id:
        raise Http404
    return _begin(request, "group")


def _begin(request: HttpRequest, level: str) -> HttpResponse:
    caller = who(request)
    jobs.system_only(caller)
    jobs.require_async(request)
    given = _parameters(request)
    if given.get("_outputFormat", [jobs.NDJSON])[-1].replace(" ", "+") not in jobs.NDJSON_TYPES:
        raise Refused(400, "not-supported", "_outputFormat: application/fhir+ndjson is written")
    lenient = "handling=lenient" in request.headers.get("Prefer", "").replace(" ", "").lower()
    unknown = sorted(given.keys() - {*_KNOWN, *_MUTE})
    if unknown and not lenient:
        raise Refused(400, "not-supported", "known are _outputFormat, _since and _type")
    wanted = [name for text in given.get("_type", ()) for name in text.split(",") if name]
    parameters: dict[str, Any] = {"level": level, "types": _types(caller, level, wanted, lenient)}
    if "_since" in given:
        parameters["since"] = jobs.since(given["_since"][-1])
    return jobs.begin(request, caller, "export", parameters)


def _parameters(request: HttpRequest) -> dict[str, list[str]]:
    """Parameters of the address, and of a Parameters resource when it was posted."""
    given: dict[str, list[str]] = {name: list(values) for name, values in request.GET.lists()}
    if request.method == "POST" and request.body:
        body = bodies.resource(request, "Parameters")
        parameters = body.get("parameter", [])
        if not isinstance(parameters, list) or not all(isinstance(one, dict) for one in parameters):
            raise Refused(400, "structure", "parameter must be a list", "Parameters.parameter")
        for one in parameters:
            value = next((value for name, value in one.items() if name.startswith("value")), None)
            if not isinstance(value, str) or not isinstance(one.get("name"), str):
                raise Refused(400, "structure", "a parameter has a name and a value", "Parameters.parameter")
            given.setdefault(one["name"], []).append(value)
    return given


def offered(level: str) -> list[str]:
    """The types that a level of export has."""
    return [
        name
        for name, kind in sorted(TYPES.items())
        if name not in _NEVER and (level == "system" or name == "Patient" or "patient" in kind.parameters)
    ]


def _types(caller: Caller, level: str, wanted: list[str], lenient: bool) -> list[str]:
    """The types to be exported: those asked for, else all that the scopes allow."""
    known = offered(level)
    if not wanted:
        found = [name for name in known if caller.allowed(name, READ)]
        if not found:
            raise Refused(403, "forbidden", "the scopes of the token allow no type to be read")
        return found
    if not lenient and not set(wanted) <= set(known):
        raise Refused(400, "not-supported", f"_type: those of this export are {', '.join(known)}")
    found = [name for name in known if name in wanted]
    for name in found:
        caller.require(name, READ)
    return found


def run(job: Job, clock: Callable[[], Instant]) -> None:
    """Write the files of an export, each look at a citizen into the trace.

    Raises:
        jobs.GoneError: when it was put away, or begun anew, meanwhile.
    """
    now = clock()
    asked = Asked(jobs.caller_of(job), now, job.base)
    job.parameters["at"] = now
    seen: set[str] = set()
    total = 0
    for name in job.parameters["types"]:
        if not asked.caller.allowed(name, READ):  # taken away since
            continue
        lines: list[bytes] = []
        for resource, citizen in _found(asked, TYPES[name], job.parameters.get("since", "")):
            if citizen:
                seen.add(citizen)
            elif job.parameters["level"] != "system":
                continue
            lines.append(encoded(resource))
            total += 1
            if len(lines) == IN_A_FILE:
                jobs.store(job, "output", name, lines)
                jobs.progress(job, f"{total} resources", clock())
                lines = []
        if lines:
            jobs.store(job, "output", name, lines)
        jobs.progress(job, f"{total} resources", clock())
    rules.looked_at(asked.caller.user, seen, f"export {job.key}", now)


def _found(asked: Asked, kind: ResourceType, since: str) -> Iterable[tuple[Element, str]]:
    """Every resource of a type that the caller may see, and whom it is about."""
    changed = kind.parameters.get("_lastUpdated")
    wanted = (Wanted(changed, "", (f"ge{since}",)),) if since and changed else ()
    after: str | None = ""
    while after is not None:
        page = kind.shelf.find(asked, Query(wanted), after, PAGE)
        yield from ((one.resource, one.citizen) for one in page.found)
        after = page.next

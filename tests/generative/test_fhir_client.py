"""A client that asks the FHIR interface anything: never a 5xx, never a status that is not documented.

Addresses are made of types, ids, parameters and values: right ones, wrong ones, hostile ones. Whatever is
answered is a valid resource (fhir.resources, R4B), every error an OperationOutcome, and no answer tells of
anybody whom the asker may not see, or repeats a value it refuses.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naer.site import clock
from naer.site.access.models import AccessEntry
from naer.site.fhir import urls  # noqa: F401 - makes every type known
from naer.site.fhir.asking import RESULT
from naer.site.fhir.types import TYPES, ResourceType
from tests import place
from tests.integration.fhir.full import fill

PAGE = Path("docs/reference/fhir.md")
DOCUMENTED = {
    int(code)
    for row in re.findall(r"^\| ((?:\d{3}(?:, )?)+) \|", PAGE.read_text("utf-8"), re.M)
    for code in row.split(", ")
}
SEARCHED = sorted(TYPES)
HOSTILE = st.sampled_from(
    ["", "|", "a|b|c", "\\", "\\,", ",", ",,,", "%", "%00", "\0", "'; --", "../..", "Patient/", "/", "//x",
     "9" * 30, "-1", "1e9", "٣", "＜", "\ud7ff", "2026-02-30", "0001", "9999", "9999-12-31", "ap9999",
     "ap0001", "ge0000", "ne2026", "2026-03-29T02:30:00", "2026-01-01T00:00:00+99:99", "2026-01-01T24:00:00Z",
     "http://testserver/fhir/Patient/1", "urn:naer:clause|x", "true", "*"]
)  # fmt: skip
DATES = st.builds(
    "{}{}".format,
    st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]),
    st.sampled_from(["2026", "2026-11", "2026-11-22", "2026-11-22T10:00", "2026-11-22T10:00:00.123456789Z"]),
)
CODES = st.sampled_from(
    ["requested", "completed", "entered-in-error", "overdue", "active", "finished", "in-progress", "IMP",
     "hospital", "R", "look", "urn:naer:role|gp", "|active", "http://hl7.org/fhir/task-status|"]
)  # fmt: skip
SEEN, HIDDEN = "a-citizen-who-is-seen", "a-citizen-who-is-hidden"
"""Stand for the keys of the two citizens."""
KEYS = st.sampled_from([SEEN, HIDDEN, f"Patient/{SEEN}", f"Patient/{HIDDEN}", f"{SEEN},{HIDDEN}"])
VALUES = st.one_of(HOSTILE, DATES, CODES, KEYS, st.text(max_size=12), st.integers(0, 400).map(str))
MODIFIERS = st.sampled_from(["", "", "", ":not", ":exact", ":contains", ":missing", ":Patient", ":x", ":"])


LIKELY = {
    "date": DATES,
    "token": CODES,
    "reference": KEYS,
    "string": st.sampled_from(["Karen", "Hj", "860", "a"]),
    "uri": st.sampled_from(["urn:naer:PlanDefinition:nordjylland-example", "x"]),
}
"""Values that a parameter of each type is likely to be given."""
HEADERS = [
    *({} for _ in range(9)),
    {"Prefer": "handling=strict"},
    {"Accept": "text/xml"},
    {"If-None-Match": '"x"'},
    {"Authorization": "x"},
    {"Authorization": "Bearer ä"},
]


@st.composite
def parameters(draw: st.DrawFn, kind: ResourceType) -> list[tuple[str, str]]:
    """Some parameters: most of the type's own with likely values, some about the answer, some of nobody's."""
    pairs = []
    for _ in range(draw(st.integers(0, 3))):
        if kind.parameters and draw(st.integers(0, 4)):
            one = kind.parameters[draw(st.sampled_from(sorted(kind.parameters)))]
            likely = draw(st.integers(0, 5)) > 0
            modifier = "" if likely else draw(MODIFIERS)
            pairs.append((one.name + modifier, draw(LIKELY[one.type] if likely else VALUES)))
        else:
            name = draw(st.sampled_from(["_id", *RESULT, "_sort", "_has:Task:x:y", "x", "patient.name"]))
            pairs.append((name, draw(VALUES)))
    if draw(st.integers(0, 3)) == 0:
        pairs.append(
            ("_include", draw(st.sampled_from([f"{kind.name}:{one}" for one in kind.includes] + ["*"])))
        )
    return pairs


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, list[tuple[str, str]], dict[str, str]]:
    """A method, an address, parameters, headers."""
    name = draw(st.sampled_from([*SEARCHED, *SEARCHED, "Nothing", "metadata", "_search"]))
    kind = TYPES.get(name) or TYPES["Task"]
    pairs = draw(parameters(kind))
    way = draw(st.sampled_from(["search", "search", "search", "posted", "posted", "read", "other"]))
    headers = draw(st.sampled_from(HEADERS))
    if way == "posted":
        return "POST", f"/fhir/{name}/_search", pairs, headers
    if way == "read":
        return "GET", f"/fhir/{name}/{quote(draw(VALUES), safe='')}", pairs, headers
    if way == "other":
        method = draw(st.sampled_from(["PATCH", "DELETE", "OPTIONS", "HEAD"]))
        return method, f"/fhir/{name}/1", pairs, headers
    return "GET", f"/fhir/{name}", pairs, headers


@pytest.fixture
def clients(db: None) -> list[tuple[Client, str, str]]:
    """Two people with a citizen each: (client, key of the one they see, key of the one they must not see)."""
    here = place.build()
    fill(here, clock.now())
    both = (here.citizen.key, here.neighbour.key)
    made = []
    for name, seen, hidden in (("mette", *both), ("ole", *reversed(both))):
        client = Client(raise_request_exception=False)
        client.force_login(here.users[name])
        made.append((client, seen, hidden))
    return made


@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=requests(), who=st.integers(0, 1))
def test_whatever_is_asked_is_answered_as_documented(
    clients: list[tuple[Client, str, str]],
    asked: tuple[str, str, list[tuple[str, str]], dict[str, str]],
    who: int,
) -> None:
    client, seen, hidden = clients[who]
    method, address, pairs, headers = asked
    query = urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs])
    address, query = (
        text.replace(SEEN, seen).replace(HIDDEN, hidden) for text in (address, query.replace("%2D", "-"))
    )
    traced = AccessEntry.objects.filter(action="look-fhir")
    before = traced.count()
    if method == "POST":
        form = "application/x-www-form-urlencoded"
        answer: Any = client.post(address, query, content_type=form, headers=headers)
    else:
        answer = client.generic(method, f"{address}?{query}", headers=headers)
    assert answer.status_code in DOCUMENTED
    if method == "HEAD" or answer.status_code in (204, 304):
        return
    resource = answer.json()
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    if answer.status_code >= 400:
        assert resource["resourceType"] == "OperationOutcome"
    told = json.dumps(resource.get("entry", "") if resource["resourceType"] == "Bundle" else resource)
    assert hidden not in told
    assert (seen in told) <= (traced.count() > before), "who was told of is in the trace"

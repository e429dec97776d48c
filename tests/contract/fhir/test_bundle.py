"""A Bundle of resources is read as one letter: facts, notes, whom it is about; refused with what is wrong."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.instant import ZONES, parse
from naer.messages import read
from naer.messages.envelope import Incoming

NUMBER = "7101901234"
NORWEGIAN = "15815010016"


def bundle(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A transaction of a hospital about one citizen."""
    held = (
        {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"system": "urn:oid:1.2.208.176.1.2", "value": NUMBER}],
            "name": [{"family": "Testgaard", "given": ["Karen"]}],
        },
        {
            "resourceType": "Organization",
            "id": "o",
            "name": "Prøvesygehuset",
            "identifier": [{"system": "urn:oid:1.2.208.176.1.1", "value": "999000000000011"}],
        },
        *resources,
    )
    return {
        "resourceType": "Bundle",
        "id": "b-1",
        "type": "transaction",
        "timestamp": "2026-03-02T10:00:00Z",
        "entry": [{"resource": one, "request": {"method": "POST"}} for one in held],
    } | more


STAY = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "finished",
    "class": {"code": "IMP"},
    "episodeOfCare": [{"identifier": {"system": "urn:x", "value": "URN:UUID:0000-AB"}}],
    "period": {"start": "2026-03-01T08:00:00+01:00", "end": "2026-03-02T09:00:00+01:00"},
}


def taken(*resources: dict[str, Any], **more: Any) -> Incoming:
    """A bundle as it is read."""
    return read(json.dumps(bundle(*resources, **more)).encode(), "application/fhir+json")


def at(text: str) -> int:
    """An instant."""
    return parse(text, ZONES["DK"])


def test_a_stay_is_two_facts_on_its_course() -> None:
    found = taken(STAY)
    assert found.issues == []
    assert (found.standard, found.message_id, found.answerable) == ("fhir-bundle", "b-1", True)
    letter = found.letter
    assert letter is not None
    assert [(one.kind, one.at) for one in letter.facts] == [
        ("admitted", at("2026-03-01T07:00:00Z")),
        ("discharged", at("2026-03-02T08:00:00Z")),
    ]
    assert letter.episode is not None
    assert letter.episode.key == "0000ab"
    assert (letter.person.number, letter.person.family) == (NUMBER, "Testgaard")
    assert letter.sender.sor == "999000000000011"


def test_death_ends_a_stay() -> None:
    stay = STAY | {"hospitalization": {"dischargeDisposition": {"coding": [{"code": "exp"}]}}}
    letter = taken(stay).letter
    assert letter is not None
    assert [one.kind for one in letter.facts] == ["admitted", "died"]


def test_tasks_plans_and_requests_are_their_kind() -> None:
    def code(kind: str) -> dict[str, Any]:
        return {"coding": [{"system": "urn:naer:kind", "code": kind}]}

    task = {
        "resourceType": "Task",
        "status": "completed",
        "output": [
            {"type": code("ready_for_discharge"), "valueDateTime": "2026-03-02T08:00:00Z"},
            {
                "type": {"coding": [{"system": "urn:naer:attribute", "code": "channel"}]},
                "valueString": "message",
            },
        ],
    }
    plan = {
        "resourceType": "CarePlan",
        "status": "active",
        "category": [code("care_plan")],
        "created": "2026-03-01",
    }
    request = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "code": code("rehabilitation_plan"),
        "authoredOn": "2026-03-02T09:00:00Z",
    }
    letter = taken(task, plan, request).letter
    assert letter is not None
    assert [(one.kind, dict(one.attributes)) for one in letter.facts] == [
        ("ready_for_discharge", {"channel": "message"}),
        ("care_plan", {}),
        ("rehabilitation_plan", {}),
    ]
    assert len({one.suffix for one in letter.facts}) == 3


def test_texts_and_measurements_are_notes() -> None:
    said = {
        "resourceType": "Communication",
        "status": "completed",
        "sent": "2026-03-02T08:00:00Z",
        "topic": {"text": "Medicin"},
        "payload": [{"contentString": "Ny dosis"}],
    }
    measured = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Blodtryk"},
        "component": [
            {"code": {"text": "systolisk"}, "valueQuantity": {"value": 121, "unit": "mmHg"}},
            {"code": {"text": "diastolisk"}, "valueQuantity": {"value": 80, "unit": "mmHg"}},
        ],
    }
    letter = taken(said, measured).letter
    assert letter is not None
    assert letter.notes == (
        ("Medicin", "Ny dosis"),
        ("Blodtryk", "systolisk 121 mmHg, diastolisk 80 mmHg"),
    )
    assert [one.kind for one in letter.facts] == ["correspondence"]


def test_what_is_not_used_is_said() -> None:
    found = taken(
        STAY,
        {"resourceType": "Device"},
        STAY | {"id": "f", "status": "planned"},
        {"resourceType": "Task", "status": "completed", "code": {"text": "?"}},
    )
    assert found.issues == []
    assert [one.path for one in found.flags] == [
        "Bundle.entry[3].resource",
        "Bundle.entry[4].resource.status",
        "Bundle.entry[5].resource",
    ]


def test_a_norwegian_citizen_and_municipality() -> None:
    tree = bundle(STAY)
    fnr = {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": NORWEGIAN}
    tree["entry"][0]["resource"]["identifier"] = [fnr]
    tree["entry"][1]["resource"]["identifier"] = [{"system": "urn:oid:2.16.578.1.12.4.1.2", "value": "91001"}]
    found = read(json.dumps(tree).encode())
    assert found.letter is not None
    assert (found.letter.person.system, found.letter.sender.her) == ("FNR", "91001")


def test_provenance_names_the_sender_among_several() -> None:
    other = {
        "resourceType": "Organization",
        "id": "q",
        "identifier": [{"system": "https://www.gs1.org/gln", "value": "5790000000860"}],
    }
    who = {"resourceType": "Provenance", "agent": [{"who": {"reference": "Organization/q"}}]}
    assert taken(STAY, other).issues[0].path == "Provenance.agent"
    found = taken(STAY, other, who)
    assert found.letter is not None
    assert found.letter.sender.gln == "5790000000860"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda tree: tree.pop("timestamp"), "Bundle.timestamp"),
        (lambda tree: tree.pop("id"), "Bundle.identifier.value"),
        (lambda tree: tree.pop("entry"), "Bundle.entry"),
        (lambda tree: tree["entry"].pop(0), "Patient"),
        (lambda tree: tree["entry"].append(tree["entry"][0]), "Patient"),
        (lambda tree: tree["entry"].pop(1), "Provenance.agent"),
        (lambda tree: tree["entry"].pop(2), "Bundle.entry"),
        (lambda tree: tree["entry"][0]["resource"]["identifier"].clear(), "Patient.identifier"),
        (lambda tree: tree["entry"][2]["request"].update(method="DELETE"), "Bundle.entry[2].request.method"),
        (
            lambda tree: tree["entry"][2]["resource"]["period"].update(start="yesterday"),
            "Bundle.entry[2].resource.period.start",
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_where(change: Any, path: str) -> None:
    tree = copy.deepcopy(bundle(STAY))
    change(tree)
    found = read(json.dumps(tree).encode())
    assert path in [one.path for one in found.issues]
    assert found.letter is None
    assert NUMBER not in repr(found)


def test_a_message_with_a_wrong_type_is_still_a_message() -> None:
    tree = bundle(STAY)
    tree["entry"].insert(0, {"resource": {"resourceType": "MessageHeader"}})
    assert read(json.dumps(tree).encode()).standard != "fhir-bundle"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "value", "system", "start", "text"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in steps for place in _places(one, (*path, key)))]


_WHOLE = bundle(
    STAY,
    {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueQuantity": {"value": 1}},
    {
        "resourceType": "Task",
        "status": "completed",
        "output": [
            {
                "type": {"coding": [{"system": "urn:naer:kind", "code": "care_plan"}]},
                "valueDateTime": "2026-03-02T08:00:00Z",
            }
        ],
    },
)
_EVERYWHERE = [path for path in _places(_WHOLE) if path]


@settings(max_examples=400)
@given(st.sampled_from(_EVERYWHERE), _ANY)
def test_nothing_breaks_the_reader(path: tuple[Any, ...], value: Any) -> None:
    tree = copy.deepcopy(_WHOLE)
    place: Any = tree
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    found = read(json.dumps(tree).encode())
    assert found.issues or found.letter is not None or found.notification is not None

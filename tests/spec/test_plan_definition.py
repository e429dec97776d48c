"""An agreement as a FHIR PlanDefinition: valid, whole, and without extensions where FHIR can say it.

Validated with the R4B models of fhir.resources, the nearest to R4 that the library has; nothing of R4B that
R4 lacks is used (`subjectCanonical` is the only new element).
"""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.plandefinition import PlanDefinition
from ruamel.yaml import YAML

from naer.agreement import Agreement, library, load
from naer.agreement.plan_definition import plan_definition

TODAY = dt.date(2026, 11, 22)
VERSIONS = [version for line in library().lines for version in line.versions]

HEAD = """\
agreement: test
country: NO
unless: [died]
parties:
  hospital: {is: hospital}
  municipality: {is: municipality, of: stay}
  citizen: {is: citizen}
clauses:
  - id: one
    source: Somewhere, § 1
    verified: true
    owed_by: hospital
    owed_to: citizen
"""


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def of(keys: str, **head: str) -> dict[str, Any]:
        text = HEAD
        for key, value in head.items():
            text = text.replace("clauses:", f"{key}: {value}\nclauses:")
        path = tmp_path / "test.yaml"
        path.write_text(text + "".join(f"    {line}\n" for line in keys.splitlines()))
        plan = plan_definition(load(path).lines[0].versions[0], "en", today=TODAY)
        PlanDefinition.model_validate(plan)
        return plan

    return of


def action(plan: dict[str, Any], key: str = "one") -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in plan["action"] if one["id"] == key)
    return found


@pytest.mark.parametrize("language", ["da", "nb", "en"])
@pytest.mark.parametrize("agreement", VERSIONS, ids=lambda one: f"{one.id}@{one.starts}")
def test_every_shipped_agreement_is_a_valid_resource(agreement: Agreement, language: str) -> None:
    plan = plan_definition(agreement, language, today=TODAY)
    PlanDefinition.model_validate_json(json.dumps(plan))
    ids = [one["id"] for one in plan["action"]]
    assert [one for one in ids if not one.startswith("event-")] == [one.id for one in agreement.clauses]
    assert len(set(ids)) == len(ids)
    for one in plan["action"]:
        assert {related["actionId"] for related in one.get("relatedAction", ())} <= set(ids)
        assert one["title"]
        if not one["id"].startswith("event-"):
            assert one["documentation"][0]["citation"]


@pytest.mark.parametrize("agreement", VERSIONS, ids=lambda one: f"{one.id}@{one.starts}")
def test_the_exact_yaml_is_there_wherever_a_clause_says_more(agreement: Agreement) -> None:
    plan = plan_definition(agreement, "en", today=TODAY)
    for clause in agreement.clauses:
        (exact,) = action(plan, clause.id).get("extension", [None])
        if exact is None:
            assert not {"calendar", "when", "start", "since", "anchor", "pause", "match", "scope"} & set(
                clause.node.items()
            )
            continue
        told = YAML(typ="safe").load(exact["valueString"])
        wanted = {key: node.plain() for key, node in clause.node.items().items() if node.value is not None}
        wanted.pop("examples", None)
        assert told == wanted


def test_what_fhir_can_say_is_said_without_an_extension(made: Any) -> None:
    one = action(made("after: admitted\nwhere: {planned: true}\ndeliver: admission_report\nwithin: 24 h"))
    assert "extension" not in one
    assert one["trigger"] == [{"type": "named-event", "name": "admitted"}]
    assert one["timingDuration"] == {
        "value": 24, "unit": "hour", "system": "http://unitsofmeasure.org", "code": "h",
    }  # fmt: skip
    assert one["code"] == [{"coding": [{"system": "urn:naer:event", "code": "admission_report"}]}]
    applicable, stop = one["condition"]
    assert applicable["expression"]["description"] == "The stay is planned"
    assert applicable["expression"]["expression"] == "where:\n  planned: true"
    assert (stop["kind"], stop["expression"]["description"]) == ("stop", "The citizen dies")
    assert [(who["type"], who["role"]["text"]) for who in one["participant"]] == [
        ("practitioner", "the hospital"),
        ("patient", "the citizen"),
    ]
    assert one["documentation"] == [{"type": "citation", "citation": "Somewhere, § 1"}]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("30 min", (30, "min")),
        ("3 days", (3, "d")),
        ("2 weeks", (2, "wk")),
        ("1 month", (1, "mo")),
        ("2 working days", None),
        ("8 working hours", None),
        ("at once", None),
        ("by 12:00 next day", None),
    ],
)
def test_a_limit_is_a_duration_or_stays_yaml(made: Any, limit: str, said: tuple[int, str] | None) -> None:
    one = action(made(f"after: admitted\ndeliver: epicrisis\nwithin: {limit}"))
    timing = one.get("timingDuration")
    assert (timing and (timing["value"], timing["code"])) == said
    assert ("extension" in one) is (said is None)


def test_before_is_a_relation_to_the_action_of_the_event(made: Any) -> None:
    plan = made("after: admitted\ndeliver: epicrisis\nbefore: discharged\nahead: 1 day")
    assert action(plan)["relatedAction"] == [
        {
            "actionId": "event-discharged",
            "relationship": "before-start",
            "offsetDuration": {"value": 1, "unit": "day", "system": "http://unitsofmeasure.org", "code": "d"},
        }
    ]
    assert action(plan, "event-discharged")["trigger"] == [{"type": "named-event", "name": "discharged"}]


def test_ids_of_events_are_ids_of_fhir(made: Any) -> None:
    own = "{go home: Go home!}"
    plan = made("deliver: epicrisis\nbefore: go home", events=own)
    assert action(plan)["relatedAction"][0]["actionId"] == "event-go-home"


def test_what_stops_it_is_a_sentence(made: Any) -> None:
    one = action(made("after: admitted\nunless: [discharged]\ndeliver: admission_report\nwithin: 24 h"))
    (stop,) = one["condition"]
    assert stop["expression"]["description"] == "The citizen is discharged or the citizen dies"


def test_of_several_deliveries_any_will_do(made: Any) -> None:
    deliver = "[{kind: phone_call, where: {channel: phone}}, correspondence]"
    one = action(made(f"after: admitted\ndeliver: {deliver}\nwithin: 2 h"))
    assert one["selectionBehavior"] == "at-least-one"
    assert [part["code"][0]["coding"][0]["code"] for part in one["action"]] == [
        "phone_call",
        "correspondence",
    ]
    assert one["action"][0]["condition"][0]["expression"]["expression"] == "where:\n  channel: phone"


@pytest.mark.parametrize(
    ("valid", "status"),
    [
        ("{from: 2024-01-01}", "active"),
        ("{from: 2024-01-01, to: 2026-11-21}", "retired"),
        ("{from: 2024-01-01, to: 2026-11-22}", "active"),
        ("{from: 2026-11-23}", "draft"),
    ],
)
def test_status_version_and_dates_are_those_of_the_agreement(made: Any, valid: str, status: str) -> None:
    path_clause = "after: admitted\ndeliver: epicrisis\nwithin: 2 h"
    plan = plan_of(made, path_clause, valid)
    assert plan["status"] == status
    assert plan["version"] == plan["date"] == plan["effectivePeriod"]["start"]


def plan_of(made: Any, clause: str, valid: str) -> dict[str, Any]:
    plan: dict[str, Any] = made(clause, valid=valid)
    return plan


def test_where_it_holds_is_jurisdiction_and_context(made: Any) -> None:
    plan = made(
        "after: admitted\ndeliver: epicrisis\nwithin: 2 h", applies='{municipality: ["0301", "1103"]}'
    )
    assert plan["jurisdiction"][0]["coding"][0]["code"] == "NO"
    codes = [one["valueCodeableConcept"]["coding"][0]["code"] for one in plan["useContext"]]
    assert codes == ["0301", "1103"]
    assert "extension" not in plan
    other = made("after: admitted\ndeliver: epicrisis\nwithin: 2 h", applies="{planned: true}")
    assert YAML(typ="safe").load(other["extension"][0]["valueString"])["applies"] == {"planned": True}


def test_urls_begin_with_the_base_one_gives(made: Any) -> None:
    agreement = next(one for one in VERSIONS if one.id == "nordvik-example")
    plan = plan_definition(agreement, "nb", today=TODAY, base="https://fhir.example.no/")
    assert plan["url"] == "https://fhir.example.no/PlanDefinition/nordvik-example"
    assert plan["relatedArtifact"][0]["resource"] == "https://fhir.example.no/PlanDefinition/no-national"
    assert plan["experimental"] is True

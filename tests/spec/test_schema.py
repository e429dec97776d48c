"""The JSON Schema of agreement files: every key is in it, what is right passes, most of what is wrong not."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from naer.agreement.check import check
from naer.agreement.language import LANGUAGES
from naer.agreement.loader import LIBRARY
from naer.agreement.reading import AGREEMENT_KEYS
from naer.agreement.reading_calendar import KEYS as CALENDAR_KEYS
from naer.agreement.reading_clause import CLAUSE_KEYS, OUTCOMES
from naer.agreement.reading_yaml import parse, read
from naer.agreement.schema import schema
from naer.events.kinds import KINDS

SCHEMA = schema()
CLAUSE = SCHEMA["$defs"]["clause"]["properties"]
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FULL = """\
agreement: full
title: {en: Everything}
country: NO
extends: null
valid: {from: 2024-04-02, to: null}
applies: {municipality: ["851", "860"]}
unless: [died]
parties:
  hospital: {is: hospital}
  municipality: {is: municipality, of: residence}
calendars:
  office:
    days: mon,wed-fri
    hours: {mon-thu: "08:00-16:00", fri: "08:00-15:00"}
    holidays: public
    add: ["12-24"]
    remove: [2026-05-01]
events: {er: ER Registration, ward: [Admission IC, Admission NC]}
clauses:
  - id: one
    title: Everything that goes with a limit
    source: § 1
    verified: true
    owed_by: municipality
    owed_to: hospital
    after: [admitted, {kind: [er, ward], where: {visit: 1}}]
    where: {report_requested: true, ward: [A, B], age: {">=": 65, exists: true}}
    calendar: office
    when: open
    start: next opening
    since: {first: admitted, reset: discharged, over: 48 h}
    deliver: [admission_report, phone_call]
    within: 8 working hours
    anchor: [at, received, {last: rehabilitation_plan, attribute: start_by}]
    unless: discharged
    survives: [died]
    waiver: owed_to
    accept_earlier: 1 working day
    pause: {from: hold_started, until: hold_ended}
    repeat: restart
    scope: citizen
    evidence: partial
    may_loosen: [within]
    escalate: [{at: due - 2 h, to: owed_by}, {at: due, to: owed_to}, {at: trigger + 1 h, to: owed_by.leader}]
    deviation: {over: 4 h, times: 3, within: 30 days}
    examples:
      - timeline:
          "2026-03-02 10:00": {admitted: {report_requested: false}}
          "2026-03-02 11:00": [phone_call, {er: {}}]
        now: 2026-03-02 12:00
        expect: []
  - id: two
    source: § 2
    owed_by: hospital
    owed_to: municipality
    after: admitted
    deliver: care_forecast
    before: discharged
    ahead: by 24:00 day before
    may_loosen: true
  - id: three
    source: § 3
    after: request
    deliver: answer
    within: by 12:00 2 working days later
    match: message
"""


def _valid(text: str) -> bool:
    return VALIDATOR.is_valid(parse(text, "test.yaml").plain())


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_is_in_it_with_a_description() -> None:
    assert tuple(SCHEMA["properties"]) == AGREEMENT_KEYS
    assert tuple(CLAUSE) == CLAUSE_KEYS
    for key, value in (*SCHEMA["properties"].items(), *CLAUSE.items()):
        assert value["description"].endswith("."), key


def test_every_kind_language_outcome_and_calendar_key_is_offered() -> None:
    offered = {one["const"] for one in SCHEMA["$defs"]["kind"]["anyOf"] if "const" in one}
    assert offered == set(KINDS)
    assert set(SCHEMA["$defs"]["text"]["anyOf"][1]["properties"]) == set(LANGUAGES)
    mappings = _properties(SCHEMA)
    assert any(set(one) == set(CALENDAR_KEYS) for one in mappings)
    expected = [one["expect"]["anyOf"][0]["enum"] for one in mappings if "expect" in one]
    assert expected
    assert all(outcomes == list(OUTCOMES) for outcomes in expected)


def _properties(part: Any) -> list[dict[str, Any]]:
    """Every `properties` in a part of the schema."""
    if isinstance(part, list):
        return [found for one in part for found in _properties(one)]
    if not isinstance(part, dict):
        return []
    here = [part["properties"]] if isinstance(part.get("properties"), dict) else []
    return here + [found for one in part.values() for found in _properties(one)]


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_agreement_is_valid(path: Path) -> None:
    assert not [error.message for error in VALIDATOR.iter_errors(read(path).plain())]


def test_a_file_with_every_key_is_valid_and_right(tmp_path: Path) -> None:
    path = tmp_path / "full.yaml"
    path.write_text(FULL)
    assert not [error.message for error in VALIDATOR.iter_errors(read(path).plain())]
    assert not check([path], LIBRARY).problems
    given = {key for clause in read(path).items()["clauses"].each() for key in clause.items()}
    assert given == set(CLAUSE_KEYS)
    assert set(read(path).items()) == set(AGREEMENT_KEYS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("country: NO", "country: SE"),
        ("unless: [died]", "unles: [died]"),
        ("verified: true", "verified: yes"),
        ("    source: § 2\n", ""),
        ("8 working hours", "24h"),
        ("8 working hours", "24 hours"),
        ("8 working hours", "by 12:00 tomorrow"),
        ("8 working hours", "by 25:00 same day"),
        ("1 working day\n", "1 working hour\n"),
        ("by 24:00 day before", "by 12:00 next day"),
        ("when: open", "when: opening"),
        ("over: 48 h", "more than: 48 h"),
        ("over: 48 h", "over: 48 h, under: 50 h"),
        ("first: admitted", "last: admitted, first: admitted"),
        ("waiver: owed_to", "waiver: hospital"),
        ("repeat: restart", "repeat: always"),
        ("scope: citizen", "scope: person"),
        ("from: hold_started, until", "from: hold_started, til"),
        ("may_loosen: [within]", "may_loosen: [withn]"),
        ("due - 2 h", "2 h before due"),
        ("to: owed_by.leader", "to: leader"),
        ("expect: []", "expect: kpt"),
        ("mon,wed-fri", "monday"),
        ("08:00-16:00", "8-16"),
        ("holidays: public", "holidays: danish"),
        ('">=": 65', '">>": 65'),
        ("of: residence", "of: home"),
        ("anchor: [at, received", "anchor: [at, recieved"),
        ("title: {en: Everything}", "title: {se: Allt}"),
    ],
)
def test_what_is_wrong_is_refused_while_typing(tmp_path: Path, old: str, new: str) -> None:
    assert old in FULL
    wrong = FULL.replace(old, new, 1)
    assert not _valid(wrong)
    path = tmp_path / "full.yaml"
    path.write_text(wrong)
    assert check([path], LIBRARY).problems, "the schema must not refuse what is right"


def test_an_overlay_may_remove_a_key() -> None:
    assert _valid(
        "agreement: a\ncountry: DK\nclauses: [{id: one, source: § 1, verified: true, unless: null}]\n"
    )

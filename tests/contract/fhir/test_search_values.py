"""Values of search parameters, as tables: dates, tokens, references and lists of values (R4, Search)."""

import time

import pytest

from naer.events.instant import parse
from naer.site.fhir import values
from naer.site.fhir.answers import Refused
from naer.site.fhir.parameters import at, coded, codings, span
from naer.site.fhir.values import Span
from naer.site.ui.times import ZONE

NOON = parse("2026-03-02T12:00:00+01:00", ZONE)
DAY: Span = values.instant_span(NOON)
STAY: Span = (parse("2026-03-01T00:00:00+01:00", ZONE), parse("2026-03-04T00:00:00+01:00", ZONE))
RUNS: Span = (STAY[0], None)

DATES = [
    # value               an instant  a stay  one that runs
    ("2026-03-02",          True,      False,  False),
    ("2026-03",             True,      True,   False),
    ("2026",                True,      True,   False),
    ("2026-03-02T12:00",    True,      False,  False),
    ("2026-03-02T11:00:00Z", True,     False,  False),
    ("2026-03-02T11:00:00.5Z", False,  False,  False),
    ("ne2026-03-02",        False,     True,   True),
    ("gt2026-03-02",        False,     True,   True),
    ("gt2026-03-01",        True,      True,   True),
    ("lt2026-03-02",        False,     True,   True),
    ("lt2026-03-01",        False,     False,  False),
    ("ge2026-03-02",        True,      True,   True),
    ("ge2026-03-05",        False,     False,  True),
    ("le2026-03-02",        True,      True,   True),
    ("sa2026-02-28",        True,      True,   True),
    ("sa2026-03-02",        False,     False,  False),
    ("eb2026-03-04",        True,      True,   False),
    ("eb2026-03-02",        False,     False,  False),
]  # fmt: skip


@pytest.mark.parametrize(("value", "instant", "stay", "runs"), DATES)
def test_dates(value: str, instant: bool, stay: bool, runs: bool) -> None:
    date = values.date(value, NOON)
    assert [date.meets(one) for one in (DAY, STAY, RUNS)] == [instant, stay, runs]


@pytest.mark.parametrize(
    "value",
    ["", "x", "eq", "26-03-02", "2026-3-2", "2026-13", "2026-02-30", "2026-03-02T", "2026-03-02T25:00",
     "0000", "2026-03-02 12:00 x", "ap", "9999-12-31"],
)  # fmt: skip
def test_what_is_no_date_is_refused(value: str) -> None:
    with pytest.raises(Refused) as refused:
        values.date(value, NOON)
    assert refused.value.status == 400


TOKENS = [
    # value     system, code: meant, other system, other code
    ("a",        [True, True, False]),
    ("s|a",      [True, False, False]),
    ("|a",       [False, False, False]),
    ("s|",       [True, False, True]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "meant"), TOKENS)
def test_tokens(value: str, meant: list[bool]) -> None:
    token = values.token(value)
    assert [token.meets(*one) for one in (("s", "a"), ("t", "a"), ("s", "b"))] == meant
    assert values.token("|a").meets("", "a")


@pytest.mark.parametrize(
    ("value", "parts"),
    [("a,b", ["a", "b"]), ("a\\,b", ["a\\,b"]), ("a", ["a"]), (",", ["", ""]),
     ("a\\\\,b", ["a\\\\", "b"]), ("\\", ["\\"])],
)  # fmt: skip
def test_lists_of_values(value: str, parts: list[str]) -> None:
    assert values.split(value, 2) == parts


def test_a_list_is_read_once_and_no_further_than_wanted() -> None:
    assert len(values.split(",".join("x" * 200), 200)) == 200
    begun = time.process_time()
    for endless in (
        "," * 2_000_000,
        "x," * 1_000_000,
        "a\\," * 1_000_000 + "a,b,c,d",
        "\\" * 2_000_000 + ",,,",
    ):
        with pytest.raises(Refused) as refused:
            values.split(endless, 3)
        assert refused.value.status == 400
    assert time.process_time() - begun < 5


def test_escapes() -> None:
    assert values.plain("a\\,b\\|c\\\\") == "a,b|c\\"


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("1", ("", "1")),
        ("Patient/1", ("Patient", "1")),
        ("https://here/fhir/Patient/1", ("Patient", "1")),
        ("https://elsewhere/fhir/Patient/1", None),
        ("Group/1", None),
        ("Patient/1/_history/2", None),
    ],
)
def test_references(value: str, named: tuple[str, str] | None) -> None:
    assert values.target(value, "https://here/fhir", ("Patient",)) == named


def test_what_resources_hold() -> None:
    resource = {
        "status": "active",
        "code": {"coding": [{"system": "s", "code": "a"}, {"code": "b"}]},
        "identifier": [{"system": "s", "value": "1"}],
        "period": {"start": "2026-03-02T12:00:00+01:00"},
        "participant": [{"member": {"reference": "Organization/1"}}, {}],
    }
    assert list(coded("x", "status")(resource)) == [("x", "active")]
    assert list(codings("code")(resource)) == [("s", "a"), ("", "b")]
    assert list(codings("identifier")(resource)) == [("s", "1")]
    assert list(span("period")(resource)) == [(NOON, None)]
    assert at(resource, "participant", "member", "reference") == ["Organization/1"]
    assert at(resource, "nothing", "here") == []

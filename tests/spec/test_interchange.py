"""Logs to and from process mining: XES back and forth, OCEL 2.0 in."""

import gzip
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from naer.events.event import Event
from naer.events.instant import ZONES, parse
from naer.logs import LogError
from naer.logs.read import ReadLog, read
from naer.logs.xes_writing import Written, by_pathway, write

DK = ZONES["DK"]


def written(events: list[Event], path: Path) -> Written:
    with path.open("wb") as out:
        return write(by_pathway(events), out)


def at(text: str) -> int:
    return parse(text, DK)


# XES

_letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
_text = st.text(_letters | st.sampled_from("\n\t\r"), min_size=1, max_size=5)
_name = st.one_of(_text, st.sampled_from(["case:ward", "case:age", "outer.inner", "org:resource", "kind"]))
_scalar = st.one_of(_text, st.booleans(), st.integers(), st.floats(allow_nan=False))
_value = st.one_of(_scalar, st.lists(_scalar, min_size=2, max_size=3))
_at = st.integers(at("1900-01-01"), at("2100-01-01"))
_taken = {"sent", "received", "citizen", "source", "changes", "id", "organisation", "municipality"}
_events = st.lists(
    st.builds(
        Event,
        id=_text,
        pathway=_text,
        kind=_text,
        at=_at,
        citizen=st.none() | _text,
        sent=st.none() | _at,
        received=st.none() | _at,
        organisation=st.none() | _text,
        municipality=st.none() | _text,
        source=st.just("") | _text,
        changes=st.none() | _text,
        attributes=st.dictionaries(_name.filter(lambda name: name not in _taken), _value, max_size=3),
    ),
    max_size=8,
)


@given(events=_events)
@settings(max_examples=150)
def test_what_is_written_as_xes_is_read_back_as_the_same_events(events: list[Event]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.xes"
        done = written(events, path)
        found = read(path, zone=DK)
        again = Path(folder) / "again.xes"
        written(found.events, again)
        assert again.read_bytes() == path.read_bytes()
    assert found.events == list(by_pathway(events))
    assert not found.exclusions
    assert (done.events, done.replaced, done.renamed) == (len(events), 0, 0)


XES = """\
<log xmlns="http://www.xes-standard.org/">
  <trace><string key="concept:name" value="7"/><string key="ward" value="A"/><int key="age" value="71"/>
    <event><string key="concept:name" value="admitted"/>
      <date key="time:timestamp" value="2026-03-02T10:00:00+01:00"/>
      <string key="org:resource" value="M&#10;N"/><float key="cost" value="1.5"/>
      <boolean key="acute" value="true"/>
      <string key="code" value="a"/><string key="code" value="b"/>
      <container key="outer"><string key="inner" value="x"/></container></event>
    <event><string key="concept:name" value="discharged"/>
      <date key="time:timestamp" value="2026-03-05T10:00:00.000001Z"/></event>
  </trace>
</log>
"""


def test_a_foreign_log_keeps_everything_through_naer(tmp_path: Path) -> None:
    first, second = tmp_path / "first.xes", tmp_path / "second.xes"
    first.write_text(XES)
    log = read(first, zone=DK)
    written(log.events, second)
    assert read(second, zone=DK).events == log.events
    assert log.events[0].attributes == {
        "case:ward": "A", "case:age": 71, "org:resource": "M\nN", "cost": 1.5, "acute": True,
        "code": ["a", "b"], "outer.inner": "x",
    }  # fmt: skip
    root = etree.parse(second).getroot()
    trace = root.find("{*}trace")
    assert trace is not None
    assert [child.get("key") for child in trace if child.get("key")] == ["concept:name", "ward", "age"]
    assert [extension.get("prefix") for extension in root.iterfind("{*}extension")] == ["concept", "time"]


def test_what_xes_cannot_say_is_told() -> None:
    event = Event(id=1, pathway="p", kind="a\x00b", at=0, attributes={"concept:name": "x"})
    out = io.BytesIO()
    done = write([event], out)
    assert (done.replaced, done.renamed) == (1, 1)
    assert "a\ufffdb" in out.getvalue().decode()
    assert 'key="original:concept:name"' in out.getvalue().decode()


# OCEL 2.0


def thing(key: str, kind: str, *related: str, **values: Any) -> dict[str, Any]:
    """An object or event; `related` as "id" or "id=qualifier"."""
    return {
        "id": key,
        "type": kind,
        "attributes": [
            {"name": name, "value": value, "time": "1970-01-01T00:00:00Z"} for name, value in values.items()
        ],
        "relationships": [
            {"objectId": one.partition("=")[0], "qualifier": one.partition("=")[2]} for one in related
        ],
    }


def ocel(path: Path, events: list[dict[str, Any]], objects: list[dict[str, Any]]) -> Path:
    for number, event in enumerate(events):
        event.setdefault("time", f"2026-03-02T1{number}:00:00Z")
    document = {"objectTypes": [], "eventTypes": [], "events": events, "objects": objects}
    text = json.dumps(document).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def told(log: ReadLog) -> list[tuple[Any, ...]]:
    return [(event.id, event.pathway, event.kind, dict(event.attributes)) for event in log.events]


STAY = [
    thing("s1", "stay", "kari"),
    thing("s2", "stay", "ola"),
    thing("kari", "patient"),
    thing("ola", "patient"),
]


@pytest.mark.parametrize("name", ["log.jsonocel", "log.json", "log.jsonocel.gz"])
def test_the_pathway_is_the_type_of_object_that_one_says(tmp_path: Path, name: str) -> None:
    path = ocel(
        tmp_path / name, [thing("e1", "admitted", "s1=of", ward="A"), thing("e2", "discharged", "s1")], STAY
    )
    log = read(path, zone=DK, columns={"pathway": "stay", "citizen": "patient"})
    assert log.format == "ocel"
    assert told(log) == [
        ("e1", "s1", "admitted", {"ward": "A", "qualifier": "of"}),
        ("e2", "s1", "discharged", {}),
    ]
    assert {event.citizen for event in log.events} == {"kari"}  # by the stay's own relation
    assert log.events[0].at == at("2026-03-02T10:00:00Z")
    by_patient = read(path, zone=DK, columns={"pathway": "patient"})
    assert [reason for reason, _, _ in by_patient.exclusions] == ["no pathway", "no pathway"]


def test_an_event_about_several_is_one_event_for_each(tmp_path: Path) -> None:
    meeting = thing("e1", "meeting", "s1=about", "s2=about", "s2=chair", "ola")
    path = ocel(tmp_path / "log.json", [meeting], STAY)
    log = read(path, zone=DK, columns={"pathway": "stay", "citizen": "patient"})
    assert told(log) == [
        ("e1/s1", "s1", "meeting", {"qualifier": "about"}),
        ("e1/s2", "s2", "meeting", {"qualifier": ["about", "chair"]}),
    ]
    assert [event.citizen for event in log.events] == [
        "ola",
        "ola",
    ]  # what the event itself names counts first


def test_other_objects_are_attributes_by_their_type(tmp_path: Path) -> None:
    objects = [*STAY, thing("d1", "drug"), thing("d2", "drug")]
    path = ocel(
        tmp_path / "log.json", [thing("e1", "list", "s1", "d1=old", "d2=new", "nowhere", drug="x")], objects
    )
    (event,) = read(path, zone=DK, columns={"pathway": "stay"}).events
    assert event.attributes == {
        "drug": ["d1", "d2"],
        "drug.qualifier": ["old", "new"],
        "attribute.drug": "x",
        "patient": "kari",
    }


def test_an_objects_attributes_are_those_of_the_time(tmp_path: Path) -> None:
    stay = thing("s1", "stay", municipality="851")
    stay["attributes"].append({"name": "municipality", "value": "860", "time": "2026-03-02T10:30:00Z"})
    path = ocel(tmp_path / "log.json", [thing("e1", "a", "s1"), thing("e2", "b", "s1")], [stay])
    assert [one.municipality for one in read(path, zone=DK, columns={"pathway": "stay"}).events] == [
        "851",
        "860",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no OCEL 2.0 log in JSON"),
        ('{"ocel:events": {}}', "convert it to OCEL 2.0"),
        (
            '{"events": [], "objects": [{"id": "a", "type": "stay"}]}',
            "say which it is with --columns pathway=",
        ),
        ('{"events": [{"id": 1, "type": "a"}], "objects": []}', "no OCEL 2.0 log in JSON"),
    ],
)
def test_what_is_no_ocel_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(text)
    with pytest.raises(LogError, match=said):
        read(path, zone=DK)


def test_an_event_without_a_time_or_with_a_broken_one_is_counted(tmp_path: Path) -> None:
    events = [
        thing("e1", "a", "s1"),
        thing("e2", "a", "s1") | {"time": "soon"},
        thing("e3", "a", "s1") | {"time": None},
    ]
    log = read(ocel(tmp_path / "log.json", events, STAY), zone=DK, columns={"pathway": "stay"})
    assert [(reason, row) for reason, row, _ in log.exclusions] == [("unreadable", 2), ("no time", 3)]

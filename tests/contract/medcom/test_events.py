"""A notification as an event of the log."""

import pytest

from naer.events.kinds import KINDS
from naer.messages import read
from naer.messages.medcom import events
from naer.messages.medcom.codes import CODES, ENDPOINT
from naer.messages.medcom.notification import episode_as_sent
from tests.contract.medcom.hospital import EPISODE, HOSPITAL, KEY, WARD, at, event, message

TABLE = """
code    | kind          | at      | changes
STAA    | acute_ambulant| 1 07:55 |
STIN    | admitted      | 1 07:55 |
STOR    | leave_started | 1 12:00 |
SLOR    | leave_ended   | 2 09:00 |
SLHJ    | discharged    | 2 10:00 |
MORS    | died          | 2 10:00 |
RE_STAA | acute_ambulant| 1 07:55 | earlier-0
RE_STIN | admitted      | 1 07:55 | earlier-0
RE_STOR | leave_started | 1 12:00 | earlier-1
RE_SLOR | leave_ended   | 2 09:00 | earlier-2
RE_SLHJ | discharged    | 2 10:00 | earlier-1
RE_MORS | died          | 2 10:00 |
AN_STAA | cancelled     | 1 07:55 | earlier-0
AN_STIN | cancelled     | 1 07:55 | earlier-0
AN_STOR | cancelled     | 2 10:05 | earlier-1
AN_SLOR | cancelled     | 2 10:05 | earlier-2
AN_SLHJ | cancelled     | 2 10:05 | earlier-1
AN_MORS | cancelled     | 2 10:05 | earlier-1
"""
ROWS = [tuple(cell.strip() for cell in row.split("|")) for row in TABLE.strip().splitlines()[1:]]


@pytest.mark.parametrize(("code", "kind", "when", "changes"), ROWS)
def test_every_code_is_an_event(code, kind, when, changes):
    leave = {"leave_start": at("1 12:00")} if code == "AN_SLOR" else {}
    made = event(code, received=at("2 10:06"), **leave)
    assert (made.id, made.kind, made.at) == ("header-1", kind, at(when))
    assert (made.sent, made.received) == (at("2 10:05"), at("2 10:06"))
    assert made.changes == (changes or None)
    assert made.kind in KINDS
    assert (made.citizen, made.pathway, made.organisation, made.municipality) == (
        "c1",
        "p1",
        "hospital",
        "999",
    )


def test_the_table_has_every_code():
    assert [row[0] for row in ROWS] == sorted(CODES, key=[row[0] for row in ROWS].index)


def test_what_an_event_keeps_of_the_message():
    made = event("STIN", report_requested=True, report_recipient=WARD)
    assert made.attributes == {
        "code": "STIN",
        "class": "IMP",
        "status": "in-progress",
        "activity": "admit-inpatient",
        "header": "header-1",
        "episode": KEY,
        "episodes": [KEY],
        "episode_sent": f"{ENDPOINT}{HOSPITAL.sor}|{EPISODE}",
        "stay_start": at("1 07:55"),
        "report_requested": True,
        "report_recipient": WARD.sor,
    }
    named = episode_as_sent(made.attributes["episode_sent"])
    assert (named.system, named.original, named.key) == (ENDPOINT + HOSPITAL.sor, EPISODE, KEY)
    amending = event("RE_STIN").attributes
    assert (amending["amends"], amending["previous"]) == ("STIN", "earlier-0")
    assert event("AN_MORS").attributes["deceased"] is False


def test_nothing_in_an_event_names_the_person():
    made = repr(event("STIN"))
    assert "7201901234" not in made
    assert "Alma" not in made


def test_a_header_used_again_for_other_content_is_an_event_of_its_own():
    incoming = read(message())
    again = events.event(incoming, "c1", "p1", None, None, 0, duplicate_header=True)
    assert again.id == "header-1~" + incoming.content_hash[:12]
    assert again.attributes["header"] == "header-1"


def test_a_refused_message_is_no_event():
    with pytest.raises(ValueError, match="accepted"):
        events.event(read(b"{}"), "c1", "p1", None, None, 0)

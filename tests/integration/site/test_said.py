"""What an event says besides that it happened: as exactly as it was said, no more."""

from naer.events.event import Event
from naer.site.pathways.said import said
from tests.integration.intake.ward import LATER, at


def told(kind: str, **attributes: object) -> list[str]:
    return said(Event(id="x", pathway="p", kind=kind, at=at("2 10:00"), attributes=attributes), LATER)


def test_a_date_is_shown_without_a_time_that_nobody_said() -> None:
    (day,) = told("expected_ready", expected_at="2026-03-06")
    (moment,) = told("expected_ready", expected_at="2026-03-06T14:30:00")
    assert "00:00" not in day
    assert "14:30" in moment


def test_what_a_warning_lacks_is_said() -> None:
    (line,) = told("admission_warning", complete=False, letter="m-1", content="abc")
    assert line == "The warning says all that § 8 asks: No"

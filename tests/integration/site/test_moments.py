"""The fields for a day and a time: what people and browsers write, summer time, and years nobody means."""

import datetime as dt

import pytest
from django.forms import ValidationError
from django.utils import translation

from naer.events.instant import ZONES, parse
from naer.site.citizen.forms import GrantForm
from naer.site.pathways.forms import SaidForm
from naer.site.ui.moments import DayField, MomentField, been


@pytest.mark.parametrize("text", ["2026-10-25T02:30", "25-10-2026 02:30", "25.10.2026 02:30"])
def test_a_time_in_the_doubled_hour_is_taken(text: str) -> None:
    assert MomentField().clean(text).isoformat() == "2026-10-25T02:30:00"


def test_somebody_can_record_in_the_doubled_hour() -> None:
    """What the form proposes is what it takes, also in the second of the two hours."""
    second = parse("2026-10-25T02:30:00+01:00", ZONES["DK"])
    proposed = SaidForm(now=second)
    shown = str(proposed["at"])
    assert 'value="2026-10-25T02:30"' in shown
    sent = SaidForm({"at": "2026-10-25T02:30", "channel": "phone"}, now=second)
    assert sent.is_valid(), sent.errors
    assert sent.cleaned_data["at"] == second


@pytest.mark.parametrize(
    ("given", "now", "meant"),
    [
        ("2026-10-25 02:40", "2026-10-25T02:50+02:00", "2026-10-25T02:40+02:00"),
        ("2026-10-25 02:40", "2026-10-25T02:30+01:00", "2026-10-25T02:40+02:00"),
        ("2026-10-25 02:40", "2026-10-25T02:50+01:00", "2026-10-25T02:40+01:00"),
        ("2026-03-29 02:40", "2026-03-29T10:00+02:00", "2026-03-29T03:40+02:00"),
        ("2026-03-28 02:40", "2026-03-29T10:00+02:00", "2026-03-28T02:40+01:00"),
    ],
)
def test_what_has_been_was_the_last_time_that_clocks_showed_it(given: str, now: str, meant: str) -> None:
    zone = ZONES["DK"]
    assert been(dt.datetime.fromisoformat(given), parse(now, zone)) == parse(meant, zone)


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "1899-12-31", "2026-02-29", "tomorrow", "\x00"])
def test_no_day_that_nobody_means(text: str) -> None:
    with pytest.raises(ValidationError):
        DayField().clean(text)
    with pytest.raises(ValidationError):
        MomentField().clean(f"{text}T00:00")


@pytest.mark.parametrize("language", ["da", "nb", "en"])
def test_the_browser_is_given_a_day_as_it_wants_it(language: str) -> None:
    now = parse("2026-03-01", ZONES["DK"])
    with translation.override(language):
        assert 'value="2026-08-30"' in str(GrantForm(now=now)["until"])

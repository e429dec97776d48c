"""Only agreements that can hold for a citizen's events are asked: what comes of it is what all would say."""

import pytest

from naer.agreement import evaluate
from naer.events.event import Event
from naer.events.instant import DAY, HOUR
from naer.site.agreements.in_force import agreements
from naer.site.pathways import live

START = 1_772_000_000 * 10**6


def _stay(*codes: str | None) -> list[Event]:
    """A stay with an event for each municipality, a day apart."""
    kinds = ("admitted", "ready_for_discharge", "discharged")
    return [
        Event(id=f"{place}", pathway="p", citizen="c", kind=kind, at=START + place * DAY, municipality=code)
        for place, (kind, code) in enumerate(zip(kinds, (codes * 3)[:3], strict=True))
    ]


@pytest.mark.parametrize(
    "codes", [("851",), ("101",), ("751",), ("999",), (None,), ("851", "101"), (None, "851")]
)
def test_all_agreements_say_the_same(codes: tuple[str | None, ...]) -> None:
    events = _stay(*codes)
    whole = evaluate(agreements(), events, START + 9 * DAY + HOUR)
    assert evaluate(live.concerning(events), events, START + 9 * DAY + HOUR) == whole
    assert whole  # the national agreement at least


def test_an_overlay_that_cannot_hold_is_not_asked() -> None:
    lines = {line.id: line for line in live.concerning(_stay("851")).lines}
    assert [one.id for one in lines["dk-national"].overlays] == ["nordjylland-example"]
    assert lines["dk-national"].overlays[0] is lines["nordjylland-example"]
    assert len(agreements().line("dk-national").overlays) > 1  # type: ignore[union-attr]  # as it was

"""The pathways of a citizen as the page numbers and names them."""

from collections.abc import Sequence

from naer.events.event import Event
from naer.events.instant import Instant
from naer.site.entry.models import HELP
from naer.site.pathways import stage
from naer.site.pathways.history import History, history
from naer.site.plans.models import COURSE
from naer.site.ui import words
from naer.site.ui.times import clock, date


def courses(key: str, now: Instant) -> dict[str, str]:
    """The pathways of a citizen, id → what it is called, in the order of the page's numbers."""
    told = history(key, now)
    ids = pathways_of(told)
    return dict(zip(ids, titles(told, ids, now), strict=True))


def pathways_of(told: History) -> list[str]:
    """Pathway ids, the one that began last first; one in which nothing holds begins with what was written.

    That of the individual plan is last, and those of requests for help while a stay runs: the stay is not
    hidden by a plan begun, or by help asked for, during it.
    """
    in_hospital = stage.stage(told.events).name in stage.IN_HOSPITAL
    begun: dict[str, Instant] = {}
    for event in told.events:
        begun.setdefault(event.pathway, event.at)
    for entry in reversed(told.entries):
        begun.setdefault(entry.event.pathway, entry.event.at)

    def aside(id_: str) -> bool:
        return id_.endswith(COURSE) or (in_hospital and HELP in id_)

    return sorted(begun, key=lambda id_: (aside(id_), -begun[id_], id_))


def titles(told: History, ids: Sequence[str], now: Instant) -> list[str]:
    """What pathways are called in the list: when they began, to the minute where days are alike, and how."""
    firsts = [next(iter(told.of(id_)), None) for id_ in ids]
    said = [_name(one, date(one.at, now)) if one else words.kind("cancelled") for one in firsts]
    return [
        _name(one, f"{date(one.at, now)} {clock(one.at)}") if one and said.count(name) > 1 else name
        for one, name in zip(firsts, said, strict=True)
    ]


def _name(first: Event, begun: str) -> str:
    return f"{begun}: {words.kind(first.kind)}"

"""The pathways of a citizen as the page numbers and names them."""

from naer.events.instant import Instant
from naer.site.entry.models import HELP
from naer.site.pathways import stage
from naer.site.pathways.history import History, history
from naer.site.plans.models import COURSE
from naer.site.ui import words
from naer.site.ui.times import date


def courses(key: str, now: Instant) -> dict[str, str]:
    """The pathways of a citizen, id → what it is called, in the order of the page's numbers."""
    told = history(key, now)
    return {id_: name_of(told, id_, now) for id_ in pathways_of(told)}


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


def name_of(told: History, pathway_id: str, now: Instant) -> str:
    """What a pathway is called in the list: when it began, and by what."""
    events = told.of(pathway_id)
    if not events:
        return words.kind("cancelled")
    return f"{date(events[0].at, now)}: {words.kind(events[0].kind)}"

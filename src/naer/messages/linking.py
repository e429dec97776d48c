"""One citizen's raw events of every standard, settled: what changes what, and which pathway each is on."""

from collections.abc import Iterable

import msgspec

from naer.events.event import Event, EventId
from naer.messages import letter_events
from naer.messages.letter_events import CARE_COMMUNICATION, PLO, SOURCES, XDIS
from naer.messages.medcom import link as medcom
from naer.messages.medcom import reused


def link(events: Iterable[Event]) -> list[Event]:
    """The events settled and in log order: a pure function of their set.

    Notifications are linked by `medcom.link`, other Danish letters by `medcom.letter_link`, Norwegian
    messages by `plo.link`; letters whose message id
    stood on different contents go by the ids of `letter_events.names`.
    """
    everything = list(events)
    sources = {event.source for event in everything}
    if sources.isdisjoint(SOURCES):
        return medcom.link(everything)
    renamed = letter_events.names(everything)
    linked = medcom.link(
        msgspec.structs.replace(event, id=renamed[event.id]) if event.id in renamed else event
        for event in everything
    )
    if sources & {XDIS, CARE_COMMUNICATION}:
        from naer.messages.medcom.letter_link import link as danish

        linked = danish(linked)
    if PLO in sources:
        from naer.messages.plo.link import link as norwegian

        linked = norwegian(linked)
    return linked


def names(events: Iterable[Event]) -> dict[EventId, EventId]:
    """Id as stored → id that the content gives, where the two differ."""
    everything = list(events)
    found = reused.names(everything)
    if any(event.source in SOURCES for event in everything):
        found |= letter_events.names(everything)
    return found

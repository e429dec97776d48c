"""The whole operational log, as replay reads it."""

from collections.abc import Callable

from naer.events.event import Event
from naer.messages.medcom.link import link
from naer.site.pathways import models, store
from naer.site.pathways.register import Register

_CITIZENS_AT_ONCE = 500


def archive(progress: Callable[[int, int], None] | None = None) -> tuple[list[Event], Register]:
    """Every citizen's events, linked and not yet effective, and the register that knows their organisations.

    `progress` is told citizens read and citizens in all. Nothing is locked: each citizen's log is read
    as it stands at that moment.
    """
    keys = list(models.Citizen.objects.order_by("key").values_list("key", flat=True))
    register = Register()
    events: list[Event] = []
    for first in range(0, len(keys), _CITIZENS_AT_ONCE):
        states = store.load(keys[first : first + _CITIZENS_AT_ONCE], locked=False).values()
        register.know(states)
        for state in states:
            events += link(state.events)
        if progress is not None:
            progress(min(first + _CITIZENS_AT_ONCE, len(keys)), len(keys))
    return events, register

"""What the agreements ask of a discharge at some time: judged as if the citizen left then.

Weekend, evening and other rules are clauses, so nothing of them stands here: the log is judged with a
discharge that has not happened, and what that would breach is the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from naer.agreement import Obligation, evaluate
from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import effective
from naer.messages.linking import link
from naer.site.agreements import clauses
from naer.site.agreements.clauses import ClauseText
from naer.site.discharge.moments import way
from naer.site.pathways import live, store
from naer.site.pathways.register import Register

SUPPOSED = "supposed"
_DISCHARGED = "discharged"


@dataclass(frozen=True, slots=True)
class Asked:
    """A clause that says what comes before the citizen leaves, and whether it is done."""

    clause: ClauseText
    done: bool
    done_by: Event | None
    owed_by: str
    owed_to: str
    """Keys of organisations."""


def asked(citizen: str, leaves: Instant, now: Instant) -> list[Asked]:
    """What comes before a discharge of `citizen` (key) at `leaves`, what is missing first.

    Only what the clauses say with `before`; empty without a stay that runs.
    """
    (state,) = store.load([citizen], locked=False).values()
    found = way(live.log(state.events, now).events)
    if found is None or found.stay.end is not None:
        return []
    supposed = Event(
        id=SUPPOSED, pathway=found.pathway, citizen=citizen, kind=_DISCHARGED, at=leaves, sent=leaves,
        received=max(leaves, now), organisation=found.stay.hospital, municipality=state.municipality,
        attributes={}, source=SUPPOSED,
    )  # fmt: skip
    events = effective(link([*state.events, supposed]), max(leaves, now)).events
    register = Register()
    register.know([state])
    owed = evaluate(live.concerning(events), events, max(leaves, now), register)
    return _before(owed, found.pathway)


def _before(owed: Sequence[Obligation], pathway: str) -> list[Asked]:
    found = []
    for one in owed:
        text = clauses.text(one.agreement, one.clause, one.version)
        if _DISCHARGED not in text.before or one.outcome in ("released", "superseded"):
            continue
        if one.trigger.id != SUPPOSED and one.pathway != pathway:
            continue
        done = one.outcome in ("kept", "late")
        found.append(Asked(text, done, one.closed_by if done else None, one.owed_by.key, one.owed_to.key))
    return sorted(found, key=lambda one: (one.done, one.clause.title))

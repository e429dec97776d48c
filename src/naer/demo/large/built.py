"""A large region into an empty database: blocks are made by other processes and written by this one."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from naer.demo import users
from naer.demo.large import writing
from naer.demo.large.laid import Laid
from naer.demo.large.plan import Plan
from naer.demo.large.writing import Told
from naer.demo.load import PROCESS, OtherDataError
from naer.events import chain
from naer.events.instant import utc
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation
from naer.site.pathways.models import Anchor, Citizen, LoggedEvent

MOST = 1_000_000
BUILT = "demo-built"
_MARK = re.compile(
    r"seed=(?P<seed>\d+) day=(?P<day>\S+) citizens=(?P<citizens>\d+) "
    r"now=(?P<now>\d+) running=(?P<running>\S+)"
)


@dataclass(slots=True)
class Built:
    """What was written."""

    citizens: int = 0
    pathways: int = 0
    events: int = 0
    obligations: int = 0
    steps: int = 0


def plan() -> Plan | None:
    """The plan of the large region in this database; None when there is none."""
    entry = AccessEntry.objects.filter(action=BUILT).order_by("pk").last()
    found = _MARK.fullmatch(entry.subject) if entry else None
    if found is None:
        return None
    day = dt.date.fromisoformat(found["day"])
    return Plan(int(found["seed"]), int(found["citizens"]), day, int(found["now"]), float(found["running"]))


def build(plan: Plan, blocks: Iterator[Laid], told: Told) -> Built:
    """Make the region of a plan in this database, of its `blocks`, which go when they are taken in.

    Raises:
        OtherDataError: when the database holds something already.
    """
    if any(model.objects.exists() for model in (Organisation, Citizen, LoggedEvent)):
        raise OtherDataError("this database holds other data; name another one with --database")
    done, previous, anchors = Built(), chain.ORIGIN, []
    mark = f"seed={plan.seed} day={plan.today} citizens={plan.citizens} now={plan.now} running={plan.running}"
    with writing.in_bulk(told):
        users.make()
        for block in blocks:
            _write(block, done)
            previous = chain.anchor(previous, block.heads)
            anchors.append(Anchor(at=utc(plan.now), seq=done.events, chains=done.pathways, digest=previous))
            told("Citizens", done.citizens, plan.citizens)
        Anchor.objects.bulk_create(anchors)
        AccessEntry.objects.create(
            at=utc(plan.now), user=PROCESS, action=BUILT, subject=mark, relation="system"
        )
    return done


def _write(block: Laid, done: Built) -> None:
    """A block's rows, numbered on from what was written before."""
    writing.take(block, {"pathways_loggedevent": done.events, "pathways_obligation": done.obligations})
    block.forget()
    steps = block.steps.select(
        (pl.col("row") + done.obligations + 1).alias("obligation_id"),
        pl.col("step").cast(pl.Int16),
        *("at", "to", "fired_at"),
    )
    writing.write("pathways_escalationstep", steps)
    done.citizens += block.citizens
    done.pathways += block.pathways
    done.events += block.events
    done.obligations += block.obligations
    done.steps += len(steps)

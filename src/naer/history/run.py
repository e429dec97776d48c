"""An agreement run over a log, whatever the log and whatever the engine: one question, one answer."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module

import msgspec

from naer.agreement import Portfolio, Register
from naer.events.event import Event
from naer.events.instant import Instant
from naer.history.log import EventLog, Log, together
from naer.history.question import Answer, Progress, Question, Replay
from naer.history.unseen import no_such_group, undelivered, unseen
from naer.logs.error import LogError

DEFAULT = "columnar"


class Engine(msgspec.Struct, frozen=True):
    """One way to answer; its module is imported when it is asked, and has `run(question, log)`."""

    module: str
    about: str

    @property
    def run(self) -> Callable[[Question, Log], Answer]:
        """What answers.

        Raises:
            ImportError: when what the engine needs is not installed.
        """
        found: Callable[[Question, Log], Answer] = import_module(self.module).run
        return found


ENGINES = {
    "columnar": Engine("naer.history.columns", "compiled, over packed columns, on both cores"),
    "reference": Engine("naer.history.reference", "the specification: plain Python, one citizen at a time"),
    "spark": Engine("naer.history.spark", "the columnar one, distributed"),
}


def replay(
    portfolio: Portfolio,
    log: Log | Iterable[Event],
    *,
    clock: Instant,
    now: Instant | None = None,
    by: Sequence[str] = (),
    register: Register | None = None,
    engine: str = DEFAULT,
    keep: bool = False,
    progress: Progress | None = None,
) -> Replay:
    """Run the first agreement of `portfolio` over a log, or over raw events in any order.

    `now` is, unless given, the time of the latest effective event that is not after `clock` (S5);
    without such an event it is `clock`. `keep` is for the columnar engine on a store: what is settled is
    kept beside the store, and after an append only what that touched is judged again.

    Raises:
        CannotCompile: when the agreement asks for what an engine of columns cannot do.
        ImportError: when what the engine needs is not installed.
        LogError: when `by` names what never occurs in the log.
    """
    if isinstance(log, Iterable):
        log = EventLog(log)
    if now is None:
        latest = log.latest(clock)
        now = clock if latest is None else latest
    question = Question(portfolio, now, tuple(by), register, progress)
    answer = _kept(question, log, engine) if keep else ENGINES[engine].run(question, log)
    line = question.line
    if answer.kinds and (wrong := no_such_group(by, answer.attributes)):
        raise LogError(wrong)
    return Replay(
        agreement=line.id,
        engine=engine,
        now=now,
        zone=line.zone,
        tallies=answer.tallies,
        by=question.by,
        groups=answer.groups,
        excluded=together(log.excluded, answer.excluded),
        events=answer.seen,
        warnings=tuple(unseen(line, answer.kinds, answer.attributes)),
        undelivered=frozenset(undelivered(line, answer.kinds)),
        partial=frozenset(name for name, versions in line.clauses.items() if versions[-1].partial),
        frames=answer.frames,
        _objects=answer.obligations,
    )


def _kept(question: Question, log: Log, engine: str) -> Answer:
    from naer.history import refresh
    from naer.history.stored import StoredLog

    if engine != DEFAULT or not isinstance(log, StoredLog):
        raise ValueError("only the columnar engine keeps results, and only beside a log store")
    return refresh.run(question, log)

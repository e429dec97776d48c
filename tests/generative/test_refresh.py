"""Kept results and what an append touched give what a fresh replay gives, after any appends, at any now."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from naer.events.instant import DAY
from naer.history import refresh, replay
from naer.history.stored import StoredLog
from naer.logs.store import Builder, append, of_events
from tests.generative import cases

_fixtures = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.statement("S5", "S33", "S35")
@settings(max_examples=12, suppress_health_check=_fixtures)
@given(
    st.randoms(use_true_random=False), st.lists(st.sampled_from(("municipality", "n", "month")), max_size=2)
)
def test_refreshed_is_fresh(monkeypatch, rng: Random, by):
    monkeypatch.setattr(refresh, "LARGE", rng.choice((0.0, 1e9, 1e9, 1e9)))
    portfolio = cases.portfolio(cases.agreement(rng))
    log = [event for part in range(rng.randint(1, 5)) for event in renamed(cases.log(rng), part)]
    rng.shuffle(log)
    cuts = sorted(rng.randint(1, len(log)) for _ in range(3))
    now = min(event.at for event in log) + rng.choice((0, 5 * DAY, 10**14))
    with TemporaryDirectory() as folder, Builder(Path(folder) / "store") as build:
        build.add(of_events(log[: cuts[0]]))
        store = build.finish()
        for begin, end in zip(cuts, [*cuts[1:], len(log)], strict=True):
            for _ in range(rng.randint(1, 2)):
                now += rng.choice((-DAY, 0, 1, DAY, 3 * DAY, 40 * DAY))
                stored = StoredLog(store)
                asked = {"clock": now, "now": now, "by": tuple(dict.fromkeys(by))}
                kept = replay(portfolio, stored, keep=True, **asked)
                assert said(kept) == said(replay(portfolio, stored, **asked))
            store = append(store, [of_events(log[begin:end])])


def renamed(log, part):
    """The same story of other people."""
    return [
        type(event)(
            **{name: getattr(event, name) for name in event.__struct_fields__}
            | {
                "id": f"{part} {event.id}",
                "pathway": f"{part} {event.pathway}",
                "citizen": event.citizen and f"{part} {event.citizen}",
                "changes": event.changes and f"{part} {event.changes}",
            }
        )
        for event in log
    ]


def said(result):
    return result.now, result.tallies, result.groups, result.excluded, result.events


@settings(max_examples=5)
@given(st.randoms(use_true_random=False), st.sampled_from(((), ("municipality",), ("owed_by", "month"))))
def test_what_only_grew_tells_what_it_was(rng: Random, by):
    portfolio = cases.portfolio(cases.agreement(rng))
    log = [event for part in range(8) for event in renamed(once(cases.log(rng)), part)]
    assume(log)
    rng.shuffle(log)
    cuts = sorted(rng.randint(1, len(log)) for _ in range(3))
    now = max(event.at for event in log) + rng.choice((-5 * DAY, 0, 0, 10**14))
    asked = {"clock": now, "now": now, "by": by}
    with TemporaryDirectory() as folder, Builder(Path(folder) / "store") as build:
        build.add(of_events(log[: cuts[0]]))
        store = build.finish()
        replay(portfolio, StoredLog(store), keep=True, **asked)
        for begin, end in zip(cuts, [*cuts[1:], len(log)], strict=True):
            store = append(store, [of_events(log[begin:end])])
            assert all(piece.dead is None for piece in store.pieces)
            kept = replay(portfolio, StoredLog(store), keep=True, **asked)
            assert said(kept) == said(replay(portfolio, StoredLog(store), **asked))


def once(log):
    """Of a log the events that nothing changes, one of each id, each with its citizen's own pathways."""
    named = {event.changes for event in log} | {event.id for event in log if event.changes}
    known = {event.id: event for event in log if event.id not in named and event.citizen}
    return [
        type(event)(
            **{name: getattr(event, name) for name in event.__struct_fields__}
            | {"pathway": f"{event.citizen} {event.pathway}"}
        )
        for event in known.values()
    ]

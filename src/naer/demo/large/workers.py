"""Processes that make blocks and lay them down, never far ahead of who takes them in."""

import multiprocessing
import os
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from naer import lazily
from naer.demo.large.laid import Laid
from naer.demo.large.plan import Plan
from naer.machine import cores

_AHEAD = 6
"""Blocks that may wait to be taken in, some 50 MB each, besides those being made."""


@contextmanager
def blocks(plan: Plan, vendor: str, number_key: str, workers: int | None = None) -> Iterator[Iterator[Laid]]:
    """The blocks of a plan, in order, laid down for a `vendor` of databases; their files go at the end.

    They are begun at once, in `workers` processes (default: one a core; 0: here, when they are asked for).
    `number_key` seals person numbers.
    """
    workers = min(plan.blocks, cores()) if workers is None else workers
    with tempfile.TemporaryDirectory(prefix="naer-build-") as name:
        make = partial(_lay, plan, folder=Path(name), vendor=vendor)
        if not workers:
            yield map(make, range(plan.blocks))
            return
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(
            workers, mp_context=fresh, initializer=_ready, initargs=(number_key,)
        ) as pool:
            ahead = deque(pool.submit(make, number) for number in range(min(plan.blocks, workers + _AHEAD)))
            try:
                yield _in_order(ahead, pool, make, plan.blocks)
            finally:
                pool.shutdown(cancel_futures=True)


def _in_order(
    ahead: deque[Future[Laid]], pool: ProcessPoolExecutor, make: "partial[Laid]", total: int
) -> Iterator[Laid]:
    """The blocks that were begun, and for each that is taken one more is begun."""
    for number in range(len(ahead), total + len(ahead)):
        block = ahead.popleft().result()
        if number < total:
            ahead.append(pool.submit(make, number))
        yield block


def _lay(plan: Plan, number: int, folder: Path, vendor: str) -> Laid:
    from naer.demo.large.block import lay  # loads much, which only who makes blocks needs

    return lay(plan, number, folder, vendor)


def _ready(number_key: str) -> None:
    """In a process that makes blocks: the settings, with the key that seals this database's numbers."""
    os.environ["NAER_NUMBER_KEY"] = number_key
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naer.site.settings")
    lazily.arrange()
    import django

    django.setup()

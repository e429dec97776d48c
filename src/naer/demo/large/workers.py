"""Processes that make blocks, in order and never far ahead of who writes them."""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

from naer.demo.large.block import Block, Plan, made


def blocks(plan: Plan, workers: int, number_key: str) -> Iterator[Block]:
    """The blocks of a plan; with `workers` 0 this process makes them. `number_key` seals person numbers."""
    if not workers or plan.blocks == 1:
        yield from (made(plan, number) for number in range(plan.blocks))
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh, initializer=_ready, initargs=(number_key,)) as pool:
        waiting: deque[Future[Block]] = deque()
        for number in range(plan.blocks):
            waiting.append(pool.submit(made, plan, number))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _ready(number_key: str) -> None:
    """In a process that makes blocks: the settings, with the key that seals this database's numbers."""
    os.environ["NAER_NUMBER_KEY"] = number_key
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naer.site.settings")
    import django

    django.setup()

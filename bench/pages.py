"""Work list pages of a region of many citizens: p50 and p95 of each, and how many queries it takes.

    ./run bench pages [--citizens 840000] [--database URL] [--requests 40]

With `--database` the region that is there is asked (`naer demo build` made it); else one is built, on SQLite
in a temporary folder. Pages are asked of Django in this process, one after another, with a session, all
middleware and the look written down, as a worker of `naer serve` does; `CPU` is this process's own time, the
database's too on SQLite. The first two requests of each page are not counted.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

PAGES = (
    ("today", "mette", "/"),
    ("today, page 3", "mette", "/?page=3&owed=2"),
    ("today, old", "mette", "/?old=1"),
    ("today, hospital", "camilla", "/"),
    ("today, practice", "henrik", "/"),
    ("citizens", "mette", "/citizens/"),
    ("citizens, page 15", "mette", "/citizens/?page=15"),
    ("citizens, in hospital", "mette", "/citizens/?status=in-hospital"),
    ("citizens, hospital", "camilla", "/citizens/"),
    ("citizens, practice", "henrik", "/citizens/"),
    ("conversations", "mette", "/conversations/"),
    ("conversations, hospital", "camilla", "/conversations/"),
    ("on the way home", "mette", "/discharge/"),
    ("on the way home, hospital", "camilla", "/discharge/"),
    ("on the way home, home", "mette", "/discharge/?show=home"),
    ("my patients", "henrik", "/practice/"),
)
"""Name, who asks, address."""
MUNICIPALITY = "851"
"""That of `mette`."""


def main() -> None:
    """Ask every page and print how long it took."""
    asked = argparse.ArgumentParser(description="Benchmark of work list pages")
    asked.add_argument("--citizens", type=int, default=840_000)
    asked.add_argument("--database", help="URL of a region that `naer demo build` made")
    asked.add_argument("--requests", type=int, default=40)
    asked.add_argument("--only", default="", help="pages whose name has this in it")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="naer-bench-") as folder:
        url = given.database or _built(given.citizens, Path(folder))
        _ask(url, given.requests, given.only)


def _built(citizens: int, folder: Path) -> str:
    """A fresh region; says how quickly it came."""
    url = f"sqlite:///{folder}/region.sqlite3"
    build = ("demo", "build", "--citizens", str(citizens), "--database", url)
    subprocess.run([sys.executable, "-m", "naer.cli.main", *build], check=True)
    return url


def _ask(url: str, requests: int, only: str) -> None:
    os.environ["NAER_MODE"] = "demo"
    from naer.site import boot

    boot.setup(url)
    from django.test import Client

    from naer.demo.large import built
    from naer.site import bulk, clock
    from naer.site.accounts.models import User

    region = built.plan()
    if region is None:
        sys.exit("bench: this database holds no region that `naer demo build` made")
    clock.start(region.now, 1)
    _describe()
    print(f"{'':28}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}{'queries':>9}{'kB':>7}")
    from django.db import connection

    for name, username, address in PAGES:
        if only not in name:
            continue
        client = Client()
        client.force_login(User.objects.get(username=username))
        client.get(address)
        queries = 0

        def counted(execute: Any, *given: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(*given)

        def together(asked: Sequence[bulk.Query], read: Any = bulk.read) -> Any:
            nonlocal queries
            queries += len(asked) if connection.vendor == "sqlite" else 1
            return read(asked)

        with connection.execute_wrapper(counted), patch.object(bulk, "read", together):
            answer = client.get(address)
        if answer.status_code != 200:
            print(f"{name:28} answered {answer.status_code}")
            continue
        walls, cpus = [], []
        for _ in range(requests):
            wall, cpu = time.perf_counter(), time.process_time()
            client.get(address)
            walls.append((time.perf_counter() - wall) * 1e3)
            cpus.append((time.process_time() - cpu) * 1e3)
        p50, p95 = statistics.median(walls), statistics.quantiles(walls, n=20)[-1]
        size = len(answer.content) / 1e3
        print(
            f"{name:28}{p50:9.1f}{p95:9.1f}{statistics.median(cpus):9.1f}{queries:9}{size:7.0f}",
            flush=True,
        )


def _describe() -> None:
    """What is asked of, and under what load."""
    from django.db import connection

    from naer.site.pathways.models import Citizen, Obligation

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pathways_loggedevent WHERE place = 1")
        pathways = cursor.fetchone()[0]
    running = Obligation.objects.filter(outcome="", withdrawn=False)
    mine = running.filter(citizen__municipality=MUNICIPALITY)
    active = mine.values("pathway").distinct().count()
    print(
        f"{connection.vendor}: {Citizen.objects.count():,} citizens, {pathways:,} pathways, "
        f"{active:,} of them with something running in municipality {MUNICIPALITY}; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
    )


if __name__ == "__main__":
    main()

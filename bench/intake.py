"""MedCom messages over HTTP, and from files, per second with durable commit, on SQLite and PostgreSQL.

    ./run bench intake [--seconds 10] [--files 4000,20000] [--database sqlite|postgresql]

Each message is a HospitalNotification: decoded, checked for legal basis, stored with event, obligations and
trace, and acknowledged. The load generator runs on the same machine. The anchor is what the same
database does with nothing but one hand-written event and obligation in each transaction.
"""

import argparse
import compileall
import http.client
import json
import multiprocessing
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import naer
from tools.postgres import server

HOUR = 3600 * 10**6
START = 1_772_000_000 * 10**6
TOKEN = "bench"


def main() -> None:
    """Run everything, print a table."""
    asked = argparse.ArgumentParser(description="Benchmark of the intake")
    asked.add_argument("--seconds", type=float, default=8)
    asked.add_argument("--files", default="4000,20000", help="how many `naer receive` gets, each time")
    asked.add_argument("--database", choices=("sqlite", "postgresql"))
    given = asked.parse_args()
    compileall.compile_dir(Path(naer.__file__).parent, quiet=2)  # as an installed package is
    print(f"{os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.1f}; latencies in ms\n")
    print(f"{'':34}{'per s':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'failed':>8}")
    for kind in [given.database] if given.database else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="naer-bench-") as name, _database(kind, Path(name)) as url:
            _run(kind, url, Path(name), given.seconds, [int(count) for count in given.files.split(",")])


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/naer.sqlite3"
    else:
        with server(durable=True) as url:
            yield url


def _run(kind: str, url: str, folder: Path, seconds: float, batches: list[int]) -> None:
    over_http = int(seconds * 800) * 3
    _call(_prepare, url, folder / "messages", over_http + sum(batches))
    files = iter(sorted((folder / "messages").iterdir()))
    supply = iter([path.read_bytes() for path in islice(files, over_http)])
    with _serving(url, folder) as port:
        _closed(port, 2, 2, supply)
        for clients in (1, 8):
            _show(f"{kind}: HTTP, {clients} client(s), closed", *_closed(port, clients, seconds, supply))
        _show(f"{kind}: HTTP, 50/s, open", *_open(port, 50, seconds, supply))
    for count in batches:
        _call(_batch, url, list(islice(files, count)), f"{kind}: naer receive, {count:,} files")
    for threads, rows in ((1, 1), (8, 1), (1, 100)):
        what = f"{kind}: bare event + obligation, {threads}" + (f" x {rows}" if rows > 1 else "")
        _call(_anchor, url, threads, rows, seconds / 2, what)


def _call(work: Callable[..., None], *arguments: object) -> None:
    """Do work in a process of its own, with Django of its own."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"bench: {work.__name__} failed")


def _show(what: str, rate: float, latencies: list[float], failed: int = 0) -> None:
    cuts = statistics.quantiles(latencies, n=100) if len(latencies) > 1 else [0.0] * 99
    told = "".join(f"{cuts[place] * 1000:8.1f}" for place in (49, 94, 98)) if latencies else " " * 24
    print(f"{what:34}{rate:8.0f}{told}{failed:8}", flush=True)


# Messages


def _prepare(url: str, folder: Path, count: int) -> None:
    """A register, citizens with cases, and messages of their stays: start, leave, end."""
    os.environ |= _environment(url)
    from naer.site import boot

    boot.setup(url)
    from django.db import transaction

    from naer.messages.content import Party, Person
    from naer.messages.medcom.hospitalnotification import Link, extend, write
    from naer.site.pathways import enrol

    hospital = Party("80000000036001", "5799990000215", "Bench Hospital")
    town = Party("80000000036002", "5799990000222", "Bench Kommune")
    enrol.organisation(hospital.name, "hospital", municipality="851", sor=hospital.sor, gln=hospital.gln)
    enrol.organisation(town.name, "municipality", municipality="851", sor=town.sor, gln=town.gln)
    rng = random.Random(1)
    folder.mkdir()

    def new_id() -> str:
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))

    numbers = _numbers(rng, count // 3 + 1)
    with transaction.atomic():
        for number in numbers:
            enrol.citizen(number, "851", new_id=new_id, case="home-care")
    waves: list[list[bytes]] = [[], [], []]
    for place, number in enumerate(numbers):
        start, episode = START + place * 10**6, new_id()
        chain: tuple[Link, ...] = ()
        steps: tuple[tuple[str, int, dict[str, Any]], ...] = (
            ("STIN", start, {"report_requested": True}),
            ("STOR", start + 24 * HOUR, {"leave_start": start + 24 * HOUR}),
            ("SLHJ", start + 48 * HOUR, {"end": start + 48 * HOUR}),
        )
        for wave, (code, sent, more) in zip(waves, steps, strict=True):
            header = new_id()
            wave.append(
                write(
                    code,
                    person=Person(number=number, family="Bench"),
                    sender=hospital,
                    receiver=town,
                    episodes=[episode],
                    header=header,
                    sent=sent,
                    start=start,
                    new_id=new_id,
                    chain=chain,
                    **more,
                )
            )
            chain = extend(chain, code, header, sent)
    # Citizens in blocks of 500, so that starts, leaves and ends mix, each in its order.
    block, ordered = 500, []
    for first in range(0, len(numbers), block):
        for wave in waves:
            ordered.extend(wave[first : first + block])
    for place, message in enumerate(ordered[:count]):
        (folder / f"{place:07d}.json").write_bytes(message)


def _numbers(rng: random.Random, count: int) -> list[str]:
    """Different person numbers that no person can have: days 61 to 88."""
    found: dict[str, None] = {}
    while len(found) < count:
        day, month, year = rng.randrange(61, 89), rng.randrange(1, 13), rng.randrange(30, 70)
        found[f"{day:02d}{month:02d}{year:02d}{rng.randrange(0, 4000):04d}"] = None
    return list(found)


# Over HTTP


def _environment(url: str) -> dict[str, str]:
    return {
        "NAER_DATABASE": url,
        "NAER_MODE": "demo",
        "NAER_INTAKE_TOKEN": TOKEN,
        "NAER_SECRET_KEY": "only for the benchmark",
        "NAER_NUMBER_KEY": "only for the benchmark",
    }


@contextmanager
def _serving(url: str, folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "naer.cli.main", "serve", "--port", str(port)],
        env=os.environ | _environment(url) | {"NAER_LOG_STORE": str(folder / "store")},
        stdout=log,
        stderr=log,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                sys.exit((folder / "serve.log").read_text())
            time.sleep(0.2)
        _counted(folder / "store")
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        log.close()


def _counted(store: Path) -> None:
    """Wait for the first count of the results: it comes once after a start, and would be measured instead."""
    for _ in range(300):
        if (store / "state.json").exists():
            return
        time.sleep(0.2)
    sys.exit("the server did not count its results within a minute")


class _Client:
    """One sender with one connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {TOKEN}"}

    def send(self, message: bytes) -> bool:
        """Whether it was acknowledged as ok."""
        self.connection.request("POST", "/messages/", message, self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status == 200 and b'"code":"ok"' in body.replace(b" ", b"")


def _closed(
    port: int, clients: int, seconds: float, supply: Iterator[bytes]
) -> tuple[float, list[float], int]:
    """Each client sends the next message as soon as it has its answer."""
    latencies: list[float] = []
    failed: list[int] = []
    gate, until = threading.Lock(), time.perf_counter() + seconds

    def work() -> None:
        client = _Client(port)
        while (begun := time.perf_counter()) < until:
            with gate:
                message = next(supply, None)
            if message is None:
                return
            if not client.send(message):
                failed.append(1)
            latencies.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    _together([threading.Thread(target=work) for _ in range(clients)])
    return len(latencies) / (time.perf_counter() - begun), latencies, len(failed)


def _open(port: int, rate: int, seconds: float, supply: Iterator[bytes]) -> tuple[float, list[float], int]:
    """Messages come at their times, whether or not earlier ones are answered; waiting counts."""
    latencies: list[float] = []
    failed: list[int] = []
    count, first = int(rate * seconds), time.perf_counter() + 0.1
    places = iter(range(count))
    gate = threading.Lock()

    def work() -> None:
        client = _Client(port)
        while True:
            with gate:
                place, message = next(places, None), next(supply, None)
            if place is None or message is None:
                return
            due = first + place / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            if not client.send(message):
                failed.append(1)
            latencies.append(time.perf_counter() - due)

    _together([threading.Thread(target=work) for _ in range(16)])
    return len(latencies) / (time.perf_counter() - first), latencies, len(failed)


def _together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# In batches, and bare


def _batch(url: str, files: list[Path], what: str) -> None:
    """`naer receive FILE…`, start of the process and everything else included."""
    begun = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "naer.cli.main",
        "receive",
        "--json",
        "--database",
        url,
        *map(str, files),
    ]
    done = subprocess.run(
        command, env=os.environ | _environment(url), capture_output=True, text=True, check=True
    )
    taken = time.perf_counter() - begun
    failed = sum(json.loads(line)["acknowledgement"] != "ok" for line in done.stdout.splitlines())
    _show(what, len(files) / taken, [], failed)


def _anchor(url: str, threads: int, rows: int, seconds: float, what: str) -> None:
    """One statement with `rows` events and obligations, one commit, again and again; counts the rows."""
    os.environ |= _environment(url)
    from naer.site import boot

    boot.setup(url)
    from django.db import connection, transaction

    from naer.site import bulk
    from naer.site.pathways import store
    from naer.site.pathways.models import Citizen

    keys = list(Citizen.objects.values_list("key", flat=True)[:2000])
    latencies: list[float] = []
    until = time.perf_counter() + seconds

    def work(thread: int) -> None:
        turn = 0
        while (begun := time.perf_counter()) < until:
            turn += 1
            with transaction.atomic():
                writes, events, obligations = bulk.Writes(), [], []
                for row in range(rows):
                    key = keys[((turn * threads + thread) * rows + row) % len(keys)]
                    name = f"bare-{threads}-{thread}-{turn}-{rows}-{row}"
                    event = (name, name, key, "bare", 1, 1, 1, None, None, "{}", "bench", None, 1, "", "")
                    owed = (key, "bare", "bare", name, name, None, 1, "", "", "", "", 1, None, "", None, None)
                    events.append(event)
                    obligations.append((*owed, None, 0, None, False))
                writes.insert("pathways_loggedevent", store.EVENT, events)
                writes.insert("pathways_obligation", store.OBLIGATION, obligations)
                writes.flush()
            latencies.append(time.perf_counter() - begun)
        connection.close()

    _together([threading.Thread(target=work, args=(place,)) for place in range(threads)])
    _show(what, len(latencies) * rows / seconds, latencies)


if __name__ == "__main__":
    main()

"""What a process took, as the system counts it, and the figures of bench/replay.py kept from run to run."""

import ctypes
import datetime as dt
import json
import os
import platform
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

KEPT = Path("bench/measured/replay.json")
"""{events: {"conditions": …, "took": {name: …}, "skipped": {name: why}}}, events as text."""
_PACKAGES = ("numba", "numpy", "polars", "duckdb", "pandas", "pyspark", "pm4py")
_QUICK_SECONDS = 30.0


class TooLongError(Exception):
    """A process did not end in the time it was given."""


@dataclass(frozen=True, slots=True)
class Took:
    """A whole cold process: seconds, processor seconds of all its threads and children, peak memory."""

    wall: float
    cpu: float
    megabytes: float
    """Resident, of its largest process."""


def measured(command: Sequence[str], *, repeat: int, limit: float) -> tuple[Took, bytes]:
    """What the quickest of `repeat` runs took (one run, when it is slow), and what the last one printed.

    Raises:
        TooLongError: after `limit` seconds.
        SystemExit: when the command fails, with the end of what it said.
    """
    runs = []
    while True:
        took, printed = _once(command, limit)
        runs.append(took)
        if len(runs) >= repeat or took.wall > _QUICK_SECONDS:
            return min(runs, key=lambda one: one.wall), printed


def _once(command: Sequence[str], limit: float) -> tuple[Took, bytes]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, start_new_session=True
        )
        stop = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        stop.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        others = list(_left_behind())
        stop.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode == -signal.SIGKILL and wall >= limit:
            raise TooLongError(f"not done after {limit:.0f} s")
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            raise SystemExit(f"{' '.join(command)} failed ({process.returncode}):\n{said}")
        out.seek(0)
        all_used = [used, *others]
        cpu = sum(one.ru_utime + one.ru_stime for one in all_used)
        return Took(wall, cpu, max(one.ru_maxrss for one in all_used) / 1000), out.read()


def _left_behind() -> Iterator[resource.struct_rusage]:
    """What a process's own children took that it did not wait for, as Spark's Java; they come to us."""
    while True:
        try:
            yield os.wait4(-1, 0)[2]
        except ChildProcessError:
            return


_PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def conditions() -> dict[str, Any]:
    """What the machine is, and how busy it was before the run."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")
    begun = time.perf_counter()
    total = 0
    for number in range(10_000_000):
        total += number
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "cpu": model.strip(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "load": round(os.getloadavg()[0], 1),
        "loop_seconds": round(time.perf_counter() - begun, 2),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES if find_spec(name)},
    }


def keep(
    events: int, described: dict[str, Any], took: dict[str, Took], skipped: dict[str, str], path: Path = KEPT
) -> None:
    """Put one size's figures in the place of those it had."""
    known = load(path)
    known[str(events)] = {
        "conditions": described,
        "took": {
            name: {key: round(value, 3) for key, value in asdict(one).items()} for name, one in took.items()
        },
        "skipped": skipped,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = {size: known[size] for size in sorted(known, key=int)}
    path.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path = KEPT) -> dict[str, Any]:
    """All sizes' figures; nothing when none was measured."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found

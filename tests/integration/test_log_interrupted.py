"""`naer log` stopped, killed, held up or out of room: nothing that happens on the way loses a row."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from naer.cli.main import cli
from naer.events.log import effective
from naer.logs.read import read
from naer.logs.store import sources_build
from tests.logfiles import write
from tests.logstores import DK, rows, run, stored, told


def naer(*arguments: str | Path, cwd: Path, code: str = "", **more) -> subprocess.Popen[str]:
    """`naer` as a process of its own; `code` runs before it."""
    script = f"{code}\nimport sys; from naer.cli.main import main; main(sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NAER_DEBUG": ""},
        **more,
    )


SMALL_STEPS = """
import naer.logs.store.build, naer.logs.store.sources, naer.logs.store.sources_csv, time
naer.logs.store.build.SPILL = 500
naer.logs.store.sources_csv.BLOCK = 20_000
"""
SLOWLY = (
    SMALL_STEPS
    + """
from naer.logs.store.build import Builder
add = Builder.add
def slow(self, *rest):
    add(self, *rest)
    time.sleep(0.2)
Builder.add = slow
"""
)


@pytest.fixture
def long_log(tmp_path):
    """A log of many blocks, with a broken row in each."""
    path = tmp_path / "long.csv"
    lines = [
        f"{n % 700},{('admitted', 'discharged')[n % 2]},2026-{n % 12 + 1:02}-{n % 28 + 1:02}T{n % 24:02}:00"
        if n % 400
        else f"{n},a,friday"
        for n in range(8000)
    ]
    path.write_text("case_id,activity,timestamp\n" + "\n".join(lines) + "\n")
    return path


def interrupted(path: Path, out: Path, cwd: Path) -> None:
    """A build stopped by Ctrl-C after some of its batches were put on disk."""
    process = naer("log", "build", path, "--out", out, cwd=cwd, code=SLOWLY)
    deadline = time.monotonic() + 30
    while not (out / "build" / "state.json").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "stopped" in said


def test_an_interrupted_build_goes_on_and_gives_the_same_store(tmp_path, long_log):
    out, whole = tmp_path / "store", tmp_path / "whole"
    interrupted(long_log, out, tmp_path)
    assert "unfinished" in run("log", "show", out, fails=True)
    process = naer("log", "build", long_log, "--out", out, cwd=tmp_path, code=SMALL_STEPS)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "going on with it" in said
    run("log", "build", long_log, "--out", whole)
    assert stored(out) == stored(whole)
    assert (out / "rejected.ndjson").read_text() == (whole / "rejected.ndjson").read_text()
    one, other = told("log", "show", out), told("log", "show", whole)
    for same in ("events", "pathways", "kinds", "ledger", "quality"):
        assert one[same] == other[same]
    assert one["takes"][0]["files"] == other["takes"][0]["files"]
    assert not (out / "build").exists()


@pytest.mark.parametrize("tidied", [False, True])
def test_a_build_that_was_killed_when_its_store_was_whole_is_done(tmp_path, tidied):
    file, other = (write(rows(seed, 20, False), tmp_path / f"{seed}.csv") for seed in (1, 2))
    out = tmp_path / "store"
    before = told("log", "build", file, "--out", out)
    if not tidied:
        (out / "build").mkdir()
        (out / "build" / "state.json").write_text("{}")
    done = CliRunner().invoke(cli, ["log", "build", str(file), "--out", str(out), "--json"])
    assert "built of these very files before" in done.stderr
    assert json.loads(done.stdout) == before
    assert not (out / "build").exists()
    refused = "there is a log store already"
    assert refused in run("log", "build", file, other, "--out", out, fails=True)
    assert refused in run("log", "build", file, "--out", out, "--country", "NO", fails=True)
    run("log", "append", out, other)
    assert refused in run("log", "build", file, "--out", out, fails=True)


@pytest.mark.parametrize("after", [0, 1])
def test_a_replacement_that_was_killed_before_it_was_in_place_is_put_there(tmp_path, after):
    first, second = (write(rows(seed, 20, False), tmp_path / f"{seed}.csv") for seed in (1, 2))
    out = tmp_path / "store"
    run("log", "build", first, "--out", out)
    killed = naer("log", "build", second, "--out", out, "--replace", cwd=tmp_path, code=KILLED % after)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    run("log", "build", second, "--out", out, "--replace")
    assert stored(out) == effective(read(second, zone=DK).events).events
    assert {one.name for one in tmp_path.iterdir()} == {"1.csv", "2.csv", "store"}


def test_what_was_replaced_never_comes_back(tmp_path, monkeypatch):
    """Killed while it is deleted, half of a store is left, where `build` looks when there is no other."""
    path, new = tmp_path / "store", tmp_path / "store.building"
    for folder, said in ((path, "old"), (new, "new")):
        folder.mkdir()
        (folder / "manifest.json").write_text(said)
    with monkeypatch.context() as killed:
        killed.setattr(sources_build.shutil, "rmtree", lambda *_, **__: None)
        sources_build._put_in_place(new, path)
    assert (path / "manifest.json").read_text() == "new"
    shutil.rmtree(path)
    sources_build._take_back(path)
    assert not path.exists()


KILLED = """
import os
import naer.logs.store.sources_build as module
class Renames:
    left = %d
    def replace(self, old, new):
        if str(new).endswith((".replaced", "store")):
            if not self.left:
                os.kill(os.getpid(), 9)
            self.left -= 1
        os.replace(old, new)
module.os = Renames()
"""


def test_an_unfinished_build_of_other_sources_is_not_gone_on_with(tmp_path, long_log):
    out = tmp_path / "store"
    interrupted(long_log, out, tmp_path)
    other = write(rows(1, 20, False), tmp_path / "other.csv")
    said = run("log", "build", other, "--out", out, fails=True)
    assert "an unfinished build of other sources is here" in said
    assert str(long_log) in said
    assert (out / "build" / "state.json").exists()
    run("log", "build", other, "--out", out, "--replace")
    assert stored(out) == effective(read(other, zone=DK).events).events


def test_a_build_that_was_refused_stands_in_nobodys_way(tmp_path):
    file = tmp_path / "named.csv"
    file.write_text("case,what,when\np1,admitted,2026-01-01\n")
    out = tmp_path / "store"
    assert "no column for kind" in run("log", "build", file, "--out", out, fails=True)
    assert not (out / "build").exists()
    run("log", "build", file, "--out", out, "--columns", "kind=what,at=when")
    assert told("log", "show", out)["events"] == 1


def test_a_new_store_is_its_owners_alone_and_stays_as_it_was_shared(tmp_path):
    file = write(rows(1, 20, False), tmp_path / "log.csv")
    out = tmp_path / "store"
    run("log", "build", file, "--out", out)
    assert out.stat().st_mode & 0o077 == 0
    out.chmod(0o750)
    run("log", "build", file, "--out", out, "--replace")
    assert out.stat().st_mode & 0o777 == 0o750


def test_a_full_disk_is_said_and_the_build_goes_on_when_there_is_room(tmp_path, long_log):
    out = tmp_path / "store"

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))

    process = naer("log", "build", long_log, "--out", out, cwd=tmp_path, preexec_fn=no_room)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "the disk takes no more" in said
    assert "run the same command again" in said
    assert "Traceback" not in said
    assert told("log", "build", long_log, "--out", out)["rejected"]["rows"] == 20


def test_one_command_at_a_time_works_on_a_store(tmp_path, long_log):
    out = tmp_path / "store"
    held = SLOWLY.replace("0.2", "60")  # at work however long the other takes to start
    process = naer("log", "build", long_log, "--out", out, cwd=tmp_path, code=held)
    while not (out / "build" / "state.json").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    assert "another naer command is at work" in run("log", "build", long_log, "--out", out, fails=True)
    process.kill()
    process.communicate()


HELD = """
import time
import naer.logs.store.manifest as manifest
def wait(path, found):
    (path / "here").touch()
    time.sleep(60)
manifest.write = wait
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_append_has_done_nothing_and_is_given_again(tmp_path, how):
    whole = rows(1, 60, True)
    first, more = write(whole[:30], tmp_path / "a.csv"), write(whole[30:], tmp_path / "b.csv")
    out = tmp_path / "store"
    run("log", "build", first, "--out", out)
    before, told_before = stored(out), told("log", "show", out)
    process = naer("log", "append", out, more, cwd=tmp_path, code=HELD)
    deadline = time.monotonic() + 60
    while not (out / "here").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(how)
    process.communicate(timeout=30)
    assert stored(out) == before
    after = told("log", "show", out)
    assert {**after, "bytes": 0} == {**told_before, "bytes": 0}
    run("log", "append", out, more)
    run("log", "build", first, more, "--out", tmp_path / "whole")
    assert stored(out) == stored(tmp_path / "whole")
    assert (out / "rejected.ndjson").read_text() == (tmp_path / "whole" / "rejected.ndjson").read_text()

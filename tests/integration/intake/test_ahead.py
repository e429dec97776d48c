"""Many files are read ahead by a second process; what comes of it is what one process gives."""

import multiprocessing
import os
from pathlib import Path
from threading import Thread

import pytest

from naer.cli import reading
from naer.cli.reading import Batch, batches
from naer.messages.medcom.document import MAX_BYTES
from naer.site.messaging import record
from naer.site.messaging.answer import Raw
from tests.integration.intake.ward import LATER, Stay, at, counter


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Five files: three messages, one that is none, one that is not there."""
    stay = Stay()
    for name, data in {
        "a.json": stay.send("STIN", at("2 10:00"), report_requested=True),
        "b.xml": stay.send("STOR", at("3 10:00"), format="xml"),
        "c.json": b"{",
        "d.json": stay.send("SLHJ", at("4 10:00")),
    }.items():
        (tmp_path / name).write_bytes(data)
    return [str(tmp_path / name) for name in ("a.json", "b.xml", "c.json", "none.json", "d.json")]


def _plain(found: list[Batch]) -> list[object]:
    """Everything but the seals, which differ each time, and these opened."""
    return [
        (
            batch.received,
            one.error,
            one.message
            and (
                one.message.channel,
                one.message.incoming,
                one.message.thanks,
                [record.unpack(part) if part else b"" for part in (one.message.answer, one.message.content)],
            ),
        )
        for batch in found
        for one in batch.files
    ]


def _alone(files: list[str]) -> list[Batch]:
    """Prepared by this process: one batch never asks for another."""
    new_id = counter("n")
    return [batch for file in files for batch in batches([file], 2, lambda: LATER, new_id)]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_second_process_gives_what_one_gives(
    size: int, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "cores", lambda: 2)
    found = list(batches(files, size, lambda: LATER, counter("n")))
    assert [len(batch.files) for batch in found] == [
        min(size, len(files) - first) for first in range(0, len(files), size)
    ]
    assert _plain(found) == _plain(_alone(files))
    assert [bool(one.error) for batch in found for one in batch.files] == [False] * 3 + [True, False]
    assert not multiprocessing.active_children()


def test_when_it_is_killed_the_rest_is_read_here(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "cores", lambda: 2)
    many = files * 60
    coming = batches(many, 1, lambda: LATER, lambda: "n")
    found = [next(coming)]
    (child,) = multiprocessing.active_children()
    child.kill()
    child.join()
    found += coming
    assert [one.message is None for batch in found for one in batch.files] == [
        file.endswith("none.json") for file in many
    ]


def test_who_stops_early_leaves_no_process_behind(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "cores", lambda: 2)
    coming = batches(files * 60, 1, lambda: LATER, lambda: "n")
    next(coming)
    assert multiprocessing.active_children()
    coming.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("length", [0, 1, 65_535, 65_536, 65_537, 400_000])
def test_a_file_is_read_whole(length: int, tmp_path: Path) -> None:
    data = bytes(place % 251 for place in range(length))
    (tmp_path / "a.json").write_bytes(data)
    assert reading._opened(str(tmp_path / "a.json")) == Raw(data, "application/fhir+json", "command")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    def write() -> None:
        with open(tmp_path / "pipe", "wb", buffering=0) as pipe:
            for _ in range(3):
                pipe.write(b"x" * 50_000)

    writing = Thread(target=write)
    writing.start()
    assert reading._opened(str(tmp_path / "pipe")) == Raw(b"x" * 150_000, None, "command")
    writing.join()


def test_of_a_file_that_is_no_message_no_more_is_read_than_it_takes_to_see_that(tmp_path: Path) -> None:
    with open(tmp_path / "a.json", "wb") as file:
        file.truncate(MAX_BYTES * 10)
    found = reading._opened(str(tmp_path / "a.json"))
    assert isinstance(found, Raw)
    assert len(found.data) == MAX_BYTES + 1


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert reading._opened(str(tmp_path)) == "Is a directory"

"""`naer receive`: take in messages from files, as the intake takes them from the network."""

import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import click
import msgspec

from naer.cli import options
from naer.cli.moment import MOMENT

BATCH = 400
"""Files in one transaction."""


class FileName(click.Path):
    """The name of a file as it was given.

    Whether there is one is seen when it is opened: to look first, and to make a `Path` of it, takes longer
    than to open and read it.
    """

    def convert(self, value: Any, *_: object) -> Any:
        """The same."""
        return value


@click.command()
@click.argument("files", nargs=-1, required=True, type=FileName())
@options.database
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file, in order, on stdout.")
@click.option("--ack-dir", type=click.Path(path_type=Path, file_okay=False), help="Write each answer here.")
@click.option("--now", type=MOMENT, help="When they are received; default the clock.")
def receive(
    files: Sequence[str], database: str | None, as_json: bool, ack_dir: Path | None, now: int | None
) -> int:
    """Take in messages of any standard from FILES (JSON or XML), and say what became of each.

    A refused message is an answer, not an error: the exit code is 1 only when a file could not be read.
    """
    unreadable = 0
    if ack_dir is not None:
        ack_dir.mkdir(parents=True, exist_ok=True)
    numbers = count(1)
    with _Progress(len(files)) as progress:
        for batch in _received(files, database, now):
            told = []
            for (file, outcome), number in zip(batch, numbers, strict=False):
                if isinstance(outcome, str):
                    unreadable += 1
                    told.append(_unreadable(file, outcome))
                    continue
                told.append(outcome.as_json(click.format_filename(file)))
                if ack_dir is not None and outcome.body:
                    target = ack_dir / f"{number:05d}-{Path(file).stem}.{outcome.format}"
                    target.write_bytes(outcome.body)
            click.echo("\n".join(map(_as_json if as_json else _in_words, told)))
            progress.step(len(batch))
    return 1 if unreadable else 0


def _received(files: Sequence[str], database: str | None, now: int | None) -> Iterator[list[tuple[str, Any]]]:
    """Each file with its `Answer`, or why it could not be read; in order, in batches."""
    from naer.site import boot

    boot.configure(database)

    from naer.cli.reading import Opened, batches
    from naer.site import clock
    from naer.site.identity import new_id

    coming = batches(files, BATCH, clock.now if now is None else lambda: now, new_id)

    # What deciding needs is loaded while the other process is at the first batch.
    boot.setup(database)
    boot.settle()

    from naer.site.agreements.in_force import agreements
    from naer.site.messaging import relay
    from naer.site.pathways.actor import Process

    if files:
        agreements()
    opened: deque[list[Opened]] = deque()

    def messages() -> Iterator[relay.Batch]:
        for batch in coming:
            opened.append(batch.files)
            yield [one.message for one in batch.files if one.message is not None], batch.received

    actor, waiting = Process("naer receive"), iter(files)
    for told in relay.taken_in(messages(), several=len(files) > BATCH, new_id=new_id, actor=actor):
        answers = iter(told)
        yield [
            (next(waiting), one.error if one.message is None else next(answers)) for one in opened.popleft()
        ]


def _unreadable(file: str, error: str) -> dict[str, Any]:
    """The object for a file that could not be read: nothing was received."""
    text = f"the file cannot be read: {error}"
    return {
        "file": click.format_filename(file),
        "message_id": None,
        "standard": None,
        "code": None,
        "acknowledgement": "fatal-error",
        "issues": [{"code": "not-found", "text": text, "path": "", "severity": "fatal"}],
        "duplicate": False,
        "shown": False,
        "stored": False,
        "citizen_status": "none",
        "pathway": None,
        "report_owed": False,
    }


def _as_json(found: dict[str, Any]) -> str:
    return msgspec.json.encode(found).decode()


def _in_words(found: dict[str, Any]) -> str:
    what = found["code"] or found.get("type") or found["standard"] or "-"
    words = [found["acknowledgement"], what, f"citizen {found['citizen_status']}"]
    words += ["duplicate"] if found["duplicate"] else []
    words += ["report owed"] if found["report_owed"] else []
    lines = [f"{found['file']}: {', '.join(words)}"]
    for issue in found["issues"]:
        lines.append(f"  {issue['severity']} {issue['code']}: {issue['text']} {issue['path']}".rstrip())
    return "\n".join(lines)


class _Progress:
    """How far it is, on stderr, for work that takes more than a moment."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.told = total, 0, time.monotonic()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()

    def step(self, more: int) -> None:
        """So many more are done."""
        self.done += more
        if time.monotonic() - self.told > 1 or (self.done == self.total and self.total > BATCH):
            self.told = time.monotonic()
            click.echo(f"{self.done} of {self.total} files", err=True)

"""`naer receive`: take in messages from files, as the intake takes them from the network."""

import json
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import batched
from pathlib import Path
from typing import Any

import click

from naer.cli import options
from naer.cli.moment import MOMENT

BATCH = 200
"""Files in one transaction."""

_TYPES = {".json": "application/fhir+json", ".xml": "application/fhir+xml"}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.database
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file, in order, on stdout.")
@click.option("--ack-dir", type=click.Path(path_type=Path, file_okay=False), help="Write each answer here.")
@click.option("--now", type=MOMENT, help="When they are received; default the clock.")
def receive(
    files: Sequence[Path], database: str | None, as_json: bool, ack_dir: Path | None, now: int | None
) -> int:
    """Take in messages from FILES (JSON or XML), and say what became of each.

    A refused message is an answer, not an error: the exit code is 1 only when a file could not be read.
    """
    from naer.site import boot

    boot.setup(database)
    boot.settle()
    unreadable = 0
    if ack_dir is not None:
        ack_dir.mkdir(parents=True, exist_ok=True)
    with _Progress(len(files)) as progress:
        for number, (file, outcome) in enumerate(_received(files, now), start=1):
            if isinstance(outcome, OSError):
                unreadable += 1
                _say(as_json, _unreadable(file, outcome))
            else:
                _say(as_json, outcome.as_json(str(file)))
                if ack_dir is not None and outcome.body:
                    target = ack_dir / f"{number:05d}-{file.stem}.{outcome.format}"
                    target.write_bytes(outcome.body)
            progress.step()
    return 1 if unreadable else 0


def _received(files: Sequence[Path], now: int | None) -> Iterator[tuple[Path, Any]]:
    """Each file with its `Answer`, or the error that kept it from being read; in order, in batches."""
    from naer.site import clock
    from naer.site.messaging.intake import receive
    from naer.site.pathways.actor import Process

    actor = Process("naer receive")
    for some in batched(files, BATCH, strict=False):
        found = [_opened(file) for file in some]
        messages = [one for one in found if not isinstance(one, OSError)]
        received = clock.now() if now is None else now
        answers = iter(receive(messages, now=received, new_id=_new_id, actor=actor) if messages else [])
        for file, one in zip(some, found, strict=True):
            yield file, one if isinstance(one, OSError) else next(answers)


def _opened(file: Path) -> Any:
    """The message in a file, or why it could not be opened."""
    from naer.site.messaging.answer import Raw

    try:
        return Raw(file.read_bytes(), _TYPES.get(file.suffix.lower()), "command")
    except OSError as error:
        return error


def _new_id() -> str:
    return str(uuid.uuid4())


def _unreadable(file: Path, error: OSError) -> dict[str, Any]:
    """The object for a file that could not be read: nothing was received."""
    text = f"the file cannot be read: {error.strerror or error}"
    return {
        "file": str(file),
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


def _say(as_json: bool, found: dict[str, Any]) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    words = [found["acknowledgement"], found["code"] or "-", f"citizen {found['citizen_status']}"]
    words += ["duplicate"] if found["duplicate"] else []
    words += ["report owed"] if found["report_owed"] else []
    click.echo(f"{found['file']}: {', '.join(words)}")
    for issue in found["issues"]:
        click.echo(f"  {issue['severity']} {issue['code']}: {issue['text']} {issue['path']}".rstrip())


class _Progress:
    """How far it is, on stderr, for work that takes more than a moment."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.told = total, 0, time.monotonic()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        if time.monotonic() - self.told > 1 or (self.done == self.total and self.total > BATCH):
            self.told = time.monotonic()
            click.echo(f"{self.done} of {self.total} files", err=True)

"""`naer` in the test's own process and database: for what a command does, not for how a process starts."""

from dataclasses import dataclass

import click
import pytest
from click.testing import CliRunner

from naer.cli.main import cli


@dataclass(frozen=True)
class Said:
    """What a command wrote."""

    stdout: str
    stderr: str


class Commands:
    """Calls commands; each must end with the code that is expected."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("naer.site.boot.setup", lambda *_: None)
        monkeypatch.setattr("naer.site.boot.settle", lambda: None)

    def __call__(self, *arguments: object, code: int = 0) -> Said:
        done = CliRunner().invoke(cli, [str(one) for one in arguments], standalone_mode=False)
        if isinstance(done.exception, click.ClickException):
            status, said = done.exception.exit_code, Said(done.stdout, done.exception.format_message())
        elif done.exception is not None:
            raise done.exception
        else:
            status, said = done.return_value or 0, Said(done.stdout, done.stderr)
        assert status == code, said.stdout + said.stderr
        return said

"""`naer`: one group of commands, each loaded only when it is called.

COMMANDS is the whole list; a command's module is imported when the command runs or shows its own
help, so that `naer --help` and shell completion stay fast.
"""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from naer import lazily
from naer.cli.errors import advice


class Lazy(NamedTuple):
    """A command that is not loaded yet: where it is, and the line `naer --help` shows."""

    module: str
    attribute: str
    summary: str

    def load(self) -> click.Command:
        """Import it.

        Raises:
            ImportError: when its module cannot be imported.
        """
        command = getattr(import_module(self.module), self.attribute)
        assert isinstance(command, click.Command), f"{self.module}.{self.attribute} is no command"
        return command


COMMANDS: dict[str, Lazy] = {
    "agreement": Lazy("naer.cli.agreement", "agreement", "Check, explain, try, suggest, export agreements."),
    "replay": Lazy("naer.cli.replay", "replay", "Run an agreement over a log of events."),
    "log": Lazy(
        "naer.cli.log",
        "log",
        "Build, add to and look at a log store: a whole history, packed, ready for replay.",
    ),
    "receive": Lazy(
        "naer.cli.messages",
        "receive",
        "Take in messages of any standard from FILES (JSON or XML), and say what became of each.",
    ),
    "send": Lazy("naer.cli.send", "send", "Deliver the messages in the outbox that are due."),
    "organisation": Lazy("naer.cli.register", "organisation", "Organisations in the register."),
    "citizen": Lazy("naer.cli.register", "citizen", "Citizens and their cases."),
    "user": Lazy("naer.cli.users", "user", "Users: who signs in, for which organisation, in which role."),
    "client": Lazy(
        "naer.cli.clients",
        "client",
        "Systems that use the FHIR interface with keys of their own (SMART backend services).",
    ),
    "tick": Lazy(
        "naer.cli.operations",
        "tick",
        "Do what is due because time passed: escalations, events that are reached, anchors.",
    ),
    "results": Lazy("naer.cli.results", "results", "Count what the pages of results show."),
    "doctor": Lazy(
        "naer.cli.operations",
        "doctor",
        "Verify the event log, its anchors, and that obligations are what the log says.",
    ),
    "keys": Lazy("naer.cli.keys", "keys", "The keys that person numbers and messages are sealed with."),
    "migrate": Lazy(
        "naer.cli.serve", "migrate", "Bring the database's tables up to date; safe to run again."
    ),
    "serve": Lazy("naer.cli.serve", "serve", "Serve the pages and the message intake."),
    "demo": Lazy("naer.cli.demo", "demo", "Make the synthetic region and open it."),
}


class LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is none of that name."""
        known = COMMANDS.get(cmd_name)
        return known.load() if known else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from COMMANDS alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="naer", prog_name="naer")
def cli() -> None:
    """Naer runs the agreement between hospital, municipality and general practice.

    The database is NAER_DATABASE (default sqlite:///var/naer.sqlite3) or --database URL.
    """


def _end() -> None:
    """Close the database, and let Python not look for rubbish three times: a sixth of a second."""
    if database := sys.modules.get("django.db"):
        database.connections.close_all()
    gc.freeze()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `naer`; errors are printed as what was wrong and what to do next, never as a traceback.

    NAER_DEBUG=1 shows the traceback. Exit codes: 1 for an error, 2 for wrong use, 130 when stopped.
    """
    lazily.arrange()
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own gives pages back and asks again
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's: nothing here multiplies matrices
    atexit.register(_end)
    gc.set_threshold(300_000)  # loading what a command needs makes much and drops little
    try:
        status = cli.main(args=arguments, prog_name="naer", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("NAER_DEBUG"):
            raise
        click.echo(f"naer: {advice(error)}", err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()

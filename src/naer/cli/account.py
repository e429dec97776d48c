"""The account of the machine a command runs under, named in the trace it leaves."""

import getpass

import click


def account() -> str:
    """Its name, or "unknown" when the machine knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def leave_trace(command: str, action: str, what: str, organisation: str | None = None) -> None:
    """Write down, about no citizen, what a command (`naer user add`) did and from which account."""
    from naer.site import clock
    from naer.site.pathways.actor import Process
    from naer.site.pathways.actor import leave_trace as trace

    trace(Process(command, organisation or ""), "", action, f"{what[:150]}, account {account()}", clock.now())


def said_closed(was_open: bool, name: str) -> None:
    """Say that somebody, or a system, is let in no more."""
    click.echo(f"{'closed' if was_open else 'closed already'}: {name}")

"""The tokens that systems hold: who a token speaks for, and until when (owner: fhir-write)."""

from naer.events.instant import Instant
from naer.site.fhir.caller import Caller


def caller(token: str, now: Instant) -> Caller | None:  # noqa: ARG001
    """The system that holds `token` at `now`; None for a token that is unknown, expired or withdrawn."""
    return None

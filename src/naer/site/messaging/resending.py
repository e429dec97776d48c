"""When a message counts as unanswered, and when it may be sent again: rules of the standards as numbers.

Denmark (handbook Denmark, section 7; MedCom reliable messaging): no Acknowledgement within 30 minutes, then
at most two more sendings, each with a new Bundle.id. Norway (handbook Norway, section 4; HITS 1168:2016): no
AppRec within 96 hours counts as a negative one, a late positive is still accepted; none goes again by itself.
"""

from dataclasses import dataclass

from naer.events.instant import HOUR, MINUTE, SECOND, Instant

FIRST_PAUSE, LONGEST_PAUSE = 15 * SECOND, HOUR
"""Between two tries of a transport: the first pause, doubled each time up to the longest."""

STUCK_AFTER = 24 * HOUR
"""What a transport could not hand over for so long stands among what needs a person; it is still tried."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a standard says about receipts; times in microseconds."""

    wait: Instant | None
    """How long a receipt may take; None when the standard has none."""
    most: int | None
    """How often a message may be sent again; None when a person may always."""
    by_itself: bool
    """Whether an agreement with the partner may let Naer send it again by itself."""


DENMARK = Rules(30 * MINUTE, 2, by_itself=True)
NORWAY = Rules(96 * HOUR, None, by_itself=False)
NO_RECEIPT = Rules(None, None, by_itself=False)


def rules(standard: str) -> Rules:
    """The rules for messages of a standard."""
    if standard in ("medcom-acknowledgement", "apprec"):
        return NO_RECEIPT
    if standard.startswith("medcom-"):
        return DENMARK
    return NORWAY if standard.startswith("plo-") else NO_RECEIPT


def due(standard: str, written: Instant, sent: Instant) -> Instant | None:
    """When the receipt must be here; None when there is none to come.

    Denmark counts from when the message was handed over, Norway from when it was written (its GenDate).
    """
    rule = rules(standard)
    if rule.wait is None:
        return None
    return (written if rule is NORWAY else sent) + rule.wait


def may_again(standard: str, resends: int) -> bool:
    """Whether a message that was sent again `resends` times may be once more."""
    most = rules(standard).most
    return most is None or resends < most


def pause(attempts: int) -> Instant:
    """How long to wait after `attempts` tries that failed in a row, microseconds."""
    return min(LONGEST_PAUSE, FIRST_PAUSE << min(max(attempts - 1, 0), 16))

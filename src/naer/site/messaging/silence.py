"""Messages that are not acknowledged: where it is agreed that we only receive (MedCom: receiver type C).

The first connection that fits a message's sender and standard says so (`acknowledge`). What was decided about
the message stands in the log all the same. What cannot be read, and what cannot be stored now, is answered:
that is no receipt.
"""

from collections.abc import Sequence

import structlog
from msgspec.structs import replace

from naer.messages.letter_events import FHIR, source
from naer.site.messaging.connections import Connection, WrongConnectionsError, connections
from naer.site.messaging.record import Logged
from naer.site.pathways.register import Register, her_id

HTTP_STATUS = 202
"""Accepted for processing, and nothing more will be said."""
_log = structlog.get_logger("naer.intake")


def agreed() -> Sequence[Connection]:
    """The connections, when one of them is not acknowledged; else none, and all is acknowledged."""
    try:
        found = connections()
    except WrongConnectionsError:
        _log.error("connections cannot be used: everything is acknowledged")
        return ()
    return found if any(not one.acknowledge for one in found) else ()


def hush(one: Logged, agreements: Sequence[Connection], register: Register) -> Logged:
    """A decided message without its answer, when none is agreed; else as it is."""
    incoming = one.message.incoming
    if not incoming.answerable or incoming.response is not None or source(incoming.standard) == FHIR:
        return one
    names = _names(one, register)
    way = next((way for way in agreements if way.carries(incoming.standard, names)), None)
    if way is None or way.acknowledge:
        return one
    return replace(one, answer=replace(one.answer, body=b"", http_status=HTTP_STATUS))


def _names(one: Logged, register: Register) -> frozenset[str]:
    """Everything that the sender is called: what the message says, and what the register knows besides."""
    party = one.message.incoming.sender
    said = {party.sor, party.gln, party.her, party.service} if party is not None else set()
    known = {name.removeprefix(her_id("")) for name, its in register.by_id.items() if its.key == one.sender}
    return frozenset({one.sender, *said, *known} - {""})

"""A message with several receivers (Norway: OtherReceiver), more than one of them here.

Each is to answer in its own name: one receipt for each receiver. Where the transport says whom a message was
handed to, that one answers. Where it does not, the first delivery is answered by the first receiver that is
here, and each further one by the next that has not answered; when all have, the first answer comes again.
"""

from typing import TYPE_CHECKING

import msgspec

from naer.messages.content import Letter, Party
from naer.site.messaging.answer import Prepared

if TYPE_CHECKING:
    from naer.site.messaging.desk import Desk

Here = list[tuple[str, Party]]
"""Receivers of a message that are here: (key, as the message names them), the one it is for first."""


def here(desk: "Desk", letter: Letter) -> Here:
    """The receivers of a letter that are in the register, each once."""
    found: dict[str, Party] = {}
    for party in (letter.receiver, *letter.copies):
        if (known := desk.organisation(party)) is not None:
            found.setdefault(known.key, party)
    return list(found.items())


def named(to: str, those: Here) -> Party | None:
    """The one of some receivers that the transport calls `to`, by key or any id."""
    ids = ((party, {key, party.her, party.service, party.sor, party.gln}) for key, party in those)
    return next((party for party, names in ids if to and to in names), None)


def handed_to(message: Prepared, party: Party) -> Prepared:
    """The message as one of its receivers got it; its answer is still to be written."""
    incoming = msgspec.structs.replace(message.incoming, receiver=party)
    return Prepared(message.channel, incoming, content=message.content, to=message.to)

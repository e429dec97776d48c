"""Whose messages may lie in a partner's inbox: those of the organisations that its connections are for."""

from dataclasses import dataclass

from naer.messages import read
from naer.messages.content import Party
from naer.site.pathways import voices


@dataclass(frozen=True, slots=True)
class Writers:
    """The `receiver` of every connection with the same inbox: key, SOR id, location number, HER id or `*`."""

    names: frozenset[str]

    def may_say(self, data: bytes) -> bool:
        """Whether a file may come from them. What names no sender is for the intake to refuse.

        Every id of the sender that is in the register must be of one of them; when none is, one of its ids
        must be a name of theirs.
        """
        if "*" in self.names:
            return True
        sender = read(data, None).sender
        if sender is None:
            return True
        said = voices.organisations(sender)
        if said:
            theirs = (voices.organisations(Party(sor=name, her=name)) for name in self.names)
            return said <= frozenset().union(*theirs)
        return bool(self.names & {sender.sor, sender.gln, sender.her, sender.service})

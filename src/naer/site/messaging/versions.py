"""In which version Norwegian messages are written to a partner: as agreed, else as it writes itself."""

import msgspec

from naer.messages.content import Letter
from naer.messages.plo.types import TYPES
from naer.site import vault
from naer.site.messaging import letters, ways
from naer.site.messaging.connections import WrongConnectionsError
from naer.site.messaging.models import StoredLetter
from naer.site.pathways.models import Citizen

_DIALOGUE = "dialogue"


def versioned(letter: Letter, citizen: Citizen, receiver: str) -> Letter:
    """A care message about a citizen, in the version its receiver (a key) takes, when the type has that.

    Without an agreement that is the version of the receiver's own last care message about the citizen.
    Danish letters, dialogue messages and those that name a version stay as they are.
    """
    known = TYPES.get(letter.type)
    if known is None or known.family == _DIALOGUE or letter.version:
        return letter
    wanted = _agreed(known.standard, receiver) or _theirs(citizen, receiver)
    if wanted not in {form.version for form in known.forms}:
        return letter
    return msgspec.structs.replace(letter, version=wanted)


def _agreed(standard: str, receiver: str) -> str:
    try:
        found = ways.way(standard, receiver)
    except WrongConnectionsError:
        return ""
    return found.plo if found is not None else ""


def _theirs(citizen: Citizen, partner: str) -> str:
    care = [one.standard for one in TYPES.values() if one.family != _DIALOGUE]
    came = StoredLetter.objects.filter(citizen=citizen, sender=partner, standard__in=care, outgoing=None)
    last = came.order_by("-sent", "-pk").first()
    if last is None:
        return ""
    try:
        return letters.unpack(bytes(last.content)).version
    except vault.UnknownKeyError:
        return ""

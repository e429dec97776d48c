"""What a Bundle of resources may say of a citizen: any system can write one, so every fact is asked for.

A fact can be told only by whom its kind can come from (events.kinds). A stay is kept on the legal basis of a
notification (handbook Denmark 3.7), for it says the same.
"""

from django.conf import settings

from naer.events.kinds import senders
from naer.messages.content import Letter
from naer.messages.envelope import Issue
from naer.messages.fhir.bundle_reading import STANDARD
from naer.site.access.rules import STAY_KINDS
from naer.site.messaging import legal_basis
from naer.site.messaging.desk import Desk
from naer.site.pathways.register import Organisation
from naer.site.pathways.state import State

HOSPITAL = "hospital"


def refusals(standard: str, letter: Letter, sender: Organisation | None) -> list[Issue]:
    """Why a bundle is refused: its sender is nobody who can tell what it tells.

    Where receivers are not checked, as in the demo, neither is a sender that is in no register.
    """
    if standard != STANDARD or (sender is None and not settings.CHECK_RECEIVER):
        return []
    role = sender.role if sender is not None else ""
    foreign = sorted({fact.kind for fact in letter.facts if role not in senders(fact.kind)})
    text = "the organisation that sends it cannot tell this: "
    return [Issue("business-rule", text + kind, "Bundle.entry") for kind in foreign]


def tells_of_stay(letter: Letter) -> bool:
    """Whether a letter says where a citizen is, as a notification does."""
    return any(fact.kind in STAY_KINDS for fact in letter.facts)


def may_keep(standard: str, letter: Letter, state: State | None, desk: Desk) -> bool:
    """Whether a bundle may be kept: one about a stay needs an active case where the citizen lives."""
    if standard != STANDARD or not tells_of_stay(letter):
        return True
    return state is not None and legal_basis.basis(state.cases, state.municipality, desk.today) is not None

"""What people do to citizens' records, as sentences: the words of the access log.

A test fails when something writes an action that is not here.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, str | Promise] = {
    "look": _("Opened the pathway"),
    "look-fhir": _("Read through the FHIR interface"),
    "look-list": _("Saw the citizen in a list"),
    "look-message": _("Opened a message"),
    "look-results": _("Opened the cases behind a result"),
    "look-thread": _("Opened a conversation"),
    "look-attachment": _("Opened a file in a conversation"),
    "read-thread": _("Marked a conversation as read, or as unread"),
    "receive": _("Received a message"),
    "notify": _("Sent a hospital notification"),
    "record": _("Recorded an event"),
    "fulfil": _("Recorded that an obligation was met"),
    "waive": _("Waived an obligation"),
    "undo": _("Took back something recorded"),
    "send": _("Wrote a message to another organisation"),
    "deliver": _("Handed a message over to its receiver"),
    "retried": _("Had a message handed over again"),
    "resent": _("Sent a message again"),
    "given-up": _("Gave a message up or took it back"),
    "noted": _("Noted an escalation"),
    "enrol": _("Put the citizen or a case into the register"),
    "demo-made": _("Made the synthetic region of the demo"),
}
"""Action name → sentence."""

RELATIONS: dict[str, str | Promise] = {
    "case": _("Active case in the municipality"),
    "stay": _("A stay at the hospital now or lately, or something still owed"),
    "gp": _("The citizen’s general practice"),
    "conversation": _("A conversation they take part in"),
    "office": _("Looks after the message traffic, and saw no name"),
    "system": _("Automatic"),
}
"""Care relation → why it lets somebody see the citizen."""


def sentence(action: str) -> str:
    """The sentence of an action; an unknown one is shown by its name."""
    return str(ACTIONS.get(action, action))


def reason(relation: str) -> str:
    """Why somebody could see the citizen."""
    return str(RELATIONS.get(relation, relation))

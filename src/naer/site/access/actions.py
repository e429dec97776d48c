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
    "look-plan": _("Opened the plan"),
    "start-plan": _("Began a plan"),
    "edit-plan": _("Changed the plan"),
    "agree-plan": _("Agreed to the plan"),
    "appoint-coordinator": _("Offered or appointed a coordinator"),
    "confirm-coordinator": _("Confirmed a coordinator"),
    "look-discharge": _("Saw the discharge"),
    "answer-ready": _("Answered whether the citizen can be received"),
    "agree-discharge": _("Agreed on the discharge"),
    "look-medicines": _("Saw the lists of medicines"),
    "list-medicines": _("Wrote down a list of medicines"),
    "confirm-medicine": _("Confirmed a medicine at the handover"),
    "look-deviation": _("Opened a deviation"),
    "raise-deviation": _("Raised a deviation"),
    "answer-deviation": _("Answered a deviation"),
    "close-deviation": _("Closed a deviation"),
    "ask-help": _("Asked for help"),
    "look-request": _("Opened a request for help"),
    "sort-request": _("Sorted a request for help"),
    "own-page": _("Opened the citizen’s own page"),
    "own-log": _("Saw who has seen the record"),
    "give-consent": _("Gave or withdrew consent"),
    "grant": _("Let somebody near see something, or took it back"),
    "block": _("Kept an organisation out, or let it in again"),
    "own-measurement": _("Wrote down a measurement of their own"),
    "own-goal": _("Wrote a goal of their own"),
    "emergency": _("Opened the record in an emergency"),
    "review-emergency": _("Looked into an emergency access"),
    "look-log": _("Saw the access log"),
    "search-failed": _("Searched for a person who is not theirs to see"),
    "enrol": _("Put the citizen or a case into the register"),
    "signed-in": _("Signed in"),
    "signed-out": _("Signed out"),
    "locked-out": _("Was locked out after failed sign-ins"),
    "unlocked": _("Let somebody who was locked out try again"),
    "linked": _("Linked a user with an identity"),
    "demo-made": _("Made the synthetic region of the demo"),
}
"""Action name → sentence."""

PURPOSES: dict[str, str | Promise] = {
    "care": _("Care and treatment"),
    "coordination": _("Plan and coordination"),
    "quality": _("Quality and safety"),
    "own": _("The citizen’s own use"),
    "emergency": _("Emergency"),
    "control": _("Control of access"),
    "operation": _("Operation of the system"),
}
"""What somebody does something for → sentence."""

_PURPOSE = {
    **dict.fromkeys(
        ("look-plan", "start-plan", "edit-plan", "agree-plan", "appoint-coordinator", "confirm-coordinator"),
        "coordination",
    ),
    **dict.fromkeys(
        ("look-deviation", "raise-deviation", "answer-deviation", "close-deviation", "look-results"),
        "quality",
    ),
    **dict.fromkeys(
        (
            "own-page",
            "own-log",
            "give-consent",
            "grant",
            "block",
            "own-measurement",
            "own-goal",
        ),
        "own",
    ),
    "emergency": "emergency",
    **dict.fromkeys(("look-log", "review-emergency", "search-failed"), "control"),
    **dict.fromkeys(("deliver", "retried", "resent", "given-up", "enrol", "demo-made"), "operation"),
}


def purpose(action: str) -> str:
    """What an action is done for; what is not said otherwise is care."""
    return _PURPOSE.get(action, "care")


RELATIONS: dict[str, str | Promise] = {
    "case": _("Active case in the municipality"),
    "stay": _("A stay at the hospital now or lately, or something still owed"),
    "gp": _("The citizen’s general practice"),
    "self": _("The citizen themselves"),
    "coordinator": _("Named as the citizen’s coordinator"),
    "plan": _("Takes part in the citizen’s plan"),
    "granted": _("Let in by the citizen"),
    "emergency": _("Emergency access, with a reason"),
    "asked": _("The municipality was asked for help"),
    "called": _("A call for help was written down, which lets the municipality see them"),
    "conversation": _("A conversation they take part in"),
    "deviation": _("A deviation that their organisation is a party to"),
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

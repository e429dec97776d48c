"""Words for conversations: what they are about, in either country, and how a message stands in one."""

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from naer.messages.content import Letter

Words = dict[str, str | Promise]

CARE = "medcom-carecommunication"
REQUEST, ANSWER, NOTE, FAULT = "DIALOG_FORESPORSEL", "DIALOG_SVAR", "DIALOG_HELSEFAGLIG", "DIALOG_AVVIK"
READY_THEME = "7"
"""Code list 7322: the municipality's answer about a patient who is ready."""

CATEGORIES: Words = {
    "alcohol-and-drug-treatment": _("Alcohol and drug treatment"),
    "assistive-devices": _("Assistive devices"),
    "carecoordination": _("Coordination of care"),
    "decease": pgettext_lazy("category", "Death"),
    "discharge": pgettext_lazy("category", "Discharge"),
    "examination-results": _("Examination results"),
    "healthcare": _("Health care"),
    "home-care-assessment": _("Assessment for home care"),
    "medicine": _("Medicine"),
    "nursing": _("Nursing"),
    "outpatient": _("Outpatient contact"),
    "psychiatry-social-disability": _("Psychiatry, social matters and disability"),
    "regarding-referral": _("About a referral"),
    "telemedicine": _("Telemedicine"),
    "training": _("Training and rehabilitation"),
    "acute-ambulant": _("Acute ambulant contact"),
    "extended-care-responsibility": _("Extended responsibility for treatment"),
    "other": pgettext_lazy("category", "Something else"),
}
"""MedCom's categories of CareCommunication, in the order of the code system."""

PRIORITIES: Words = {"routine": pgettext_lazy("priority", "Routine"), "asap": _("As soon as possible")}

DIALOGUES: Words = {
    REQUEST: pgettext_lazy("message", "Request"),
    ANSWER: _("Answer to a request"),
    NOTE: _("Health dialogue"),
    FAULT: _("Fault in a message"),
}
"""The Norwegian dialogue messages."""

FAULTS: Words = {
    "1": _("It is for somebody else"),
    "2": _("It lacks something we need"),
    "9": pgettext_lazy("fault", "Something else"),
}
"""Code list 8117: what is wrong with a message as such."""

ACTIVITIES: Words = {
    "new-message": pgettext_lazy("message", "New"),
    "reply-message": pgettext_lazy("message", "Reply"),
    "forward-message": pgettext_lazy("message", "Forwarded"),
}


def about(letter: Letter) -> str:
    """What a letter in a conversation is about, in a few words: its topic, else its category or type."""
    said = letter.conversation
    if said is None:
        return letter.type
    if said.topic:
        return said.topic
    if letter.type == FAULT and said.category in FAULTS:
        return f"{kind(FAULT)}: {FAULTS[said.category]}"
    if letter.type == NOTE and said.category == READY_THEME:
        return gettext("Answer about a patient who is ready for discharge")
    return category(said.category) if said.category in CATEGORIES else kind(letter.type)


def category(name: str) -> str:
    """The category of a CareCommunication; an unknown one by its name."""
    return str(CATEGORIES.get(name, name))


def priority(name: str) -> str:
    """routine or asap; an unknown one by its name."""
    return str(PRIORITIES.get(name, name))


def kind(type: str) -> str:
    """What kind of message it is in the standard's own terms."""
    return str(DIALOGUES.get(type, "")) or gettext("Message")


def activity(name: str) -> str:
    """New, reply or forwarded."""
    return str(ACTIVITIES.get(name, name))


STAFF: Words = {
    "sygeplejerske": _("Nurse"),
    "speciallaegeipraksis": _("General practitioner"),
    "visitator": _("Care coordinator"),
    "6": _("General practitioner"),
}
"""Roles as messages name them (MedCom's list; Norway: list 9034), where they are ours."""


def staff(name: str) -> str:
    """The role of who wrote; one that is not ours as the message says it."""
    return str(STAFF.get(name, name))


def media(kind: str) -> str:
    """PDF, JPEG …; empty for what no message may carry."""
    return kind.rpartition("/")[2].upper() if kind.startswith(("image/", "application/pdf")) else ""


LETTER_STATUSES: Words = {
    "change": _("It changes an earlier message."),
    "cancel": _("It withdraws an earlier message."),
    "addition": _("It adds to an earlier message."),
    "history": _("It repeats what was told before."),
}


def letter_status(name: str) -> str:
    """How a letter stands to an earlier one, in a sentence."""
    return str(LETTER_STATUSES.get(name, name))

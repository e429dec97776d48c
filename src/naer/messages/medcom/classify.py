"""Which of the 18 codes a notification is; the code is nowhere in the message."""

from naer.messages.envelope import Notification
from naer.messages.medcom.codes import ACTIVITIES


def provisional(notification: Notification) -> str:
    """The code that this message alone gives: STIN … AN_MORS.

    Whether a death corrects an earlier one (RE_MORS) needs the other messages of the course: `link`
    settles it. A message that says "not dead" cancels a death when it repeats the activity before it, or
    removes without cancelling anything else; with an activity of its own it is what that activity says.
    """
    if notification.deceased:
        return "MORS"
    if notification.deceased is False and _takes_back(notification):
        return "AN_MORS"
    return ACTIVITIES[notification.activity].code


def _takes_back(notification: Notification) -> bool:
    if notification.activity == notification.previous_activity:
        return True
    return notification.role == "removal" and not notification.activity.startswith("cancel-")

"""Messages out in plain words: the state, the reason for it, and what to do."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from naer.events.instant import Instant
from naer.site.messaging import dead_letters, resending
from naer.site.messaging.delivery import NO_WAY
from naer.site.messaging.models import OutgoingMessage
from naer.site.ui.state import State
from naer.site.ui.times import when

_S = OutgoingMessage.State

STATES: dict[str, str | Promise] = {
    _S.WAITING: pgettext_lazy("message", "Waiting"),
    _S.SENT: pgettext_lazy("message", "Sent"),
    _S.ACKNOWLEDGED: pgettext_lazy("message", "Acknowledged"),
    _S.REFUSED: pgettext_lazy("message", "Refused"),
    _S.LATE: pgettext_lazy("message", "No receipt"),
    _S.FAILED: pgettext_lazy("message", "Not delivered"),
    _S.GIVEN_UP: pgettext_lazy("message", "Given up"),
}
"""The state of a message out, in a word or two."""

_SHAPES = {
    _S.WAITING: "open",
    _S.SENT: "soon",
    _S.ACKNOWLEDGED: "kept",
    _S.REFUSED: "over",
    _S.LATE: "over",
    _S.FAILED: "over",
    _S.GIVEN_UP: "released",
}

OUTCOMES: dict[str, str | Promise] = {
    "delivered": gettext_lazy("Handed over"),
    "failed": gettext_lazy("Could not be handed over"),
    "refused": gettext_lazy("Not taken"),
    "resent": gettext_lazy("Sent again by somebody or by agreement"),
    "retried": gettext_lazy("Tried again at somebody’s wish"),
    "given-up": gettext_lazy("Given up"),
}
"""What came of one try, or what somebody did."""

TRANSPORTS: dict[str, str | Promise] = {
    "": gettext_lazy("Not chosen yet"),
    "file": gettext_lazy("Folder"),
    "http": gettext_lazy("Network"),
    "local": gettext_lazy("Within this installation"),
    "rest-hook": gettext_lazy("Subscription"),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a message stands as it does, and what to do; `detail` is what a system said, in English."""

    state: State
    reason: str
    todo: str = ""
    detail: str = ""


def state(message: OutgoingMessage) -> State:
    """Shape and word of the state."""
    name = _S(message.state)
    return State(_SHAPES[name], str(STATES[name]))


def outcome(name: str) -> str:
    return str(OUTCOMES.get(name, name))


def transport(name: str) -> str:
    return str(TRANSPORTS.get(name, name))


def explained(message: OutgoingMessage, now: Instant, giver: str = "") -> Explained:
    """The reason in plain words, and what to do; `giver` is the name of who gave it up."""
    reason, todo = _EXPLAIN[_S(message.state)](message, now)
    detail = message.last_error if message.last_error != NO_WAY else ""
    if message.state == _S.GIVEN_UP:
        if message.reason == dead_letters.TAKEN_BACK:
            reason = _("%(who)s took it back before it left.") % {"who": giver}
        else:
            reason = _("%(who)s gave it up: %(why)s") % {"who": giver, "why": message.reason}
    return Explained(state(message), reason, todo, detail)


def _waiting(message: OutgoingMessage, now: Instant) -> tuple[str, str]:
    coming = message.next_attempt
    if message.attempts and message.last_error:
        tried = ngettext(
            "It could not be handed over in %(count)s try.",
            "It could not be handed over in %(count)s tries.",
            message.attempts,
        ) % {"count": message.attempts}
        again = _("It is tried again by itself, next at %(time)s.") % {"time": when(coming or now, now)}
        return tried + " " + again, _("Nothing, unless it is urgent: then call the receiver.")
    if coming is not None and coming > now and not message.attempts:
        return _("It leaves at %(time)s.") % {"time": when(coming, now)}, _(
            "Until then it can be taken back."
        )
    return _("It is about to leave."), ""


def _sent(message: OutgoingMessage, now: Instant) -> tuple[str, str]:
    sent = when(message.sent if message.sent is not None else message.created, now)
    if message.due is None:
        return _("It was handed over at %(time)s. No receipt is expected.") % {"time": sent}, ""
    words = _("It was handed over at %(time)s. The receipt must be here by %(due)s.")
    return words % {"time": sent, "due": when(message.due, now)}, ""


def _acknowledged(message: OutgoingMessage, now: Instant) -> tuple[str, str]:
    answered = when(message.answered if message.answered is not None else message.created, now)
    words = _("The receiver’s system accepted it at %(time)s. It does not say that somebody has read it.")
    return words % {"time": answered}, ""


def _refused(message: OutgoingMessage, now: Instant) -> tuple[str, str]:
    answered = when(message.answered if message.answered is not None else message.created, now)
    if message.answered_with == "transient-error":
        said = _("The receiver’s system could not take it at %(time)s.") % {"time": answered}
        if "again" in dead_letters.possible(message):
            return said, _("Send it again.")
        return said, _(
            "It may not be sent again. Call the receiver, then give it up and say what you agreed."
        )
    return (
        _("The receiver’s system refused it at %(time)s, and said why.") % {"time": answered},
        _(
            "The same message would be refused again. Write a new one without the fault, or call; then give "
            "this one up and say what you did."
        ),
    )


def _late(message: OutgoingMessage, now: Instant) -> tuple[str, str]:  # noqa: ARG001
    norway = resending.rules(message.standard) is resending.NORWAY
    if norway:
        reason = _("No receipt came within 96 hours, so it counts as not received.")
    elif message.resends:
        reason = ngettext(
            "It was sent again %(count)s time, and no receipt came.",
            "It was sent again %(count)s times, and no receipt came.",
            message.resends,
        ) % {"count": message.resends}
    else:
        reason = _("No receipt came within 30 minutes.")
    if "again" not in dead_letters.possible(message):
        return reason, _(
            "It may not be sent again. Call the receiver, then give it up and say what you agreed."
        )
    return reason, _("Send it again; if it is urgent, call. A late receipt is still taken.")


def _failed(message: OutgoingMessage, now: Instant) -> tuple[str, str]:
    if message.last_error == NO_WAY:
        return (
            _("There is no connection to the receiver."),
            _("Tell the receiver another way. Whoever looks after Naer adds the connection; then try again."),
        )
    if message.next_attempt is not None:
        words = _("It could not be handed over for more than a day. It is still tried, next at %(time)s.")
        return (
            words % {"time": when(message.next_attempt, now)},
            _("Tell the receiver another way. Then try again, or give it up and say what you did."),
        )
    return (
        _("The receiver’s system does not take it like this."),
        _("Ask whoever looks after Naer. Then try again, or give it up and say what you did."),
    )


def _given_up(message: OutgoingMessage, now: Instant) -> tuple[str, str]:  # noqa: ARG001
    return "", ""


_EXPLAIN = {
    _S.WAITING: _waiting,
    _S.SENT: _sent,
    _S.ACKNOWLEDGED: _acknowledged,
    _S.REFUSED: _refused,
    _S.LATE: _late,
    _S.FAILED: _failed,
    _S.GIVEN_UP: _given_up,
}

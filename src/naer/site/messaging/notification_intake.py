"""A HospitalNotification: kept when there is a legal basis, told as one event, answered."""

from naer.messages.envelope import Issue, Notification, flag
from naer.messages.medcom import classify, events
from naer.site.messaging import legal_basis, seen
from naer.site.messaging.answer import Prepared
from naer.site.messaging.desk import Desk
from naer.site.messaging.record import Logged
from naer.site.pathways import live
from naer.site.pathways.register import Organisation
from naer.site.pathways.state import State

MUNICIPALITY = "municipality"

_ORIGINAL_UNKNOWN = flag(
    "not-found", "what it corrects or cancels is not known here; it waits for that", "Provenance.entity"
)


def take(
    desk: Desk, message: Prepared, said: Notification, receiver: Organisation | None, verdict: seen.Verdict
) -> Logged:
    """Apply a valid notification that is new; without legal basis nothing of it is kept."""
    state = desk.citizen(said)
    municipality = _receiving(receiver, state)
    if state is None or legal_basis.basis(state.cases, municipality, desk.today) is None:
        answer = desk.answer(message, "ok", [], code=classify.provisional(said))
        return desk.logged(message, answer, "no-legal-basis")
    flags = [*message.incoming.flags, *([verdict.flag] if verdict.flag else [])]
    return _apply(desk, message, said, state, municipality, flags, verdict.reused)


def _apply(
    desk: Desk,
    message: Prepared,
    said: Notification,
    state: State,
    municipality: str,
    flags: list[Issue],
    reused: bool,
) -> Logged:
    """Append the event, bring the citizen's state up to date, and say what came of it."""
    incoming = message.incoming
    event = events.event(
        incoming,
        state.key,
        f"{state.key}.{said.episode.key}",
        desk.name(incoming.sender) or None,
        municipality,
        desk.now,
        reused,
    )
    state.append(event)
    judged = live.judge(state, desk.register, desk.now)
    linked = judged.of(event)
    code = str(linked.attributes["code"])
    if linked.attributes.get("original") == "unknown":
        flags = [*flags, _ORIGINAL_UNKNOWN]
    correction = linked.changes is not None and linked.changes in judged.linked and code.startswith("RE_")
    answer = desk.answer(
        message,
        "ok",
        flags,
        code=code,
        shown=not correction,
        stored=True,
        citizen_status=state.status,
        citizen=state.key,
        pathway=linked.pathway,
        event=str(linked.id),
        report_owed=live.owes_report(state, {str(linked.id)}),
    )
    desk.trace(state.key, incoming.message_id)
    return desk.logged(message, answer, "", flags=flags)


def _receiving(receiver: Organisation | None, state: State | None) -> str:
    """Code of the municipality that receives: the receiver's, else where the citizen lives."""
    if receiver is not None and receiver.role == MUNICIPALITY and receiver.municipality:
        return receiver.municipality
    return state.municipality if state else ""

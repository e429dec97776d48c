"""Communication: letters that came in and went out, to those who take part in them."""

from collections.abc import Callable, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from naer.messages.content import Letter
from naer.messages.fhir.communication import STATES, Sent, communication
from naer.messages.fhir.elements import system, versioned
from naer.site.access import rules
from naer.site.fhir.identified import patient_parameter
from naer.site.fhir.parameters import NOT, codes, column, instants, references
from naer.site.fhir.parties import Parties, organisation_key, patient
from naer.site.fhir.shelves import Rows
from naer.site.fhir.types import Asked, Found, Parameter, ResourceType, by_name, register
from naer.site.messaging import letters
from naer.site.messaging.models import StoredLetter

NOT_LEFT = Q(outgoing__isnull=False, outgoing__sent=None)
"""Letters written here that have not left."""


def readable(asked: Asked) -> QuerySet[StoredLetter]:
    """Letters of conversations that may be read; others, about who may be seen, to their sender and receiver.

    What was written here and has not left, or was taken back, is its sender's alone.
    One that was written here and came in here too is shown once, as the one that went out.
    """
    user = asked.caller.user
    mine = Q(sender=user.organisation_id) | Q(receiver=user.organisation_id) & ~NOT_LEFT
    open_threads = rules.threads(user, asked.now).filter(pk=OuterRef("thread_id"))
    talks = Q(thread__isnull=False) & Exists(open_threads)
    seen = rules.visible_citizens(user, asked.now).filter(pk=OuterRef("citizen_id"))
    others = Q(thread=None) & Exists(seen)
    went_out = StoredLetter.objects.filter(message_id=OuterRef("message_id"), outgoing__isnull=False)
    came_back = Q(outgoing=None) & Exists(went_out)
    found = StoredLetter.objects.filter(mine, talks | others).exclude(came_back)
    return found.select_related("outgoing").defer("outgoing__content", "outgoing__letter")


def _made(rows: Sequence[StoredLetter], _: Asked) -> list[Found | None]:
    parties = Parties(key for row in rows for key in (row.sender, row.receiver))
    return [_letter(row, letters.unpack(bytes(row.content)), parties) for row in rows]


def _letter(row: StoredLetter, letter: Letter, parties: Parties) -> Found:
    said = letter.conversation
    new = [segment for segment in said.segments if segment.new] if said is not None else []
    notes = [": ".join(part for part in note if part) for note in letter.notes]
    out = row.outgoing
    sent = Sent(
        key=row.pk,
        message_id=row.message_id,
        standard=row.standard,
        type=row.type,
        state=out.state if out is not None else "",
        reason=out.reason or out.last_error if out is not None else "",
        patient=patient(row.citizen_id),
        sender=parties.get(row.sender),
        receiver=parties.get(row.receiver),
        sent=row.sent,
        received=row.stored if out is None else None,
        thread=said.thread if said is not None else "",
        category=said.category if said is not None else "",
        title=said.topic if said is not None else "",
        priority=said.priority if said is not None else "",
        texts=[*(segment.text for segment in new if segment.text), *notes],
        attachments=[(one.content_type, one.title) for one in new if one.is_attachment],
    )
    newest = (
        max((row.stored, *(at for at in (out.sent, out.answered, out.closed) if at))) if out else row.stored
    )
    return Found(versioned(communication(sent), newest), row.citizen_id)


def _states() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for state, status in STATES.items():
        found.setdefault(status, []).append(state)
    return found


def _status(states: list[str]) -> Callable[[Asked], Q]:
    came_in = Q(outgoing=None) if "" in states else Q(pk__in=())
    found = came_in | Q(outgoing__state__in=[state for state in states if state])
    return lambda _: found


def _updated(field: str) -> Parameter:
    rows = [instants(one) for one in ("stored", "outgoing__sent", "outgoing__answered", "outgoing__closed")]

    def any_of(*given: object) -> Q:
        found = Q(pk__in=())
        for one in rows:
            found |= one(*given)  # type: ignore[arg-type]
        return found

    return Parameter(field, "date", "when it was stored, sent, answered or closed", any_of)


register(
    ResourceType(
        "Communication",
        "Letters in and out: conversations, reports, plans. Texts to their parties only.",
        Rows(lambda asked, _: readable(asked), _made),
        by_name(
            _updated("_lastUpdated"),
            patient_parameter("patient"),
            patient_parameter("subject"),
            Parameter(
                "sender",
                "reference",
                "who wrote it",
                references("sender", "Organization", key=organisation_key),
                targets=("Organization",),
            ),
            Parameter(
                "recipient",
                "reference",
                "who it went to",
                references("receiver", "Organization", key=organisation_key),
                targets=("Organization",),
            ),
            Parameter("sent", "date", "when it was written", instants("sent")),
            Parameter("received", "date", "when it was stored here", instants("stored")),
            Parameter("identifier", "token", "id of the message", column("message_id", system("message"))),
            Parameter("category", "token", "the standard", column("standard", system("standard"))),
            Parameter(
                "status",
                "token",
                "completed, preparation, in-progress, not-done, on-hold, stopped",
                codes(
                    {status: _status(states) for status, states in _states().items()},
                    "http://hl7.org/fhir/event-status",
                ),
                modifiers=NOT,
            ),
        ),
        {
            "patient": ("subject", ("Patient",)),
            "subject": ("subject", ("Patient",)),
            "sender": ("sender", ("Organization",)),
            "recipient": ("recipient", ("Organization",)),
        },
    )
)

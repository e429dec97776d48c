"""$process-message: a message by the FHIR interface, through the one intake that all messages take."""

from django.http import HttpRequest, HttpResponse

from naer.events.instant import Instant
from naer.messages.content import Party
from naer.messages.envelope import Incoming
from naer.messages.fhir.bundle_reading import STANDARD
from naer.site.access import rules
from naer.site.accounts.models import Organisation
from naer.site.fhir.answers import Refused, api
from naer.site.fhir.caller import WRITE, Caller, who
from naer.site.messaging import bundle_rules, intake
from naer.site.messaging.answer import Answer, Raw
from naer.site.messaging.log import OFFICES
from naer.site.messaging.prepared import prepare
from naer.site.pathways import numbers, voices
from naer.site.pathways.models import Citizen
from naer.site.ui.requests import new_id, now_of

SCOPE = "MessageHeader"
"""The type whose write scope lets a system send messages."""
MEDIA_TYPES = frozenset(
    {
        "application/fhir+json",
        "application/json",
        "text/json",
        "application/fhir+xml",
        "application/xml",
        "text/xml",
    }
)


@api("POST", produces_json=False)
def process_message(request: HttpRequest) -> HttpResponse:
    """Take one message in; the answer is its acknowledgement, in the format of the message.

    A system sends with the voice of its own organisation; an office that takes messages in (rules: upload)
    may bring anybody's.
    """
    caller = who(request)
    caller.require(SCOPE, WRITE)
    if request.GET.get("async", "false") != "false":
        raise Refused(400, "not-supported", "async: messages are answered at once; leave it out")
    if (request.content_type or "").lower() not in MEDIA_TYPES:
        raise Refused(415, "not-supported", "send application/fhir+json or application/fhir+xml")
    answer = receive(request.body, request.content_type, caller, now_of(request))
    return HttpResponse(answer.body, status=answer.http_status, content_type=answer.content_type)


def receive(data: bytes, content_type: str | None, caller: Caller, now: Instant) -> Answer:
    """Take one message in for a caller.

    Raises:
        Refused: 403 when it speaks with a voice that is not the caller's, or a Bundle of resources is about
            somebody the caller may record nothing about.
    """
    message = prepare(Raw(data, content_type, "http"), now=now, new_id=new_id)
    if not message.incoming.issues and not _brings_anybodys(caller):
        _require_own_voice(caller, message.incoming.sender)
        _require_relation(caller, message.incoming, now)
    (answer,) = intake.take_in([message], now=now, new_id=new_id, actor=caller.user)
    return answer


def _brings_anybodys(caller: Caller) -> bool:
    """Whether the caller is an office that takes messages in, whoever they are from."""
    person = caller.scopes is None
    return rules.may(caller.user, "upload") and (person or caller.user.role in OFFICES)


def _require_own_voice(caller: Caller, sender: Party | None) -> None:
    """Check that the caller may send what says it is of `sender`: every id of it names the caller's own
    organisation, or nobody in the register, and one does.

    Raises:
        Refused: 403.
    """
    own = caller.user.organisation_id
    if own is not None and voices.organisations(sender) == {own}:
        return
    raise Refused(
        403, "forbidden", "the sender of the message is not the organisation that the caller belongs to"
    )


def _require_relation(caller: Caller, incoming: Incoming, now: Instant) -> None:
    """Check that the caller may record what a Bundle of resources says of somebody.

    A hospital tells of a stay before it has any relation: the intake asks for a legal basis then. Whether the
    citizen is known here is not told by the answer.

    Raises:
        Refused: 403.
    """
    letter, organisation = incoming.letter, caller.user.organisation
    if incoming.standard != STANDARD or letter is None or organisation is None:
        return
    if organisation.role == Organisation.Role.HOSPITAL and bundle_rules.tells_of_stay(letter):
        return
    pairs = [(letter.person.number, letter.person.system)]
    pairs += [(number, system) for system, number in letter.person.others]
    indices = [index for pair in pairs for index in numbers.indices(*pair)]
    known = list(Citizen.objects.filter(number_index__in=indices))
    if not known or not all(rules.relation(caller.user, one, now, "record") for one in known):
        raise Refused(403, "forbidden", "your role and care relations do not allow this")

"""Writing to another organisation through the FHIR interface: a Communication becomes a letter to it."""

import base64
import binascii

from django.core.exceptions import ValidationError
from django.db import transaction

from naer.messages.fhir.communication_in import PHONE, wrong
from naer.messages.fhir.elements import Element, system
from naer.messages.writing import UnwritableError
from naer.site.access import rules
from naer.site.accounts.models import Organisation
from naer.site.fhir import bodies
from naer.site.fhir.answers import Refused
from naer.site.fhir.parameters import number
from naer.site.fhir.parties import organisation_key
from naer.site.fhir.taking import Writing, Written, creates, target
from naer.site.fhir.types import TYPES, Asked
from naer.site.messaging import correspondence
from naer.site.messaging.conversation_forms import LONGEST, MOST_FILES, media_type
from naer.site.messaging.correspondence import MovedOnError, Subject
from naer.site.messaging.drafts import File
from naer.site.messaging.drafts import Written as Said
from naer.site.messaging.models import StoredLetter
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.forms import refuse_numbers
from naer.site.pathways.models import Citizen

KIND = "Communication"
_CATEGORY = system("category")
_TOPIC, _TITLE = 200, 200


def take(given: Element, writing: Writing) -> Written:
    """Send a text to another organisation, or answer one: in the standard both can be reached by.

    Raises:
        Refused: 422 for what has not the shape, is about nobody the caller may write about, or cannot be
            carried by the standard; 409 for an answer to what is not the latest of its conversation, or to
            another than it came from.
        PermissionDenied: when no care relation allows it.
    """
    bodies.refuse(wrong(given))
    user, now = writing.caller.user, writing.now
    key = target(given["subject"], "Patient", writing, "Communication.subject")
    said = _said(given)
    try:
        with transaction.atomic():
            if given.get("inResponseTo"):
                letter = _before(given, key, writing)
                assert letter.thread is not None  # `_before` has only letters of conversations
                stored = correspondence.reply(
                    user,
                    letter.thread,
                    said,
                    answers=letter.message_id,
                    to=_receiver(given, writing) if given.get("recipient") else None,
                    now=now,
                    new_id=writing.new_id,
                )
            else:
                stored = correspondence.begin(
                    user,
                    _citizen(key, writing),
                    _receiver(given, writing),
                    said,
                    _subject(given),
                    now=now,
                    new_id=writing.new_id,
                )
    except MovedOnError as error:
        wrong_one = "is not the latest message of its conversation, or goes to another than recipient"
        raise Refused(409, "conflict", wrong_one, "Communication.inResponseTo[0]") from error
    except (ActionRefusedError, UnwritableError) as error:
        raise Refused(422, "business-rule", str(error), KIND) from error
    asked = Asked(writing.caller, now, writing.base)
    found = TYPES[KIND].shelf.read(asked, [str(stored.pk)])
    return Written(found[0].resource if found else {"resourceType": KIND, "id": str(stored.pk)})


def _citizen(key: str, writing: Writing) -> Citizen:
    found = rules.visible_citizens(writing.caller.user, writing.now, "send").filter(pk=key).first()
    if found is None:
        raise Refused(422, "not-found", "is nobody you may write about", "Communication.subject")
    return found


def _receiver(given: Element, writing: Writing) -> str:
    path = "Communication.recipient[0]"
    key = organisation_key(target(given["recipient"][0], "Organization", writing, path))
    receiver = Organisation.objects.filter(pk=key).first() if key else None
    if receiver is None or receiver.pk == writing.caller.user.organisation_id:
        raise Refused(422, "not-found", "is no organisation that can be written to", path)
    return receiver.pk


def _before(given: Element, citizen: str, writing: Writing) -> StoredLetter:
    """The letter that is answered, of a conversation that the caller may read."""
    path = "Communication.inResponseTo[0]"
    pk = number(target(given["inResponseTo"][0], KIND, writing, path))
    threads = rules.threads(writing.caller.user, writing.now)
    found = (
        StoredLetter.objects.select_related("thread__citizen")
        .filter(pk=pk, thread__in=threads, citizen=citizen)
        .first()
        if pk is not None
        else None
    )
    if found is None:
        raise Refused(422, "not-found", "is no conversation about this citizen that you may answer", path)
    return found


def _subject(given: Element) -> Subject:
    codes = [
        str(coding.get("code", ""))
        for concept in given.get("category", ())
        for coding in concept.get("coding", ())
        if coding.get("system", _CATEGORY) == _CATEGORY
    ]
    priority = str(given.get("priority", ""))
    topic = _plain(str(given.get("topic", {}).get("text", "")), "Communication.topic", _TOPIC)
    return Subject(codes[0] if codes else "", topic, priority)


def _said(given: Element) -> Said:
    texts = [one["contentString"] for one in given["payload"] if "contentString" in one]
    text = _plain("\n\n".join(texts), "Communication.payload", LONGEST)
    files = [_file(one["contentAttachment"]) for one in given["payload"] if "contentAttachment" in one]
    if len(files) > MOST_FILES:
        raise Refused(422, "too-long", "has more than 10 attachments", "Communication.payload")
    phones = [one["valueString"] for one in given.get("extension", ()) if one["url"] == PHONE]
    return Said(text, phone=phones[0][:20] if phones else "", files=files)


def _file(attachment: Element) -> File:
    path = "Communication.payload.contentAttachment"
    try:
        data = base64.b64decode(attachment["data"], validate=True)
    except (binascii.Error, ValueError):
        raise Refused(422, "value", "data is not base64", path) from None
    kind = media_type(data)
    if not kind or kind != attachment["contentType"]:
        raise Refused(422, "value", "is not of the type it says, or of one that may not be sent", path)
    return File(_plain(str(attachment.get("title", "")), path, _TITLE), kind, data)


def _plain(said: str, path: str, longest: int) -> str:
    """A text without a person number that is not too long."""
    if len(said) > longest:
        raise Refused(422, "too-long", f"has more than {longest} characters", path)
    try:
        return refuse_numbers(said)
    except ValidationError:
        raise Refused(422, "value", "holds what looks like a person number; leave it out", path) from None


creates(KIND, take, imported=False)

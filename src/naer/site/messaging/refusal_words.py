"""Why something could not be written or sent, in the reader's language.

Writers are of the core, which knows no languages: their sentences are found here by what they say. One that
is not in the table is shown as it is: an action's own is in the reader's language already.
"""

import re
from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from naer.site.ui import words

_BEFORE = re.compile(r"^not (?:a CareCommunication|a letter of the discharge family): ")
_PATH = re.compile(r" \([A-Z][\w.]*\)$")

SENTENCES: dict[str, str | Promise] = {
    # Danish messages
    "The sender needs a SOR id and a location number.": gettext_lazy(
        "Your organisation has no SOR id and location number."
    ),
    "The receiver needs a SOR id or a location number.": gettext_lazy(
        "The receiver has no SOR id or location number."
    ),
    "A party needs a SOR id or a location number.": gettext_lazy(
        "One of the two has no SOR id or location number."
    ),
    "A number of the patient is missing or not plain.": gettext_lazy(
        "The citizen’s person number cannot be sent."
    ),
    "The person number does not have the shape of one.": gettext_lazy(
        "The citizen’s person number cannot be sent."
    ),
    "The patient has no name.": gettext_lazy("The citizen has no name here."),
    "The message needs one of the 18 categories.": gettext_lazy("Choose what it is about."),
    "The category other needs a topic.": gettext_lazy("Say what it is about."),
    "Only a message regarding a referral may be routine or asap.": gettext_lazy(
        "Only a message about a referral has a priority."
    ),
    "A name or topic is one line of up to 500 characters.": gettext_lazy(
        "A name or a subject is longer than one line."
    ),
    "The message needs a text.": gettext_lazy("Write what you want to say."),
    "A text is empty.": gettext_lazy("Write what you want to say."),
    "A text has characters that cannot be sent.": gettext_lazy("A text has characters that cannot be sent."),
    "A text is empty or has characters that cannot be sent.": gettext_lazy(
        "A text has characters that cannot be sent."
    ),
    "A note is empty or has characters that cannot be sent.": gettext_lazy(
        "A text has characters that cannot be sent."
    ),
    "A text needs the name and the role of who wrote it.": gettext_lazy(
        "A text needs the name and the role of who wrote it."
    ),
    "A text needs a phone number to call back.": gettext_lazy("Write where you can be called."),
    "An attachment needs a title.": gettext_lazy("A file has no name."),
    "Attachments are PDF, GIF, JPEG, PNG, TIFF or BMP.": gettext_lazy(
        "A file is no PDF, GIF, JPEG, PNG, TIFF or BMP."
    ),
    # What people do
    "nothing was chosen to be forwarded": gettext_lazy("Choose at least one message."),
    "this lies in the future; record it when it has happened": gettext_lazy(
        "That is in the future. Record it when it has happened."
    ),
    "it is closed already": gettext_lazy("It is closed already."),
    "it was taken back already": gettext_lazy("It was taken back already, or no person recorded it."),
    "only what a person recorded can be taken back here": gettext_lazy(
        "It was taken back already, or no person recorded it."
    ),
    "the citizen has no such pathway": gettext_lazy("The citizen has no such pathway any more."),
    "the message moved on meanwhile; look at it again": gettext_lazy(
        "The message moved on meanwhile. Look at it again."
    ),
    "it was corrected or taken back meanwhile; look at it again": gettext_lazy(
        "It was corrected or taken back meanwhile. Look at it again."
    ),
    "the message is closed, on its way, or was answered meanwhile": gettext_lazy(
        "The message moved on meanwhile. Look at it again."
    ),
}
"""What a writer or an action says → the same to people."""

_NAMES: dict[str, str | Promise] = {
    "sender (HER id)": gettext_lazy("your organisation’s HER id"),
    "receiver (HER id)": gettext_lazy("the receiver’s HER id"),
    "person.number": gettext_lazy("the citizen’s person number"),
    "person.others": gettext_lazy("the citizen’s person number"),
    "person.born": gettext_lazy("the citizen’s day of birth"),
    "notes": gettext_lazy("the note"),
    "more than one event": gettext_lazy("more than one event"),
    "no event": gettext_lazy("when it happened"),
    "an offer without a service": gettext_lazy("which service is offered"),
    "so many segments": gettext_lazy("so many texts or files"),
}
"""What a Norwegian writer says that a message has no place for, or lacks."""


def _cannot_say(found: re.Match[str]) -> str:
    names = dict.fromkeys(str(_NAMES.get(name, name)) for name in found[2].split(", "))
    return _("%(message)s has no place for this, or needs it: %(what)s.") % {
        "message": words.code(found[1]),
        "what": ", ".join(names),
    }


def _cannot_tell(found: re.Match[str]) -> str:
    kinds = ", ".join(words.kind(kind) for kind in found[2].split(", "))
    return _("%(message)s has no place for this, or needs it: %(what)s.") % {
        "message": words.code(found[1]),
        "what": kinds,
    }


def _too_long(found: re.Match[str]) -> str:
    return _("A text is longer than %(most)s characters.") % {"most": found[1]}


def _too_large(found: re.Match[str]) -> str:
    return _("%(message)s is too large to be sent.") % {"message": words.code(found[1])}


def _invalid(found: re.Match[str]) -> str:
    return _("%(message)s does not keep to the national schema: %(why)s") % {
        "message": words.code(found[1]),
        "why": found[2],
    }


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(\w+) [\w.]* ?cannot say (.+)", re.DOTALL), _cannot_say),
    (re.compile(r"(\w+) [\w.]+ cannot tell (.+)", re.DOTALL), _cannot_tell),
    (re.compile(r"a (?:text|name or title) is longer than (\d+) characters"), _too_long),
    (re.compile(r"(\w+) is larger than \d+ bytes"), _too_large),
    (re.compile(r"(\w+) [\w.]+ does not validate: (.+)", re.DOTALL), _invalid),
)


def why(error: Exception) -> str:
    """Why it could not be written or sent, as people read it."""
    said = _PATH.sub("", _BEFORE.sub("", str(error)))
    if said in SENTENCES:
        return str(SENTENCES[said])
    for pattern, tell in _PATTERNS:
        if (found := pattern.fullmatch(said)) is not None:
            return tell(found)
    return said

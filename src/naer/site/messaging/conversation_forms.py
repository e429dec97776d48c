"""Forms of conversations: a message, a reply, what is forwarded, and whether a citizen can be received."""

import datetime as dt
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from naer.events.instant import DAY, Instant, from_local
from naer.messages.medcom.carecommunication_codes import (
    ATTACHMENT_TYPES,
    PRIORITY_CATEGORY,
    TOPIC_CATEGORY,
)
from naer.site.messaging import conversation_words as words
from naer.site.messaging.drafts import File
from naer.site.messaging.forms import SeveralFiles
from naer.site.pathways.forms import refuse_numbers
from naer.site.ui.moments import MomentField
from naer.site.ui.times import ZONE

MOST_FILES = 10
LARGEST = 3 * 1024 * 1024
"""Bytes of all files of a message together: as base64 they stay under the 5 MB of a message."""
LONGEST = 20_000
"""Characters of a text."""
_FARTHEST = 366 * DAY
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "image/bmp": (b"BM",),
}
"""Media type → how such a file begins. What a browser says of a file is not believed."""
_ENDINGS = ".pdf,.gif,.jpg,.jpeg,.png,.tif,.tiff,.bmp"


def media_type(data: bytes) -> str:
    """The allowed media type that `data` is of, by its first bytes; empty when it is of none."""
    found = (kind for kind, begins in _BEGINNINGS.items() if data.startswith(begins))
    return next((kind for kind in found if kind in ATTACHMENT_TYPES), "")


class AttachmentsField(forms.FileField):
    """Some files of the types that MedCom allows, as a list of `File`."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Attach files"),
            required=False,
            widget=SeveralFiles(attrs={"multiple": True, "accept": _ENDINGS}),
            help_text=_("PDF, GIF, JPEG, PNG, TIFF or BMP, at most 3 MB together."),
        )

    def clean(self, data: Any, initial: Any = None) -> list[File]:  # noqa: ARG002
        """The files.

        Raises:
            ValidationError: for too many, too large, empty, or of a type that may not be sent.
        """
        given = data if isinstance(data, list | tuple) else [data] if data else []
        uploads: list[UploadedFile[Any]] = [one for one in given if one]
        if len(uploads) > MOST_FILES:
            raise forms.ValidationError(_("At most 10 files in a message."))
        if sum(one.size or 0 for one in uploads) > LARGEST:
            raise forms.ValidationError(_("The files are larger than 3 MB together. Send fewer."))
        return [_file(one) for one in uploads]


def _file(upload: "UploadedFile[Any]") -> File:
    data = upload.read()
    kind = media_type(data)
    name = refuse_numbers((upload.name or "")[:200])
    if not kind:
        raise forms.ValidationError(
            _("%(name)s is not a PDF, GIF, JPEG, PNG, TIFF or BMP. Other files may not be sent.")
            % {"name": name}
        )
    return File(name, kind, data)


class TextForm(forms.Form):
    """What is written, and how the writer is reached: MedCom wants a telephone number with every text."""

    text = forms.CharField(
        label=_("Message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Write what you want to say.")},
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("Where you can be called about it."),
        error_messages={"required": _("Write where you can be called.")},
    )

    def clean_text(self) -> str:
        """The text; a person number in it is refused."""
        return refuse_numbers(self.cleaned_data["text"].replace("\r\n", "\n"))

    def clean_phone(self) -> str:
        """Digits with what people write between them."""
        given: str = self.cleaned_data["phone"].strip()
        if given and (sum(c.isdigit() for c in given) < 5 or set(given) - set("0123456789 +()-")):
            raise forms.ValidationError(_("Write a telephone number, for example +45 12 34 56 78."))
        return given


class ReplyForm(TextForm):
    """An answer in a conversation. Norwegian dialogue messages carry no files."""

    attachments = AttachmentsField()
    field_order: tuple[str, ...] = ("text", "attachments", "phone")

    def __init__(self, *args: Any, standard: str, **more: Any) -> None:
        super().__init__(*args, **more)
        if standard != words.CARE:
            del self.fields["attachments"]
            self.fields["phone"].required = False

    @property
    def attached(self) -> list[File]:
        """The files, once it is valid."""
        return list(self.cleaned_data.get("attachments") or [])


Choices = list[tuple[str, list[tuple[str, str]]]]
"""Groups of (key, name)."""


class _ReceiverForm(forms.Form):
    """Whom it goes to. An organisation that has no known part in the care needs a word that it has."""

    receiver = forms.ChoiceField(label=_("To"), error_messages={"required": _("Choose whom it goes to.")})
    unit = forms.CharField(label=_("Ward, team or person there, if you know"), required=False, max_length=100)
    sure = forms.BooleanField(label=_("They take part in the care of this citizen"), required=False)

    near: frozenset[str] = frozenset()

    def offer(self, choices: Choices, near: frozenset[str]) -> None:
        """The organisations that can be chosen, and those with a known part in the care."""
        self.near = near
        self.fields["receiver"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the word, where it is needed."""
        given = super().clean() or {}
        receiver = given.get("receiver")
        if receiver and receiver not in self.near and not given.get("sure"):
            self.add_error(
                "sure", _("Nothing here says that they take part in the care. Tick the box if they do.")
            )
        return given


class WriteForm(_ReceiverForm, ReplyForm):
    """A new conversation, by the rules of the standard that it is sent in."""

    category = forms.ChoiceField(
        label=_("What it is about"), error_messages={"required": _("Choose what it is about.")}
    )
    topic = forms.CharField(label=_("Subject"), required=False, max_length=100)
    priority = forms.ChoiceField(
        label=_("Priority, for a referral"),
        required=False,
        choices=[("", _("Not said")), *words.PRIORITIES.items()],
    )
    from_unit = forms.CharField(label=_("From ward or team"), required=False, max_length=100)
    field_order: tuple[str, ...] = (
        "receiver",
        "sure",
        "unit",
        "category",
        "topic",
        "priority",
        "text",
        "attachments",
        "from_unit",
        "phone",
    )

    def __init__(self, *args: Any, standard: str, **more: Any) -> None:
        super().__init__(*args, standard=standard, **more)
        self.standard = standard
        if standard == words.CARE:
            named = [(name, said) for name, said in words.CATEGORIES.items()]
            self.fields["topic"].help_text = _("Needed when it is about something else.")
        else:
            named = [(name, words.DIALOGUES[name]) for name in (words.REQUEST, words.NOTE)]
            self.fields["category"].label = _("Kind of message")
            self.fields["topic"].required = True
            del self.fields["priority"]
            del self.fields["from_unit"]
        self.fields["category"].choices = [("", _("Choose")), *named]  # type: ignore[attr-defined]

    def clean_from_unit(self) -> str:
        """Who in the organisation writes; a person number in it is refused."""
        return refuse_numbers(self.cleaned_data["from_unit"].strip())

    def clean_topic(self) -> str:
        """The subject; a person number in it is refused."""
        return refuse_numbers(self.cleaned_data["topic"].strip())

    def clean(self) -> dict[str, Any]:
        """The rules of category, topic and priority (MedCom CareCommunication, invariants 5 and 6)."""
        given = super().clean()
        if self.standard != words.CARE:
            return given
        if given.get("category") == TOPIC_CATEGORY and not given.get("topic") and "topic" not in self.errors:
            self.add_error("topic", _("Say what it is about."))
        if given.get("priority") and given.get("category") not in (PRIORITY_CATEGORY, None):
            self.add_error("priority", _("Only a message about a referral has a priority."))
        return given


class ForwardForm(_ReceiverForm, TextForm):
    """Some messages of a conversation to somebody else, with a word why."""

    letters = forms.MultipleChoiceField(
        label=_("What is forwarded"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Files go along with the message they came with."),
        error_messages={"required": _("Choose at least one message.")},
    )
    field_order: tuple[str, ...] = ("receiver", "sure", "unit", "letters", "text", "phone")

    def __init__(self, *args: Any, letters: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["letters"].choices = letters  # type: ignore[attr-defined]
        self.fields["letters"].initial = [name for name, _said in letters]
        self.fields["text"].label = _("Your own words to it")


_YES_NO = [("yes", _("Yes, we can receive the citizen")), ("no", _("No, not yet"))]


class CanReceiveForm(forms.Form):
    """Whether the municipality can receive a citizen, and from when: the structured side of theme 7."""

    can = forms.ChoiceField(
        label=_("Can you receive the citizen?"),
        widget=forms.RadioSelect,
        choices=_YES_NO,
        error_messages={"required": _("Say yes or no.")},
    )
    since = MomentField(
        label=_("From when"),
        required=False,
        help_text=_("Leave it empty when you cannot say yet."),
    )

    def __init__(self, *args: Any, now: Instant, **more: Any) -> None:
        super().__init__(*args, **more)
        self.now = now

    def clean_since(self) -> Instant | None:
        """The first possible time, in microseconds since the epoch."""
        given: dt.datetime | None = self.cleaned_data["since"]
        if given is None:
            return None
        at = from_local(given, ZONE)
        if abs(at - self.now) > _FARTHEST:
            raise forms.ValidationError(_("That is more than a year away. Check the year."))
        return at

    @property
    def said(self) -> tuple[bool, Instant | None]:
        """(can receive, from when), once it is valid."""
        return self.cleaned_data["can"] == "yes", self.cleaned_data["since"]


class ReadingForm(CanReceiveForm):
    """What somebody reads out of a municipality's message."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        can, since = self.fields["can"], self.fields["since"]
        can.label = _("What does the message say?")
        can.choices = [  # type: ignore[attr-defined]
            ("yes", _("The municipality can receive the citizen")),
            ("no", _("The municipality cannot receive yet")),
        ]
        since.help_text = _("Leave it empty when it does not say.")


class AnswerForm(TextForm, CanReceiveForm):
    """The municipality's answer, with words of its own; in Denmark with a telephone number."""

    field_order = ("can", "since", "text", "phone")

    def __init__(self, *args: Any, care: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["text"].label = _("More to say")
        self.fields["text"].required = False
        self.fields["text"].widget.attrs["rows"] = 4
        self.fields["phone"].required = care

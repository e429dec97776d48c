"""Forms of requests for help."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.messages import person_number
from naer.site.accounts.models import User
from naer.site.entry.actions import TEXT
from naer.site.entry.words import ASKERS, SORTINGS

_AREA = forms.Textarea(attrs={"rows": 5})


class AskForm(forms.Form):
    """What somebody asks for the citizen."""

    text = forms.CharField(
        label=_("What help is needed, and why now"),
        max_length=TEXT,
        widget=_AREA,
        error_messages={"required": _("Write what help is needed.")},
    )


class PhoneForm(AskForm):
    """Somebody called the municipality about a citizen it knows."""

    asked_by = forms.ChoiceField(label=_("Who asks"), choices=[(one, ASKERS[one]) for one in ASKERS])
    name = forms.CharField(label=_("Name of the caller"), max_length=200, required=False)
    phone = forms.CharField(label=_("Where they can be called back"), max_length=40, required=False)
    field_order: tuple[str, ...] = ("asked_by", "name", "phone", "text")


class NewcomerForm(PhoneForm):
    """Somebody called about a citizen who may not be known yet."""

    number = forms.CharField(
        label=_("Person number of the citizen"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    citizen_name = forms.CharField(
        label=_("Name of the citizen"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    field_order = ("number", "citizen_name", "asked_by", "name", "phone", "text")

    def clean_number(self) -> str:
        """The digits; what is wrong with it is said without repeating it."""
        number = person_number.clean(self.cleaned_data["number"])
        if person_number.kind(number) in (None, "eCPR"):
            raise forms.ValidationError(
                _("That is not a person number: ten digits in Denmark, eleven in Norway.")
            )
        return number


class SortForm(forms.Form):
    """How urgent it is, and who has it."""

    sorting = forms.ChoiceField(
        label=_("Sort it as"), choices=[(one, SORTINGS[one]) for one in SORTINGS], widget=forms.RadioSelect
    )
    owner = forms.ChoiceField(label=_("Who has it"), required=False)

    def __init__(self, *args: Any, colleagues: list[User], **more: Any) -> None:
        super().__init__(*args, **more)
        self.known = {str(one.pk): one for one in colleagues}
        names = [(key, one.name) for key, one in self.known.items()]
        self.fields["owner"].choices = [("", _("Nobody yet")), *names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User | None:
        """Who has it, once it is valid."""
        return self.known.get(self.cleaned_data.get("owner") or "")


class AnswerForm(forms.Form):
    """What happens now, told to who asked."""

    text = forms.CharField(
        label=_("Answer to who asked: what happens now"),
        max_length=TEXT,
        widget=_AREA,
        error_messages={"required": _("Write what happens now.")},
    )
    authority = forms.CharField(label=_("Who can help instead"), max_length=200)

    def __init__(self, *args: Any, elsewhere: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not elsewhere:
            del self.fields["authority"]

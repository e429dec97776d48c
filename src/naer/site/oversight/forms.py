"""Forms of emergency access: why a record is opened, and whether that was right."""

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.site.access.emergencies import LONGEST, SHORTEST
from naer.site.access.models import Emergency
from naer.site.pathways.forms import refuse_numbers


class EmergencyForm(forms.Form):
    """Whose record, and why."""

    number = forms.CharField(
        label=_("Person number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the whole person number.")},
    )
    reason = forms.CharField(
        label=_("Why the record must be opened now"),
        min_length=SHORTEST,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A colleague reads it when they look into this. Never write a person number."),
        error_messages={
            "required": _("Say why."),
            "min_length": _("Say it so that a colleague understands it."),
        },
    )

    def clean_reason(self) -> str:
        """The reason as it is kept; one that only looks long enough, or holds a person number, is refused."""
        reason = " ".join(self.cleaned_data["reason"].split())
        if len(reason) < SHORTEST:
            raise forms.ValidationError(self.fields["reason"].error_messages["min_length"])
        return refuse_numbers(reason)


class ReviewForm(forms.Form):
    """What a colleague says of an emergency access."""

    emergency = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput())
    verdict = forms.ChoiceField(
        label=_("Was it right to open the record?"),
        choices=[
            ("", "–"),
            (Emergency.Verdict.RIGHT.value, _("Yes, it was needed")),
            (Emergency.Verdict.WRONG.value, _("No, it was not needed")),
        ],
        error_messages={"required": _("Say whether it was right."), "invalid_choice": _("Say yes or no.")},
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

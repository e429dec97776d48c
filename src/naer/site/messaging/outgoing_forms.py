"""The form that gives a message up."""

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.site.pathways.forms import refuse_numbers


class GiveUpForm(forms.Form):
    """Why a message is given up: what was done instead."""

    why = forms.CharField(
        label=_("What you did instead"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example: read out to the ward by telephone. Never write a person number."),
        error_messages={"required": _("Say what you did instead.")},
    )

    def clean_why(self) -> str:
        """The reason; a person number in it is refused."""
        return refuse_numbers(self.cleaned_data["why"])

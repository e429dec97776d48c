"""Forms of the medicines at the handover: a list, what becomes of one line, what was handed out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.site.discharge.handover import LONGEST, MOST, REASON
from naer.site.discharge.medicines import Medicine
from naer.site.pathways.forms import refuse_numbers
from naer.site.ui.moments import DayField

USES = {"fixed": _("Fixed"), "course": _("For a time"), "needed": _("When needed")}
"""How a medicine is used, in words."""
DECISIONS = {
    "continue": _("Goes on as before"),
    "new": _("New"),
    "changed": _("Changed"),
    "stopped": _("Stopped"),
    "unclear": _("Unclear, somebody must ask"),
}
"""What becomes of a medicine, in words."""


def _text(label: Any, length: int = LONGEST, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, validators=[_no_numbers], **more)


def _no_numbers(value: str) -> None:
    refuse_numbers(value)


class MedicineForm(forms.Form):
    """One medicine as it is to be written: names, not codes. A row without a name is left out."""

    name = _text(_("Name of the medicine"), required=False)
    strength = _text(_("Strength"), 100, required=False)
    dose = _text(_("Dose, as prescribed"), required=False)
    use = forms.ChoiceField(label=_("Use"), required=False, choices=[("", _("Not said")), *USES.items()])
    multidose = forms.ChoiceField(
        label=_("In multi-dose packs"),
        required=False,
        choices=[("", _("Not said")), ("yes", _("Yes")), ("no", _("No"))],
    )
    note = _text(_("Note"), required=False)
    atc = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A row that says something has a name."""
        given = super().clean() or {}
        if any(given.get(name) for name in ("strength", "dose", "note")) and not given.get("name"):
            self.add_error("name", _("Write the name of the medicine."))
        return given

    @property
    def medicine(self) -> Medicine | None:
        """The medicine, once the row is valid; None for an empty row."""
        given = {name: str(value).strip() for name, value in self.cleaned_data.items()}
        return Medicine(**given) if given.get("name") else None


MedicineRows = forms.formset_factory(
    MedicineForm, extra=4, max_num=MOST, absolute_max=MOST, validate_max=True
)
"""A list of medicines: those there are, and some empty rows."""


class ToldForm(forms.Form):
    """Whether the list was sent on elsewhere: only who wrote it can say."""

    told = forms.BooleanField(
        label=_("The list was sent, or the shared medication record brought up to date"), required=False
    )
    version = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)


class ConfirmForm(forms.Form):
    """What becomes of one medicine, by a named person."""

    line = forms.RegexField(r"[0-9a-f]{64}", max_length=64, widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label=_("What becomes of it"),
        choices=[("", _("Choose")), *DECISIONS.items()],
        error_messages={"required": _("Say what becomes of the medicine.")},
    )
    reason = _text(_("Why"), REASON, required=False)

    def clean(self) -> dict[str, Any]:
        """A change, a stop and what is unclear have a reason."""
        given = super().clean() or {}
        needs = given.get("decision") in ("changed", "stopped", "unclear")
        if needs and not given.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("Say why."))
        return given


class SupplyForm(forms.Form):
    """What was handed out for the first days."""

    until = DayField(label=_("Medicine handed out until"), required=False)
    doses_until = DayField(label=_("Multi-dose packs at home until"), required=False)
    note = _text(_("Note"), REASON, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        """Something is said."""
        given = super().clean() or {}
        if not self.errors and not any(given.get(name) for name in ("until", "doses_until", "note")):
            raise forms.ValidationError(_("Say until when there is medicine, or what is to be known."))
        return given

"""Forms of plans: consent, parts, agreeing, participants."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from naer.site.accounts.models import Organisation
from naer.site.pathways.forms import refuse_numbers
from naer.site.pathways.models import Citizen
from naer.site.plans import words
from naer.site.plans.actions.common import WAYS
from naer.site.plans.actions.part import LONGEST, STATES
from naer.site.plans.actions.plan import ENDINGS
from naer.site.plans.models import Part
from naer.site.plans.wording import FIELDS, PROSE, Wording
from naer.site.ui.moments import DayField

_TEXTS = {
    ("section", "text"): _("What was agreed, in the words of those who do it."),
    ("section", "plain"): _("The citizen reads this first."),
    ("goal", "text"): _("In the citizen’s own words."),
    ("activity", "text"): _("What is done."),
}
_DAYS = ("starts", "ends", "revise_by")
_TOGETHER = _("Everybody who takes part in the plan reads it. Never write a person number.")
_OWN = _("Only your own organisation reads it. Never write a person number.")


def how_field() -> forms.ChoiceField:
    """How the citizen said it, to somebody who writes it down."""
    return forms.ChoiceField(
        label=_("How the citizen said it"), choices=[(name, words.WAYS[name]) for name in WAYS]
    )


def text_field(label: Any, longest: int, *, required: bool = True) -> forms.CharField:
    """A short text of one line, without a person number."""
    return forms.CharField(label=label, max_length=longest, required=required, validators=[_no_numbers])


def _no_numbers(value: str) -> None:
    refuse_numbers(value)


def organisations_near(citizen: Citizen) -> QuerySet[Organisation]:
    """Whom a plan can be shared with: everybody but other people's general practices."""
    return Organisation.objects.filter(~Q(role=Organisation.Role.GP) | Q(pk=citizen.gp_id)).order_by(
        "role", "name"
    )


class StartForm(forms.Form):
    """The citizen's consent to a plan, and to sharing it."""

    how = how_field()
    share = forms.MultipleChoiceField(
        label=_("Share the plan with"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    sure = forms.BooleanField(
        label=_("The citizen has said yes to a plan, and to sharing it with those ticked"),
        error_messages={"required": _("There is no plan without the citizen’s consent.")},
    )

    def __init__(self, *args: Any, near: list[Organisation], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["share"].choices = [(one.key, one.name) for one in near]  # type: ignore[attr-defined]
        if not near:
            del self.fields["share"]


class PartForm(forms.Form):
    """One part of a plan; `seen` is the version that the form was filled from."""

    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False, min_value=0)

    def __init__(self, *args: Any, kind: str, citizen: Citizen, own: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind = kind
        owners = [("", _("Nobody named")), *((o.key, o.name) for o in organisations_near(citizen))]
        for name in FIELDS[kind]:
            self.fields[name] = self._field(name, owners)
        self.fields["text"].help_text = _OWN if own else _TEXTS[kind, "text"]
        if kind == Part.Kind.SECTION and not own:
            self.fields["plain"].help_text = _TEXTS["section", "plain"]
        elif own:
            del self.fields["plain"]

    def _field(self, name: str, owners: list[tuple[str, Any]]) -> forms.Field:
        label: Any = words.FIELDS[name]
        if name in _DAYS:
            return DayField(label=label, required=False)
        if name == "owner":
            return forms.ChoiceField(label=label, choices=owners, required=False)
        if name == "state":
            table = words.GOALS if self.kind == Part.Kind.GOAL else words.ACTIVITIES
            choices = [(one, table[one]) for one in STATES[Part.Kind(self.kind)]]
            return forms.ChoiceField(label=label, choices=choices)
        needed = name == "text"
        if name in PROSE and name != "often":
            return forms.CharField(
                label=label,
                max_length=LONGEST,
                required=needed,
                widget=forms.Textarea(attrs={"rows": 6 if needed else 3}),
                validators=[_no_numbers],
                error_messages={"required": _("Write something.")},
            )
        return text_field(label, 500, required=needed)

    @property
    def wording(self) -> Wording:
        """What was written, as it is stored."""
        given = {name: self.cleaned_data.get(name) for name in FIELDS[self.kind]}
        texts = {
            name: value.isoformat() if name in _DAYS and value else str(value or "")
            for name, value in given.items()
        }
        return {name: text for name, text in texts.items() if text}


class AgreeForm(forms.Form):
    """The plan is agreed as it is shown, until it is gone through again."""

    seen = forms.CharField(widget=forms.HiddenInput(), max_length=20_000)
    revise_by = DayField(label=_("Go through it again by"))
    sure = forms.BooleanField(
        label=_("The citizen has gone through the plan and agrees to it"),
        error_messages={"required": _("Go through the plan with the citizen first.")},
    )

    def clean_seen(self) -> dict[int, int]:
        """Row of the part → version, as it was shown."""
        try:
            pairs = [one.split(":") for one in self.cleaned_data["seen"].split(",") if one]
            return {int(part): int(version) for part, version in pairs}
        except ValueError:
            raise forms.ValidationError(_("Load the page again.")) from None


def seen_text(seen: dict[int, int]) -> str:
    """The shown versions, as `AgreeForm.seen` carries them."""
    return ",".join(f"{part}:{version}" for part, version in sorted(seen.items()))


class EndForm(forms.Form):
    """Why the plan ends, and that somebody means it."""

    reason = forms.ChoiceField(
        label=_("Why the plan ends"),
        choices=[(name, words.ENDINGS[name]) for name in ("withdrawn", *ENDINGS)],
    )
    sure = forms.BooleanField(
        label=_("Yes, end the plan"),
        error_messages={"required": _("Tick the box if you mean it.")},
    )


class OrganisationForm(forms.Form):
    """An organisation takes part."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    how = forms.ChoiceField(
        label=_("The citizen’s consent to share with them"),
        choices=[("", _("Not asked yet: they see nothing")), *((name, words.WAYS[name]) for name in WAYS)],
        required=False,
    )

    def __init__(self, *args: Any, citizen: Citizen, taken: set[str], **more: Any) -> None:
        super().__init__(*args, **more)
        near = organisations_near(citizen).exclude(pk__in=taken)
        self.fields["organisation"].choices = [(o.key, o.name) for o in near]  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """A person or relative takes part."""

    kind = forms.ChoiceField(
        label=_("Who"), choices=[(name, words.PEOPLE[name]) for name in ("relative", "person")]
    )
    name = text_field(_("Name"), 200)
    role = text_field(_("What they do or are"), 100, required=False)
    phone = text_field(_("Telephone"), 40, required=False)

"""Forms about coordinators and the care team."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from naer.events.instant import Instant, local_date
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.models import Citizen
from naer.site.plans import words
from naer.site.plans.actions.coordinator import ENDINGS, able
from naer.site.plans.forms import how_field, organisations_near, text_field
from naer.site.plans.models import Coordinator, TeamMember
from naer.site.plans.team import ROLES
from naer.site.ui.moments import DayField
from naer.site.ui.times import ZONE


def colleagues(user: User, citizen: Citizen) -> QuerySet[User]:
    """Who can coordinate for a citizen, of one's own organisation and the citizen's municipality."""
    near = Q(organisation=user.organisation_id) | Q(
        organisation__role=Organisation.Role.MUNICIPALITY, organisation__municipality=citizen.municipality
    )
    return (
        User.objects.filter(able(), near)
        .select_related("organisation")
        .order_by("organisation__name", "first_name", "last_name")
    )


def _choices(people: QuerySet[User]) -> list[tuple[str, str]]:
    return [
        (
            str(one.pk),
            f"{one.name}, {one.organisation.name if one.organisation else ''}",
        )
        for one in people
    ]


class _PeopleForm(forms.Form):
    """A form that names colleagues; `person(name)` is the one chosen."""

    def __init__(self, *args: Any, people: QuerySet[User], **more: Any) -> None:
        super().__init__(*args, **more)
        self.people = people
        choices = _choices(people)
        for name in ("user", "to"):
            if name in self.fields:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
        if "deputy" in self.fields:
            self.fields["deputy"].choices = [("", _("Nobody")), *choices]  # type: ignore[attr-defined]

    def person(self, name: str) -> User | None:
        """The colleague chosen in a field; None for nobody."""
        given = self.cleaned_data.get(name)
        return self.people.get(pk=given) if given else None


class OfferForm(_PeopleForm):
    """A coordinator is offered to the citizen."""

    kind = forms.ChoiceField(
        label=_("What is offered"),
        choices=[(one, words.COORDINATORS[one]) for one in Coordinator.Kind.values],
    )
    user = forms.ChoiceField(label=_("Who"))
    deputy = forms.ChoiceField(label=_("Stands in when they are away"), required=False)
    phone = text_field(_("Telephone"), 40, required=False)


class AnswerForm(forms.Form):
    """What the citizen said to the offer."""

    accepts = forms.ChoiceField(
        label=_("The citizen’s answer"),
        choices=[("yes", _("Yes, thank you")), ("no", _("No, thank you"))],
        widget=forms.RadioSelect(),
        error_messages={"required": _("Say what the citizen answered.")},
    )
    how = how_field()

    def __init__(self, *args: Any, own: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        if own:  # the citizen answers here, signed in
            del self.fields["how"]


class DeputyForm(_PeopleForm):
    """Who stands in, and the number to call."""

    deputy = forms.ChoiceField(label=_("Stands in when they are away"), required=False)
    phone = text_field(_("Telephone"), 40, required=False)


class HandOverForm(_PeopleForm):
    """To whom a coordinator hands over."""

    to = forms.ChoiceField(label=_("Hand over to"))


class EndForm(forms.Form):
    """Why a coordinator's task ends."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[(name, words.ENDINGS[name]) for name in ENDINGS])
    sure = forms.BooleanField(
        label=_("Yes, end it"), error_messages={"required": _("Tick the box if you mean it.")}
    )


class TeamForm(forms.Form):
    """Somebody has a role around the citizen."""

    role = forms.ChoiceField(label=_("Role"), choices=[(name, words.TEAM[name]) for name in ROLES])
    name = text_field(_("Name"), 200)
    organisation = forms.ChoiceField(label=_("Organisation"))
    phone = text_field(_("Telephone"), 40, required=False)
    hours = text_field(_("When they can be reached"), 60, required=False)
    place = forms.ChoiceField(
        label=_("Where"), choices=[(name, words.PLACES[name]) for name in TeamMember.Place.values]
    )
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, citizen: Citizen, now: Instant, **more: Any) -> None:
        super().__init__(*args, **more)
        near = organisations_near(citizen)
        self.fields["organisation"].choices = [(o.key, o.name) for o in near]  # type: ignore[attr-defined]
        self.fields["starts"].initial = local_date(now, ZONE)

    def clean(self) -> dict[str, Any]:
        """It does not end before it begins."""
        found = super().clean() or {}
        if found.get("starts") and found.get("ends") and found["ends"] < found["starts"]:
            self.add_error("ends", _("It ends before it begins."))
        return found

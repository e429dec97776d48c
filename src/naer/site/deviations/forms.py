"""Forms about deviations: the report, the answer, what is learnt and done, and short texts."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from naer.events.instant import DAY, Instant, from_local, local
from naer.site.accounts.models import Organisation
from naer.site.agreements import clauses
from naer.site.agreements.clauses import ClauseText
from naer.site.agreements.in_force import agreements
from naer.site.deviations import classes
from naer.site.deviations.actions.answering import Measure
from naer.site.deviations.actions.raising import Report
from naer.site.pathways.forms import refuse_numbers
from naer.site.ui.moments import DayField, MomentField, been
from naer.site.ui.times import ZONE

LONGEST = 4000
"""Characters of a text."""
_OLDEST = 5 * 366 * DAY
_FARTHEST = 2 * 366 * DAY
_BETWEEN = "/"


class Text(forms.CharField):
    """A text of several lines; a person number in it is refused."""

    def __init__(self, rows: int = 4, **more: Any) -> None:
        more.setdefault("max_length", LONGEST)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **more)

    def clean(self, value: Any) -> str:
        """The text, without spaces around it."""
        return refuse_numbers(str(super().clean(value)).strip())


class ReportForm(forms.Form):
    """What is reported about another organisation's part, and one's own view of why."""

    counterpart = forms.ChoiceField(
        label=_("The other party"), error_messages={"required": _("Say which organisation it is with.")}
    )
    clause = forms.ChoiceField(
        label=_("What was agreed"),
        required=False,
        help_text=_("The clause that practice departed from."),
    )
    stage = forms.ChoiceField(label=_("Where in the course"))
    happened = MomentField(
        label=_("When"),
        error_messages={"required": _("Say when it happened.")},
    )
    unit = forms.CharField(label=_("Ward or team"), max_length=100, required=False)
    what = Text(
        label=_("What happened"),
        rows=6,
        help_text=_("Facts, not blame. The other party reads it. Never write a person number."),
        error_messages={"required": _("Say what happened.")},
    )
    done = Text(label=_("What was done at once"), required=False, rows=3)
    harm = forms.ChoiceField(label=_("Harm to the citizen"))
    severity = forms.ChoiceField(label=_("How serious"))
    cause = forms.ChoiceField(label=_("Why it happened, as you see it"))
    asked_by = DayField(
        label=_("Answer wanted by"),
        required=False,
        help_text=_("Only where no agreement gives a time: then that one counts."),
    )

    def __init__(
        self,
        *args: Any,
        parties: Iterable[Organisation],
        now: Instant,
        fixed: bool = False,
        **more: Any,
    ) -> None:
        more.setdefault("label_suffix", "")
        super().__init__(*args, **more)
        self.now = now
        choices = [(one.key, one.name) for one in parties]
        if fixed:
            del self.fields["clause"]
        else:
            choices = [("", "…"), *choices]
            self._choose("clause", clause_choices())
        self._choose("counterpart", choices)
        for name, table, first in (
            ("stage", classes.STAGES, "discharge"),
            ("harm", classes.HARMS, "unknown"),
            ("severity", classes.SEVERITIES, "minor"),
            ("cause", classes.CAUSES, "unknown"),
        ):
            self._choose(name, list(table.items()))
            self.fields[name].initial = self.initial.get(name, first)
        self.fields["happened"].initial = local(self.initial.get("at", now), ZONE).replace(
            tzinfo=None, second=0, microsecond=0
        )

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_unit(self) -> str:
        """The unit; a person number in it is refused."""
        return refuse_numbers(self.cleaned_data["unit"].strip())

    def clean_happened(self) -> Instant:
        """When it happened, in microseconds since the epoch."""
        at = been(self.cleaned_data["happened"], self.now)
        if at > self.now:
            raise forms.ValidationError(_("That is in the future. Report it when it has happened."))
        if at < self.now - _OLDEST:
            raise forms.ValidationError(_("That is more than five years ago. Check the year."))
        return at

    def clean_asked_by(self) -> Instant | None:
        """The end of the day asked for."""
        return end_of_day(self.cleaned_data["asked_by"], self.now)

    def clean(self) -> dict[str, Any]:
        """Grave harm is serious."""
        found = super().clean() or {}
        grave = found.get("harm") in classes.GRAVE_HARMS
        if grave and found.get("severity") != classes.SERIOUS:
            self.add_error("severity", _("What harmed gravely is serious: choose that."))
        return found

    @property
    def report(self) -> Report:
        """What was reported."""
        given = self.cleaned_data
        agreement, _between, rest = given.get("clause", "").partition(_BETWEEN)
        clause, _at, version = rest.partition(_BETWEEN)
        return Report(
            counterpart=given["counterpart"],
            stage=given["stage"],
            harm=given["harm"],
            severity=given["severity"],
            cause=given["cause"],
            happened=given["happened"],
            what=given["what"],
            unit=given["unit"],
            done=given["done"],
            agreement=agreement,
            clause=clause,
            version=dt.date.fromisoformat(version) if version else None,
            asked_by=given["asked_by"],
        )


class AnswerForm(forms.Form):
    """The other party's view."""

    text = Text(
        label=_("How you see it"),
        rows=6,
        help_text=_("What happened on your side, and why. Never write a person number."),
        error_messages={"required": _("Write your answer.")},
    )
    cause = forms.ChoiceField(label=_("Why it happened, as you see it"), choices=list(classes.CAUSES.items()))


class MeasureForm(forms.Form):
    """What is learnt and done, as one party suggests it."""

    learning = Text(
        label=_("What is learnt"),
        rows=3,
        max_length=1000,
        help_text=_("Others will read it. Name no person, ward or organisation."),
        error_messages={"required": _("Say what is learnt.")},
    )
    measure = Text(
        label=_("What is done"),
        rows=3,
        max_length=1000,
        help_text=_("Who does what from now on. “Nothing” is an answer too."),
        error_messages={"required": _("Say what is done.")},
    )
    cause = forms.ChoiceField(label=_("The cause, as both see it"), choices=list(classes.CAUSES.items()))
    by = DayField(label=_("In place by"), required=False)
    nameless = forms.BooleanField(
        label=_("Nobody can be recognised in it"),
        error_messages={"required": _("Tick the box when nobody can be recognised.")},
    )

    def __init__(self, *args: Any, now: Instant, **more: Any) -> None:
        more.setdefault("label_suffix", "")
        super().__init__(*args, **more)
        self.now = now

    def clean_by(self) -> Instant | None:
        """The end of the day."""
        return end_of_day(self.cleaned_data["by"], self.now)

    @property
    def suggested(self) -> Measure:
        """What was suggested."""
        given = self.cleaned_data
        return Measure(given["learning"], given["measure"], given["cause"], given["by"])


class TextForm(forms.Form):
    """One text: a note, a reason, what came of the measure."""

    text = Text(label=_("Text"), rows=3, error_messages={"required": _("Write something.")})

    def __init__(self, *args: Any, label: str, hint: str = "", **more: Any) -> None:
        more.setdefault("label_suffix", "")
        super().__init__(*args, **more)
        self.fields["text"].label = label
        self.fields["text"].help_text = hint


class AuthorityForm(forms.Form):
    """That the authority was told, and when."""

    at = MomentField(
        label=_("When it was told"),
        error_messages={"required": _("Say when it was told.")},
    )
    text = forms.CharField(label=_("Case number there"), max_length=60, required=False)

    def __init__(self, *args: Any, now: Instant, **more: Any) -> None:
        more.setdefault("label_suffix", "")
        super().__init__(*args, **more)
        self.now = now
        self.fields["at"].initial = local(now, ZONE).replace(tzinfo=None, second=0, microsecond=0)

    def clean_text(self) -> str:
        """The case number; a person number is refused."""
        return refuse_numbers(self.cleaned_data["text"].strip())

    def clean_at(self) -> Instant:
        """When, in microseconds since the epoch."""
        at = been(self.cleaned_data["at"], self.now)
        if at > self.now or at < self.now - _OLDEST:
            raise forms.ValidationError(_("That is in the future, or very long ago. Check the time."))
        return at


def end_of_day(day: dt.date | None, now: Instant) -> Instant | None:
    """The last minute of a local day that has not ended, in microseconds.

    Raises:
        ValidationError: when it has ended, or lies years ahead.
    """
    if day is None:
        return None
    end = from_local(dt.datetime.combine(day, dt.time(23, 59)), ZONE)
    if end < now:
        raise forms.ValidationError(_("That day is over."))
    if end > now + _FARTHEST:
        raise forms.ValidationError(_("That is more than two years ahead. Check the year."))
    return end


def clause_choices() -> list[Any]:
    """Every clause of the newest versions in force, by agreement; first that it is none of them."""
    found: list[Any] = [("", gettext("None that is written"))]
    for line in agreements().lines:
        newest = line.versions[-1]
        texts = [clauses.text(line.id, clause.id, newest.version) for clause in newest.clauses]
        options = [(value_of(text, newest.version), text.title) for text in texts]
        if options:
            found.append((texts[0].agreement_title, options))
    return found


def value_of(text: ClauseText, version: dt.date | None) -> str:
    """A clause as the form names it."""
    return _BETWEEN.join((text.agreement, text.id, version.isoformat() if version else ""))

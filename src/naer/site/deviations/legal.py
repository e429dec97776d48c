"""Serious events have a clock of their own in law: the product reminds, it never reports by itself."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Duty:
    """Who must be told of a serious event, how soon, and where that is written."""

    authority: str
    how_soon: str | Promise
    source: str
    verified: bool
    """Whether the time was read in the source."""
    note: str | Promise = ""


DUTIES: dict[str, Duty] = {
    "NO": Duty(
        "Statens helsetilsyn, Ukom",
        _("At once (“straks”). The law gives no number of hours."),
        "helse- og omsorgstjenesteloven § 12-3 a",
        True,
        _("Adopted but not in force: 5 working days, with a report within 3 months (Prop. 121 L (2024–25))."),
    ),
    "DK": Duty(
        "Dansk Patientsikkerhedsdatabase (DPSD)",
        _("As an unintended event (UTH). The time limit is not confirmed here: look it up."),
        "sundhedsloven § 198; stps.dk, 26-06-2023",
        False,
        _("Since 1 July 2023 everybody in care must report what had, or could have had, grave consequences."),
    ),
}
"""Country → the duty."""

"""How deviations are classified, so that they can be counted over time and place.

Stage, harm, severity and cause: the harm scale is the WHO's degrees of harm; the rest is Naer's own.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = Mapping[str, str | Promise]

STAGES: Words = {
    "admission": _("At admission"),
    "stay": _("During the stay"),
    "discharge": _("At discharge"),
    "after": _("After the stay"),
    "other": _("Outside a stay"),
}
"""Where in the course it happened."""

HARMS: Words = {
    "none": _("No harm"),
    "mild": _("Mild harm"),
    "moderate": _("Moderate harm"),
    "severe": _("Severe harm"),
    "death": _("Death"),
    "unknown": _("Not known yet"),
}
"""What it did to the citizen."""

SEVERITIES: Words = {
    "minor": _("Minor: a nuisance, no danger"),
    "moderate": _("Moderate: could have harmed"),
    "serious": _("Serious: death or severe harm, or could have led to it"),
}
"""How serious it is, whatever became of it."""

CAUSES: Words = {
    "information": _("Information missing or wrong"),
    "late": _("Told or done too late"),
    "unreachable": _("Nobody could be reached"),
    "responsibility": _("Unclear who is responsible"),
    "medicine": _("Medicines"),
    "equipment": _("Aids or equipment"),
    "capacity": _("Capacity"),
    "competence": _("Competence"),
    "system": _("A system failed"),
    "agreement": _("The agreement does not fit"),
    "other": _("Other cause"),
    "unknown": _("Not known yet"),
}
"""Why it happened."""

STATES: Words = {
    "proposed": _("Proposed"),
    "dismissed": _("Not taken up"),
    "open": _("Waits for an answer"),
    "answered": _("Answered"),
    "agreed": _("Measure agreed"),
    "closed": _("Closed by both"),
    "withdrawn": _("Withdrawn"),
}

ACTS: Words = {
    "propose": _("Proposed by missed obligations"),
    "raise": _("Raised it"),
    "dismiss": _("Did not take it up"),
    "own": _("Follows it up"),
    "answer": pgettext_lazy("act", "Answered"),
    "note": _("Wrote"),
    "suggest": _("Suggested what is learnt and done"),
    "accept": _("Agreed to what is learnt and done"),
    "close": _("Closed it on their side"),
    "tell": _("Told the authority"),
    "withdraw": _("Withdrew it"),
}
"""What was done, for every act of a contribution."""

SERIOUS = "serious"
GRAVE_HARMS = frozenset({"severe", "death"})
"""Harm that makes a deviation serious."""

"""Words of the citizen's own pages: plain ones."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEASURES: dict[str, str | Promise] = {
    "weight": _("Weight (kg)"),
    "systolic": _("Blood pressure, upper number (mmHg)"),
    "diastolic": _("Blood pressure, lower number (mmHg)"),
    "pulse": _("Pulse (beats a minute)"),
    "temperature": _("Temperature (°C)"),
    "saturation": _("Oxygen in the blood (%)"),
}
"""What people measure."""

PARTS: dict[str, str | Promise] = {
    "page": _("What happens next and whom to call"),
    "plan": _("The plan"),
    "medicines": _("The medicines"),
    "measurements": _("The measurements, and write new ones"),
    "log": _("Who has seen the data"),
    "help": _("Write to the municipality, and read the answers"),
}
"""What can be granted to somebody near."""

DECIDED: dict[str, str | Promise] = {
    "continue": _("As before"),
    "new": _("New"),
    "changed": _("Changed"),
    "stopped": _("Do not take it any more"),
    "unclear": _("Not settled yet"),
}
"""What a named person said becomes of a medicine."""

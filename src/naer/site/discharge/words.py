"""Words of the discharge table: stages, tabs, moments, and the conditions of the day fee."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from naer.site.ui.words import Words

STAGES: Words = {
    "ambulant": _("At the emergency department"),
    "admitted": _("Admitted"),
    "expected": _("Expected to be ready"),
    "ready": _("Ready, waits for an answer"),
    "cannot": _("The municipality cannot receive yet"),
    "can": _("The municipality can receive"),
    "agreed": _("Discharge agreed"),
    "home": _("Home, not visited yet"),
    "visited": _("Home and visited"),
}
"""How far a stay has come."""

GROUPS: Words = {
    "waiting": _("All who are ready"),
    "answer": _("Waits for an answer"),
    "cannot": _("Cannot receive yet"),
    "can": _("Can receive"),
    "today": _("Leaves today"),
    "expected": _("Expected"),
    "admitted": pgettext_lazy("several", "Admitted"),
    "home": _("To be visited"),
    "visited": _("Visited"),
}
"""The tabs of the table."""

MOMENTS: Words = {
    "admitted": pgettext_lazy("event", "Admitted"),
    "assessed": _("Need for help assessed"),
    "warned": _("Municipality warned"),
    "expected": _("Expected to be ready"),
    "finished": _("Treatment finished, a doctor says"),
    "ready": _("Municipality told that the citizen is ready"),
    "answered": _("Municipality answered"),
    "agreed": _("Discharge agreed"),
    "acute": _("Acute place asked for"),
    "medicines": _("Medicines confirmed"),
    "supplied": _("Medicine for the first days handed out"),
    "left": _("Left the ward"),
    "discharged": pgettext_lazy("event", "Discharged"),
    "visited": _("First visit"),
    "rehabilitation": _("First contact about rehabilitation"),
}

CONDITIONS: dict[str, dict[str, str | Promise]] = {
    "NO": {
        "warned": _("The municipality was warned in time (§ 8)"),
        "assessed": _("A doctor found the citizen ready (§ 9)"),
        "ready": _("The municipality was told (§ 10)"),
        "unanswered": _("It has not said that it can receive the citizen (§ 11)"),
        "present": _("The citizen is still in hospital"),
    },
    "DK": {
        "admitted": _("The citizen is admitted"),
        "ready": _("The municipality was told that the treatment is finished"),
        "present": _("The citizen is still in hospital"),
    },
}
"""Country → condition of the day fee → what it says."""

SOURCES: dict[str, str] = {
    "NO": "FOR-2011-11-18-1115 §§ 8–13; hol § 11-4",
    "DK": "Lov nr. 1737 af 27. december 2016",
}
"""Where the conditions stand."""


def stage(name: str) -> str:
    return str(STAGES.get(name, name))


def moment(name: str) -> str:
    return str(MOMENTS[name])


def condition(country: str, name: str) -> str:
    return str(CONDITIONS[country][name])

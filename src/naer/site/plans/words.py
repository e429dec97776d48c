"""Words for what plans store as names and numbers."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from naer.site.ui.state import State
from naer.site.ui.worded import Words, word

SECTIONS: dict[int, str | Promise] = {
    1: _("Goals, resources and needs"),
    2: _("Who takes part in the work on the plan"),
    3: _("Who makes the plan and sees that it is followed"),
    4: _("What the citizen, the services and relatives contribute"),
    5: _("Services and measures, how much, and who is responsible"),
    6: _("How they are carried out"),
    7: _("Coordinator: offered or appointed"),
    8: _("Plan period and times of revision"),
    9: _("Consent to the plan and to sharing"),
    10: _("Cooperation with others that is necessary or wished"),
}
"""The ten items of a plan (Norway: FOR-2022-06-22-1110 § 9; used as a template in Denmark too)."""

STATUSES: dict[str, tuple[str, str | Promise]] = {
    "missing": ("released", _("Not written yet")),
    "told": ("kept", pgettext_lazy("plan", "Recorded")),
    "draft": ("open", _("Draft")),
    "agreed": ("kept", pgettext_lazy("plan", "Agreed")),
    "due": ("soon", _("Due for revision")),
}
"""Status of a section → its mark, and its words."""

GOALS: Words = {
    "active": _("We work on it"),
    "reached": _("Reached"),
    "dropped": _("No longer a goal"),
}

ACTIVITIES: Words = {
    "planned": _("Planned"),
    "running": _("Under way"),
    "done": pgettext_lazy("activity", "Done"),
    "stopped": _("Stopped"),
}

KINDS: Words = {
    "section": pgettext_lazy("plan", "Section"),
    "goal": _("Goal"),
    "activity": _("Activity"),
}

CHANGES: Words = {
    "made": pgettext_lazy("version", "Written"),
    "changed": pgettext_lazy("version", "Changed"),
    "merged": _("Changed while somebody else wrote; both changes are in it"),
    "restored": _("An older version taken up again"),
    "removed": _("Taken out of the plan"),
}

FIELDS: Words = {
    "text": _("Text"),
    "plain": _("In plain words, for the citizen"),
    "owner": _("Who answers for it"),
    "revise_by": _("Revise by"),
    "sign": _("How we see that it is reached"),
    "state": _("How it stands"),
    "starts": _("From"),
    "ends": _("Until"),
    "who": _("Who does it"),
    "often": _("When and how often"),
}

WAYS: Words = {
    "oral": _("Said it"),
    "written": _("Signed it"),
    "guardian": _("A guardian or parent said it"),
    "own": _("Gave it here, signed in"),
}
"""How a citizen said something."""

ENDINGS: Words = {
    "withdrawn": _("The citizen withdraws the consent"),
    "met": _("The needs are met"),
    "moved": _("The citizen moved"),
    "died": _("The citizen died"),
    "handed-over": pgettext_lazy("coordinator", "Handed over"),
    "citizen": _("The citizen’s own wish"),
    "left": _("The coordinator left"),
    "no-need": _("No longer needed"),
    "of-age": _("The child came of age"),
    "other": pgettext_lazy("reason", "Something else"),
}

PEOPLE: Words = {
    "organisation": _("Organisation"),
    "person": _("Person"),
    "relative": _("Next of kin"),
}

COORDINATORS: Words = {
    "main": pgettext_lazy("role", "Coordinator"),
    "child": _("Children’s coordinator"),
}

TEAM: Words = {
    "responsible-doctor": _("Doctor in charge of the treatment"),
    "contact-nurse": _("Contact nurse"),
    "home-nurse": _("Home nurse"),
    "home-care": _("Home care"),
    "case-worker": _("Case worker"),
    "physiotherapist": _("Physiotherapist"),
    "occupational-therapist": _("Occupational therapist"),
    "psychologist": _("Psychologist"),
    "teacher": _("Teacher or nursery teacher"),
    "other": pgettext_lazy("role", "Another role"),
}

PLACES: Words = {
    "any": _("Wherever the citizen is"),
    "home": _("At home"),
    "hospital": _("At the hospital"),
}


def section_state(status: str) -> State:
    """Mark and words of a section's status."""
    mark, words = STATUSES[status]
    return State(mark, str(words))


def part_state(kind: str, state: str) -> str:
    """How a goal or an activity stands."""
    return word(GOALS if kind == "goal" else ACTIVITIES, state)

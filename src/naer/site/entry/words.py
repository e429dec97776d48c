"""The words of requests for help: who asks, how, how it is sorted, what was done."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ASKERS: dict[str, str | Promise] = {
    "citizen": pgettext_lazy("asker", "The citizen"),
    "relative": pgettext_lazy("asker", "A relative"),
    "gp": pgettext_lazy("asker", "The general practice"),
    "hospital": pgettext_lazy("asker", "The hospital"),
    "other": pgettext_lazy("asker", "Somebody else"),
}
"""Who asks."""

CHANNELS: dict[str, str | Promise] = {
    "form": _("in Naer"),
    "message": _("by message"),
    "phone": _("by telephone"),
}
"""How it came."""

SORTINGS: dict[str, str | Promise] = {
    "urgent": _("Urgent: somebody acts at once"),
    "assess": _("To be assessed: somebody visits or calls"),
    "answer": _("An answer is enough"),
    "other": _("Another authority can help"),
}
"""How it is sorted, as a choice."""

SORTED: dict[str, str | Promise] = {
    "": _("Not sorted yet"),
    "urgent": pgettext_lazy("request", "Urgent"),
    "assess": pgettext_lazy("request", "To be assessed"),
    "answer": pgettext_lazy("request", "To be answered"),
    "other": pgettext_lazy("request", "For another authority"),
}
"""How it is sorted, in a list."""

STEPS: dict[str, str | Promise] = {
    "asked": _("Asked for help"),
    "sorted": _("Sorted the request"),
    "taken": _("Gave it to somebody"),
    "answered": _("Answered"),
}
"""What was done."""

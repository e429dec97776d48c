"""Pages about access itself: opening a record in an emergency, looking into that, and who looked at what."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from naer.site.access import emergencies, rules
from naer.site.access.models import Emergency
from naer.site.accounts.models import User
from naer.site.oversight import queries
from naer.site.oversight.forms import EmergencyForm, ReviewForm
from naer.site.pathways import numbers
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.ui.requests import now_of, person

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: HttpRequest) -> HttpResponse:
    """Open a record without a care relation: for some hours, with a reason, told to the citizen."""
    user, now = person(request), now_of(request)
    if not rules.may(user, "emergency") or not rules.sees_citizens(user):
        raise PermissionDenied
    form = EmergencyForm(request.POST or None, label_suffix="")
    if form.is_valid():
        citizen = numbers.find_typed(form.cleaned_data["number"])
        if citizen is None:
            rules.trace_failed_search(user, None, now)
            form.add_error("number", _("Nobody with this person number is known here."))
        elif rules.may_see(user, citizen, now):
            return redirect("citizen", citizen.key)
        else:
            emergencies.open_record(user, citizen, form.cleaned_data["reason"], now=now)
            messages.success(request, _("The record is open. The citizen sees that you opened it."))
            return redirect("citizen", citizen.key)
    context = {"form": form, "hours": emergencies.hours()}
    return render(request, "oversight/emergency.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def reviews(request: HttpRequest) -> HttpResponse:
    """What was opened in an emergency, and a colleague's word about it; and calls that opened a record."""
    user, now = _overseer(request), now_of(request)
    form = ReviewForm(request.POST or None, label_suffix="")
    if form.is_valid():
        given = form.cleaned_data
        try:
            emergencies.review(user, given["emergency"], given["verdict"], given["note"], now=now)
        except (emergencies.EmergencyRefusedError, Emergency.DoesNotExist):
            messages.error(request, _("Nothing was changed. Somebody looked into it already."))
        else:
            messages.success(request, _("Your review is written down, with your name."))
        return redirect("access-reviews")
    rules.trace_log(user, "emergencies", now)
    context = {
        "waiting": [
            (one, form if form.data.get("emergency") == str(one.row.pk) else _empty(one.row.pk))
            for one in queries.to_review(user, now)
        ],
        "done": queries.reviewed(user, now),
        "called": queries.called(user, now),
        "now": now,
    }
    return render(request, "oversight/reviews.html", context, status=422 if form.errors else 200)


def _empty(pk: int) -> ReviewForm:
    return ReviewForm(initial={"emergency": pk}, label_suffix="", auto_id=f"id_{pk}_%s")


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """What the people of one's organisation looked at and did. Looking here is an entry too."""
    user, now = _overseer(request), now_of(request)
    people = queries.colleagues(user)
    whose = request.GET.get("who", "")
    whose = whose if whose in dict(people) else ""
    page = Pages(queries.log(user, whose), PAGE, request.GET.get("page", "1"), DEEP).asked()
    rules.trace_log(user, f"organisation {whose}".strip(), now)
    context = {
        "page": page,
        "lines": queries.lines(user, list(page.object_list), now),
        "people": people,
        "whose": whose,
        "now": now,
    }
    return render(request, "oversight/log.html", context)


def _overseer(request: HttpRequest) -> User:
    user = person(request)
    if not rules.may(user, "access-review") or user.organisation is None:
        raise PermissionDenied
    return user

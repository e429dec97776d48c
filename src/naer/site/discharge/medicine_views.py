"""Pages of the medicines at the handover: compared line by line, and a list to be written."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.events.instant import Instant
from naer.events.kinds import KINDS
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.discharge import handover, medicine_letters
from naer.site.discharge.handover import Handover, Line, Moment, NewerListError
from naer.site.discharge.medicine_forms import (
    DECISIONS,
    USES,
    ConfirmForm,
    MedicineRows,
    SupplyForm,
    ToldForm,
)
from naer.site.discharge.medicines import Medicine
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen
from naer.site.ui.requests import new_id, now_of, person
from naer.site.ui.state import State

_LOOK = "look-medicines"
_PLAIN = {"label_suffix": ""}


def _opened(request: HttpRequest, key: str) -> tuple[User, Citizen, Instant]:
    """Who reads about whom. Citizens and those near them have a page of their own.

    Raises:
        Http404: when it is not theirs to read.
    """
    user, now = person(request), now_of(request)
    if user.organisation is None:
        raise Http404
    return user, rules.open_citizen(user, key, "medicines", now, _LOOK), now


@require_http_methods(["GET", "HEAD", "POST"])
def medicines(request: HttpRequest, key: str) -> HttpResponse:
    """The lists before and after, line by line; each line is confirmed by a named person."""
    user, found, now = _opened(request, key)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    confirm = ConfirmForm(request.POST if act == "confirm" else None, label_suffix="")
    supply = SupplyForm(request.POST if act == "supply" else None, label_suffix="")
    try:
        if _done(request, user, found, act, confirm, supply, now):
            return redirect("medicines", key)
    except NewerListError:
        messages.error(request, _("The lists changed meanwhile. Read them again; nothing was lost."))
        return redirect("medicines", key)
    held = handover.handover(found, now)
    context = {
        "citizen": found,
        "held": held,
        "lines": [_line(one, confirm if act == "confirm" else None) for one in held.lines],
        "state": _state(held),
        "supply": supply,
        "offered": [one for one in medicine_letters.offered(user, held) if not one.taken],
        "may_list": bool(rules.relation(user, found, now, "list-medicines")) and bool(held.stay),
        "may_confirm": bool(rules.relation(user, found, now, "confirm-medicine")),
        "now": now,
    }
    status = 422 if confirm.errors or supply.errors else 200
    return render(request, "discharge/medicines.html", context, status=status)


def _done(
    request: HttpRequest,
    user: User,
    found: Citizen,
    act: str,
    confirm: ConfirmForm,
    supply: SupplyForm,
    now: Instant,
) -> bool:
    """Do what was asked; False when nothing was, or the form is not right.

    Raises:
        NewerListError: when the lists changed since the page was read.
        PermissionDenied: when it is not the reader's to do.
    """
    if act == "confirm" and confirm.is_valid():
        given = confirm.cleaned_data
        held = handover.confirm(
            user, found, given["line"], given["decision"], given["reason"], now=now, new_id=new_id
        )
        messages.success(request, _("All medicines are confirmed.") if held.done else _("Confirmed."))
        return True
    if act == "supply" and supply.is_valid():
        given = supply.cleaned_data
        try:
            handover.supply(
                user, found, given["until"], given["doses_until"], given["note"], now=now, new_id=new_id
            )
        except ActionRefusedError:
            raise Http404 from None
        messages.success(request, _("Recorded: %(what)s") % {"what": _("Supply for the first days")})
        return True
    if act == "take-over":
        _take_over(request, user, found, now)
        return True
    return False


def _take_over(request: HttpRequest, user: User, found: Citizen, now: Instant) -> None:
    """Make the list in a message the newest version of the one it is of."""
    given, held = request.POST.get("letter", ""), handover.handover(found, now)
    row = int(given) if given.isdecimal() and len(given) < 19 else 0
    offered = medicine_letters.find(user, held, row)
    if offered is None:
        raise Http404
    handover.write_list(
        user,
        found,
        offered.moment,
        offered.medicines,
        after_version=held.version(offered.moment),
        letter=offered.letter,
        now=now,
        new_id=new_id,
    )
    messages.success(request, _("Taken over from the message."))


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, key: str, moment: str) -> HttpResponse:
    """Write a new version of one list; what stood there stands in the form to begin with."""
    user, found, now = _opened(request, key)
    held = handover.handover(found, now)
    if moment not in Moment.values or not held.stay:
        raise Http404
    if not rules.relation(user, found, now, "list-medicines"):
        raise PermissionDenied
    newest = held.before if moment == Moment.BEFORE else held.after
    shown = newest or (held.before if moment == Moment.AFTER else None)
    posted = request.POST if request.method == "POST" else None
    initial = [_initial(one) for one in shown.medicines] if shown is not None else []
    rows = MedicineRows(posted, initial=initial if posted is None else None, prefix="m", form_kwargs=_PLAIN)
    told = ToldForm(posted, initial={"version": held.version(moment)}, label_suffix="")
    more = posted is not None and posted.get("act") == "more"
    newer = False
    if posted is not None and not more and rows.is_valid() and told.is_valid():
        try:
            handover.write_list(
                user,
                found,
                moment,
                [one for row in rows.forms if (one := row.medicine) is not None],
                after_version=told.cleaned_data["version"],
                told=told.cleaned_data["told"],
                now=now,
                new_id=new_id,
            )
        except NewerListError:
            newer = True
        else:
            messages.success(request, _("A new version is written. Earlier ones stay."))
            return redirect("medicines", key)
    if more:
        rows = _more(rows, posted)
    context = {
        "citizen": found,
        "moment": moment,
        "rows": rows,
        "told": told,
        "may_tell": _may_tell(user) and moment == Moment.AFTER,
        "begun_with_before": newest is None and shown is not None,
        "newer": newest if newer else None,
        "version": held.version(moment),
        "now": now,
    }
    refused = posted is not None and not more
    return render(request, "discharge/medicine_list.html", context, status=422 if refused else 200)


def _more(rows: Any, posted: Any) -> Any:
    """The same rows as they were typed, and some more empty ones."""
    number = (
        min(int(rows.management_form.cleaned_data.get("TOTAL_FORMS", 0)) + 4, handover.MOST)
        if (rows.management_form.is_valid())
        else 4
    )
    copy = posted.copy()
    copy["m-TOTAL_FORMS"] = str(number)
    return MedicineRows(copy, prefix="m", form_kwargs=_PLAIN)


def _initial(one: Medicine) -> dict[str, str]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


def _may_tell(user: User) -> bool:
    return user.organisation is not None and user.organisation.role in KINDS[handover.LISTED].senders


def _line(line: Line, sent: ConfirmForm | None) -> dict[str, Any]:
    """A line of the page: both sides in words, who said what, and the form."""
    own = sent if sent is not None and sent.data.get("line") == line.id else None
    guess = {"same": "continue", "new": "new", "changed": "changed", "stopped": "stopped"}
    newest = line.newest
    return {
        "line": line,
        "before": _words(line.compared.before),
        "after": _words(line.compared.after),
        "state": State("kept", str(DECISIONS[newest.row.decision]))
        if newest is not None and line.confirmed
        else State("over" if newest is not None else "soon", _open(line)),
        "form": own
        or ConfirmForm(
            initial={"line": line.id, "decision": guess.get(line.compared.kind, "")},
            auto_id=f"id_{line.id[:12]}_%s",
            label_suffix="",
        ),
        "sent": own is not None,
    }


def _open(line: Line) -> str:
    return str(DECISIONS["unclear"]) if line.newest is not None else _("To be confirmed")


def _words(one: Medicine | None) -> str:
    """A medicine as it was written: strength, dose, use."""
    if one is None:
        return ""
    use = str(USES.get(one.use, ""))
    packed = _("in multi-dose packs") if one.multidose == "yes" else ""
    return ", ".join(part for part in (one.strength, one.dose, use.lower(), packed, one.note) if part)


def _state(held: Handover) -> State:
    if held.after is None:
        return State("open", _("No list from the hospital yet"))
    if held.done:
        return State("kept", _("All medicines are confirmed."))
    counted = {"open": held.open, "all": len(held.lines)}
    return State("soon", _("%(open)d of %(all)d to be confirmed") % counted)

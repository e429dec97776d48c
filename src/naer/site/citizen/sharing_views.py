"""What a citizen shares: people near them who are let in, and organisations that are kept out."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.events.instant import Instant
from naer.site.access import blocks, grants, rules
from naer.site.access.blocks import BlockRefusedError
from naer.site.access.grants import GrantRefusedError
from naer.site.access.models import Grant
from naer.site.accounts.models import User
from naer.site.citizen.forms import BlockForm, GrantForm
from naer.site.pathways.models import Citizen
from naer.site.ui.requests import now_of, person

_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 12
"""Characters of a code: 59 bits, without those that look alike."""


@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: HttpRequest, key: str) -> HttpResponse:
    """Who is let in and who is kept out, and the forms to change it."""
    user, now = person(request), now_of(request)
    citizen = rules.open_citizen(user, key, "sharing", now, action="own-page")
    if not rules.relation(user, citizen, now, "grant"):
        raise Http404
    act = request.POST.get("act", "")
    offered = [(one.key, one.name) for one in blocks.offered(citizen)]
    letting = GrantForm(request.POST if act == "grant" else None, now=now, label_suffix="")
    keeping = BlockForm(request.POST if act == "block" else None, offered=offered, label_suffix="")
    code = ""
    if act == "grant" and letting.is_valid():
        code = _give(user, citizen, letting, now)
    elif act == "block" and keeping.is_valid():
        if _keep_out(user, citizen, keeping, now):
            messages.success(request, _("They cannot see your record any more."))
            return redirect("own-sharing", key)
    elif act == "end" and (number := _number(request, citizen)):
        grants.end(user, number, now=now)
        messages.success(request, _("They are not let in any more."))
        return redirect("own-sharing", key)
    elif act == "lift":
        blocks.lift(user, citizen, request.POST.get("organisation", "")[:64], now=now)
        messages.success(request, _("They can see your record again, when they have to do with you."))
        return redirect("own-sharing", key)
    context = {
        "citizen": citizen,
        "grants": [(one, grants.parts_of(one)) for one in grants.of(citizen, now)],
        "blocks": blocks.of(citizen),
        "law": blocks.law(),
        "letting": GrantForm(now=now, label_suffix="") if code else letting,
        "keeping": keeping,
        "offered": offered,
        "code": code,
        "now": now,
    }
    status = 422 if (letting.errors or keeping.errors) else 200
    return render(request, "citizen/sharing.html", context, status=status)


def _give(user: User, citizen: Citizen, form: GrantForm, now: Instant) -> str:
    """The code that the relative takes it with; empty, with the reason in the form, when it cannot be."""
    given = form.cleaned_data
    try:
        _made, code = grants.give(
            user, citizen, given["name"], given["parts"], form.ends, now=now, new_code=_new_code
        )
    except GrantRefusedError:
        form.add_error("until", _("Choose a day from today on, within a year."))
        return ""
    return "-".join(code[start : start + 4] for start in range(0, _LENGTH, 4))


def _keep_out(user: User, citizen: Citizen, form: BlockForm, now: Instant) -> bool:
    try:
        blocks.block(user, citizen, form.cleaned_data["organisation"], now=now)
    except BlockRefusedError:
        form.add_error("organisation", _("They cannot be kept out."))
        return False
    return True


def _number(request: HttpRequest, citizen: Citizen) -> int:
    """The row of a grant of this citizen; 0 for any other."""
    given = request.POST.get("grant", "")
    if not given.isdecimal() or len(given) > 18:
        return 0
    return int(given) if Grant.objects.filter(pk=int(given), citizen=citizen).exists() else 0


def _new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _place in range(_LENGTH))

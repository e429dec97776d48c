"""Agreements as people read them, and trying one on a story."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from naer.agreement import Agreement, in_language
from naer.events.instant import local_date
from naer.site.agreements import clauses, trial
from naer.site.agreements.in_force import agreements as in_force
from naer.site.agreements.terms import terms
from naer.site.ui.requests import now_of
from naer.site.ui.times import ZONE


@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """Every agreement that Naer runs, with what is in force today."""
    today = local_date(now_of(request), ZONE)
    listed = []
    for line in in_force().lines:
        present = line.at(today)
        shown = present or line.versions[-1]
        run = [clause for clause in shown.clauses if not clause.is_text]
        listed.append(
            {
                "id": line.id,
                "title": _title(shown),
                "extends": shown.extends,
                "agreement": shown,
                "in_force": present is not None,
                "run": len(run),
                "unverified": sum(not clause.verified for clause in run),
                "text": len(shown.clauses) - len(run),
            }
        )
    return render(request, "agreements/agreements.html", {"agreements": listed})


@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """One agreement: its clauses, sources and versions; a POST tries a story on it."""
    line = in_force().line(agreement_id)
    if line is None:
        raise Http404
    today = local_date(now_of(request), ZONE)
    shown = line.at(today) or line.versions[-1]
    story = request.POST.get("story", "") if request.method == "POST" else trial.EXAMPLE
    tried = trial.run(agreement_id, story)
    base = clauses.find(shown.extends) if shown.extends else None
    context = {
        "agreement": shown,
        "title": _title(shown),
        "base": {"id": base.id, "title": _title(base)} if base else None,
        "versions": line.versions,
        "unverified": sum(not clause.verified for clause in shown.clauses if not clause.is_text),
        "clauses": [terms(shown, clause) for clause in shown.clauses if not clause.is_text],
        "texts": [terms(shown, clause) for clause in shown.clauses if clause.is_text],
        "story": story,
        "trial": tried,
        "posted": request.method == "POST",
    }
    return render(request, "agreements/agreement.html", context, status=422 if tried.problems else 200)


def _title(agreement: Agreement) -> str:
    return in_language(agreement.title, clauses.language()) or agreement.id

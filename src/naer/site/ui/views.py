"""What is shown when a page cannot be: one plain template for each HTTP status."""
# ruff: noqa: ARG001 - Django fixes the arguments

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    context = {"status": status, "heading": heading, "text": text}
    return render(request, "ui/problem.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        400,
        _("This could not be read"),
        _("What was sent is not something this page understands. Nothing was changed."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        403,
        _("You cannot do this"),
        _("Your role does not allow it, or you have no care relation to the citizen. Nothing was changed."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        _("The form was too old"),
        _("Go back, load the page again and send the form once more. Nothing was changed."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        404,
        _("There is nothing here for you"),
        _("The address is wrong, or it belongs to somebody you have no care relation to."),
    )


def failed(request: HttpRequest) -> HttpResponse:
    heading = _("Something went wrong here")
    text = _("Nothing was half-stored. Try again, and tell your administrator if it comes back.")
    try:
        return _page(request, 500, heading, text)
    except DatabaseError:  # the menu asks who is signed in
        return HttpResponse(f"{heading}. {text}", status=500, content_type="text/plain; charset=utf-8")

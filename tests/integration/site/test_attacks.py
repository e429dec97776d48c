"""What somebody hostile tries: the ids of others, forged and stolen forms, scripts, files, redirects.

The pages are those that links lead to, so that a page made later is attacked by itself.
"""

import re
from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import resolve, reverse

from naer.site.accounts.models import User
from naer.site.fhir.types import TYPES
from naer.site.pathways.models import Citizen
from tests import place
from tests.integration.site.conftest import SignedIn
from tests.integration.site.crawl import Form, Walk, name_of, said, walk
from tests.integration.site.test_access import MAY_GET, addresses
from tests.place import Place

__all__ = ["addresses"]

INSIDERS = ("mette", "doris", "karen")
OUTSIDERS = ("ole", "ditte", "nobody")
"""Of another tenant, next of kin without a grant, and nobody signed in."""
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
RAW = ("<script>alert", "<img src=x", "onerror=alert(2)>")
NEVER_PASSED = {"health", "language", "sign-in", "demo-sign-in", "sign-out"}
"""Addresses about nobody."""


@pytest.fixture
def inside(addresses: dict[str, str], as_: SignedIn) -> dict[str, Walk]:
    """What each of those with a relation to the citizen is led to."""
    start = ["/", *addresses.values()]
    return {who: walk(as_(who), start) for who in INSIDERS}


def client_of(who: str, as_: SignedIn, **more: Any) -> Client:
    if who == "nobody":
        return Client(**more)
    client = as_(who)
    return client


def rows(*without: str) -> Counter[str]:
    """Everything stored, but the trace of what was asked and sessions."""
    skipped = {"AccessEntry", "Session", "ContentType", "Permission", *without}
    models = [model for model in apps.get_models() if model.__name__ not in skipped]
    return Counter(f"{model.__name__} {row}" for model in models for row in _rows(model))


def _changed(before: Counter[str]) -> set[str]:
    """What is stored otherwise than before, without its content."""
    after = rows()
    return {one.partition(" ")[0] for one in [*(after - before), *(before - after)]}


def _rows(model: type[Model]) -> list[Any]:
    names = [one.attname for one in model._meta.concrete_fields if one.name != "last_login"]
    return list(model._default_manager.order_by("pk").values_list(*names))


def forms_of(inside: dict[str, Walk]) -> list[tuple[str, Form]]:
    """(who, form) of every kind of form, of the first who has it."""
    found: dict[tuple[str, str], tuple[str, Form]] = {}
    for who, walked in inside.items():
        for kind, form in walked.forms.items():
            found.setdefault(kind, (who, form))
    return [one for one in found.values() if name_of(one[1].action) not in NEVER_PASSED]


def test_nobody_gets_at_what_others_are_led_to(
    inside: dict[str, Walk], here: Place, as_: SignedIn, addresses: dict[str, str]
) -> None:
    """Every page that somebody in care is led to, and every form of theirs, tried by everybody else."""
    reached = set().union(*(walked.names for walked in inside.values()))
    assert len(reached) > 30
    for who in ("citizen", "today", "plan"):
        headers = as_("mette").get(next(a for a in inside["mette"].pages if name_of(a) == who)).headers
        assert "no-store" in headers["Cache-Control"]
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
    for who, walked in inside.items():
        assert not [(a, s) for a, s in walked.broken if s >= 500], who
        for address in walked.pages:
            assert not any(number in address for number in place.NUMBERS), address
    private = sorted(
        {a for walked in inside.values() for a in walked.pages if resolve(a.partition("?")[0]).kwargs}
    )
    forms = forms_of(inside)
    personal = _shown(as_("mette"))
    assert len(personal) > 5
    paths = sorted(as_("mette").get("/api/openapi.json").json()["paths"])
    before = rows()
    for who in OUTSIDERS:
        client = client_of(who, as_)
        for address in private:
            answer = client.get(address)
            name = name_of(address)
            allowed = who in MAY_GET.get(name, set())
            assert answer.status_code == 200 if allowed else answer.status_code in {302, 403, 404}, (
                who,
                address,
            )
            text = said(answer)
            assert "Testgaard" not in text.replace("Ditte Testgaard", ""), (who, address)
        for _, form in forms:
            if who in MAY_GET.get(name_of(form.action), set()):
                continue  # their own work
            answer = client.post(form.action, form.values)
            assert answer.status_code < 500, (who, form.action)
            if resolve(form.action.partition("?")[0]).kwargs:
                assert answer.status_code in {302, 403, 404, 405}, (who, form.action)
            assert "Karen Testgaard" not in said(answer), (who, form.action)
        _interfaces(client, who, here, personal, paths)
    for who, form in forms:  # with the session, but sent from another site: without the token
        client = Client(enforce_csrf_checks=True)
        client.force_login(here.users[who])
        assert client.post(form.action, form.values).status_code == 403, form.action
    assert _changed(before) == set()
    _scripts_in_every_field_stay_words(inside, here, as_, addresses)


def _scripts_in_every_field_stay_words(
    inside: dict[str, Walk], here: Place, as_: SignedIn, addresses: dict[str, str]
) -> None:
    """Every text field of every form takes a script, and far too much of it; no page runs it, none fails.

    What a form does not ask for (another citizen, another role, another organisation) it does not take.
    """
    forged = {
        "citizen": here.neighbour.key,
        "citizen_id": here.neighbour.key,
        "key": here.neighbour.key,
        "role": "administrator",
        "is_superuser": "on",
        "is_staff": "on",
        "owed_by": place.OTHER_MUNICIPALITY.sor,
        "user": "ole",
        "user_id": str(here.users["ole"].pk),
        "organisation_id": place.OTHER_MUNICIPALITY.sor,
    }
    people = {user.pk: (user.role, user.organisation_id, user.is_superuser) for user in User.objects.all()}
    neighbour = about(here.neighbour)
    failed: list[tuple[str, str]] = []
    tried: set[str] = set()
    for who, form in forms_of(inside):
        client = as_(who)
        far_too_much = SCRIPT * 500 + "\x00\ud7ff\u202e"
        for text in (SCRIPT, far_too_much) if name_of(form.action) not in tried else (SCRIPT,):
            sent = dict.fromkeys(form.texts, text)
            answer = client.post(form.action, forged | form.values | sent)
            if answer.status_code >= 500 or any(one in said(answer) for one in RAW):
                failed.append((form.action, text[:10]))
        tried.add(name_of(form.action))
    assert not failed
    _hostile_files(inside, as_)
    assert people == {u.pk: (u.role, u.organisation_id, u.is_superuser) for u in User.objects.all()}
    assert about(here.neighbour) == neighbour
    for who in ("mette", "karen"):
        walked = walk(as_(who), ["/", *addresses.values()])
        for address, page in walked.pages.items():
            assert not any(one in page for one in RAW), (who, address)
            if name_of(address) == "conversation-file":
                headers = as_(who).get(address).headers
                assert headers["X-Content-Type-Options"] == "nosniff"
                assert headers["Content-Disposition"].startswith("attachment")
        assert not [one for one in walked.broken if one[1] >= 500], who


def about(citizen: Citizen) -> Counter[str]:
    """Every row that refers to a citizen, but the trace of what was asked."""
    found: Counter[str] = Counter()
    for model in apps.get_models():
        if model.__name__ == "AccessEntry":
            continue
        for one in model._meta.concrete_fields:
            if one.name == "citizen":
                listed = model._default_manager.filter(**{one.attname: citizen.key}).values_list()
                found.update(f"{model.__name__} {row}" for row in listed)
    return found


EVIL = (
    "https://evil.example/",
    "//evil.example/",
    "\\\\evil.example",
    "javascript:alert(1)",
    "https:evil.example",
)


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_led_off_the_site(target: str, here: Place, as_: SignedIn) -> None:
    """Sign-in, language and every address that may take `next` lead to a page of the site only."""
    known = {"username": "mette", "password": "mette walks in the rain", "next": target}
    answers = [
        Client().post(reverse("sign-in") + f"?next={target}", known),
        Client().post(reverse("demo-sign-in"), {"user": "mette", "username": "mette", "next": target}),
        as_("mette").post(reverse("language"), {"language": "da", "next": target}),
        as_("mette").post(reverse("sign-out"), {"next": target}),
        as_("mette").get(reverse("sign-in") + f"?next={target}"),
        as_("mette").get(reverse("today") + f"?next={target}"),
    ]
    for answer in answers:
        location = answer.headers.get("Location", "/")
        assert location.startswith("/"), location
        assert not location.startswith(("//", "/\\")), location
        assert "evil" not in location.partition("?")[0]


def test_a_session_ends_with_what_it_stood_on(here: Place, as_: SignedIn) -> None:
    """Signed out, left, moved to another place or given another role: the old cookie opens nothing."""
    address = reverse("citizen", args=[here.citizen.key])
    mette = here.users["mette"]
    changes: list[dict[str, Any]] = [
        {"is_active": False},
        {"role": User.Role.ANALYST},
        {"organisation_id": place.OTHER_MUNICIPALITY.sor},
        {"password": "another"},
    ]
    for change in changes:
        before = {name: getattr(mette, name) for name in change}
        client = as_("mette")
        assert client.get(address).status_code == 200
        User.objects.filter(pk=mette.pk).update(**change)
        assert client.get(address).status_code in {302, 403, 404}, change
        User.objects.filter(pk=mette.pk).update(**before)
    client = as_("mette")
    stolen = client.cookies["sessionid"].value
    client.post(reverse("sign-out"))
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get(address).status_code == 302
    forged = Client()
    forged.cookies["sessionid"] = "a" * 32
    assert forged.get(address).status_code == 302


def _interfaces(client: Client, who: str, here: Place, personal: set[str], paths: list[str]) -> None:
    """Whatever the FHIR interface shows one, it shows nobody else by id; nor does the JSON interface."""
    for one in sorted(personal):
        assert client.get(f"/fhir/{one}").status_code in {401, 403, 404}, (who, one)
    for kind in sorted({one.partition("/")[0] for one in personal}):
        assert "Testgaard" not in said(client.get(f"/fhir/{kind}?_count=5")), (who, kind)
    for path in paths:
        answer = client.get(re.sub(r"{\w+}", "1" if "id}" in path else here.citizen.key, path))
        assert answer.status_code < 500, (who, path)
        assert "Testgaard" not in said(answer), (who, path)


def _shown(client: Client) -> set[str]:
    """Type and id of one resource of each type that is about a person, as somebody in care finds them."""
    shown: set[str] = set()
    for kind in sorted(set(TYPES) - PUBLIC):
        answer = client.get(f"/fhir/{kind}?_count=1")
        if answer.status_code == 200:
            shown |= {entry["fullUrl"].split("/fhir/")[1] for entry in answer.json().get("entry", [])}
    return shown


PUBLIC = {
    "Organization", "PlanDefinition", "ActivityDefinition", "Location", "Practitioner", "PractitionerRole",
    "Measure", "MeasureReport", "Library", "CodeSystem", "ValueSet", "CapabilityStatement",
    "OperationDefinition", "Endpoint", "HealthcareService", "SearchParameter", "StructureDefinition",
}  # fmt: skip


HOSTILE = {
    "page.html": ("text/html", b"<script>alert(1)</script>"),
    "picture.svg": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "../../../etc/passwd": ("application/pdf", b"%PDF-1.4 x"),
    "bomb.xml": (
        "application/xml",
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><a>&c;</a>',
    ),
    "xxe.xml": ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "deep.json": ("application/fhir+json", b'{"a":' * 5000 + b"1" + b"}" * 5000),
    "run.exe": ("application/pdf", b"MZ\x90\x00\x03"),
    "empty.pdf": ("application/pdf", b""),
    "\r\nSet-Cookie: a=b.pdf": ("application/pdf", b"%PDF-1.4"),
}


def _hostile_files(inside: dict[str, Walk], as_: SignedIn) -> None:
    """Every form that takes files is given bad ones: none fails the site, none is shown as a page of it."""
    forms = [(who, form) for who, form in forms_of(inside) if form.files]
    assert len(forms) >= 2
    for who, form in forms:
        client = as_(who)
        files = [SimpleUploadedFile(name, data, content_type=kind) for name, (kind, data) in HOSTILE.items()]
        sent = form.values | dict.fromkeys(form.texts, "hej")
        for one in form.files:
            page = said(client.post(form.action, sent | {one: files}))
            assert "root:" not in page
            assert '<svg xmlns="http://www.w3.org/2000/svg" onload' not in page
            for file in files:
                file.seek(0)

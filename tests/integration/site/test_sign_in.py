"""Signing in and out, and what is said when a page cannot be shown."""

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from naer.site.pathways import start
from tests.integration.site.conftest import SignedIn
from tests.place import Place

RIGHT = {"username": "mette", "password": "mette walks in the rain"}


def test_with_a_password(here: Place) -> None:
    client = Client()
    assert client.post("/sign-in/", RIGHT)["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"username": "nobody"}, {"username": ""}])
def test_wrong_answers_say_no_more_than_needed(change: dict[str, str], here: Place) -> None:
    answer = Client().post("/sign-in/", RIGHT | change)
    assert answer.status_code == 422
    if change.get("username") != "":
        assert "do not belong together" in answer.content.decode()
    assert "_auth_user_id" not in answer.client.session


def test_somebody_who_has_left(here: Place) -> None:
    here.users["mette"].is_active = False
    here.users["mette"].save()
    assert Client().post("/sign-in/", RIGHT).status_code == 422


def test_one_click_is_for_the_demo_only(here: Place, settings: Settings) -> None:
    client = Client()
    assert client.post("/sign-in/demo/", {"username": "mette"}).status_code == 404
    assert "Try it as" not in client.get("/sign-in/").content.decode()
    settings.MODE = "demo"
    assert "Mette Skitse" in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/demo/", {"username": "mette"})["Location"] == "/"


def test_one_click_is_for_demo_people_only(here: Place, settings: Settings) -> None:
    settings.MODE = "demo"
    here.users["mette"].is_demo = False
    here.users["mette"].save()
    assert Client().post("/sign-in/demo/", {"username": "mette"}).status_code == 404


def test_next_stays_on_this_site(here: Place) -> None:
    there = RIGHT | {"next": "/agreements/"}
    assert Client().post("/sign-in/", there)["Location"] == "/agreements/"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert Client().post("/sign-in/", RIGHT | {"next": elsewhere})["Location"] == "/"


def test_a_form_without_its_token_is_refused_in_words(here: Place) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(here.users["mette"])
    answer = client.post("/", {"name": "x"})
    assert answer.status_code == 403
    assert "The form was too old" in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "nothing here"), ("da", "ikke noget"), ("nb", "ikke noe")]
)
def test_not_found_in_every_language(language: str, words: str, as_: SignedIn) -> None:
    mette = as_("mette")
    mette.cookies["naer_language"] = language
    answer = mette.get("/nothing/")
    assert answer.status_code == 404
    assert words in answer.content.decode()


@pytest.mark.parametrize("fault", [RuntimeError("7101901234"), OperationalError("7101901234")])
def test_our_own_fault_is_told_in_words(
    fault: Exception, as_: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise fault

    mette = as_("mette")
    monkeypatch.setattr(start, "today", broken)
    mette.raise_request_exception = False
    answer = mette.get("/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "710190" not in answer.content.decode()


def test_a_wrong_host_is_a_bad_request(here: Place) -> None:
    answer = Client().get("/sign-in/", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400

"""The pages about access, as people use them."""

import pytest
from django.test import Client
from django.urls import reverse

from naer.site import clock
from naer.site.access import rules
from naer.site.access.models import AccessEntry, Emergency
from naer.site.notifications.models import Notification
from tests import place

pytestmark = pytest.mark.django_db


def test_from_a_search_that_finds_nobody_to_the_review() -> None:
    here = place.build()
    nora, mette = Client(), Client()
    nora.force_login(here.users["nora"])
    mette.force_login(here.users["mette"])
    found = nora.post(reverse("citizens"), {"text": place.NUMBERS[1]})
    assert reverse("emergency") in found.content.decode()
    assert AccessEntry.objects.get(action="search-failed").citizen == here.neighbour.key

    for given in (
        {"number": "", "reason": ""},
        {"number": place.NUMBERS[1], "reason": "x"},
        {"number": place.NUMBERS[1], "reason": "a          b"},  # long by its spaces only
        {"number": place.NUMBERS[1], "reason": f"Fundet på gaden, {place.NUMBERS[1]}"},
    ):
        assert nora.post(reverse("emergency"), given).status_code == 422
    unknown = {"number": place.NUMBERS[2], "reason": "Fundet på gaden"}
    assert nora.post(reverse("emergency"), unknown).status_code == 422
    assert not Emergency.objects.exists()
    record = reverse("citizen", args=[here.neighbour.key])
    assert nora.get(record).status_code == 404
    opened = nora.post(reverse("emergency"), {"number": place.NUMBERS[1], "reason": "Fundet på gaden <b>"})
    assert opened["Location"] == record
    assert nora.get(record).status_code == 200
    assert rules.relation(here.users["nora"], here.neighbour, clock.now()) == "emergency"
    assert Notification.objects.get(kind="emergency").user == here.users["mette"]

    page = mette.get(reverse("access-reviews")).content.decode()
    assert "Fundet på gaden &lt;b&gt;" in page
    assert "Aage" not in page, "whoever reviews sees no name they may not see"
    pk = Emergency.objects.get().pk
    for wrong in (
        {"emergency": "x"},
        {"emergency": pk, "verdict": ""},
        {"emergency": 9**30, "verdict": "right"},
    ):
        assert mette.post(reverse("access-reviews"), wrong).status_code == 422
    assert mette.post(reverse("access-reviews"), {"emergency": 999, "verdict": "right"}).status_code == 302
    assert nora.post(reverse("access-reviews"), {"emergency": pk, "verdict": "right"}).status_code == 403
    assert Emergency.objects.get().reviewed is None
    mette.post(reverse("access-reviews"), {"emergency": pk, "verdict": "wrong", "note": "Ring først"})
    assert "Ring først" in mette.get(reverse("access-reviews")).content.decode()

    log = mette.get(reverse("access-log"), {"who": "nora"}).content.decode()
    assert "Opened the record in an emergency" in log
    assert "Aage" not in log
    assert AccessEntry.objects.filter(user="mette", action="look-log").count() >= 2

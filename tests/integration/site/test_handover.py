"""Medicines at the handover: nothing is overwritten, every line has a named person, nothing is lost."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from naer.events.instant import DAY, HOUR, Instant
from naer.site.access.models import AccessEntry
from naer.site.discharge import handover
from naer.site.discharge.handover import Handover, NewerListError
from naer.site.discharge.medicines import Medicine
from naer.site.discharge.models import Confirmation, MedicineList
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import LoggedEvent
from tests import place
from tests.integration.site.conftest import SignedIn
from tests.place import Place

FURIX, MORE = Medicine("Furix", "40 mg", "1 morgen"), Medicine("Furix", "40 mg", "2 morgen")
SELO = Medicine("Selo", "50 mg", "1 morgen", "fixed")


def _write(here: Place, who: str, moment: str, *medicines: Medicine, seen: int, now: Instant) -> MedicineList:
    return handover.write_list(
        here.users[who], here.citizen, moment, medicines, after_version=seen, told=True,
        now=now, new_id=place.new_id,
    )  # fmt: skip


def _confirm(here: Place, who: str, name: str, decision: str, now: Instant, reason: str = "") -> Handover:
    held = handover.handover(here.citizen, now)
    line = next(one.id for one in held.lines if one.compared.name == name)
    return handover.confirm(
        here.users[who], here.citizen, line, decision, reason, now=now, new_id=place.new_id
    )


def _kinds(*names: str) -> list[str]:
    return list(LoggedEvent.objects.filter(kind__in=names).order_by("seq").values_list("kind", flat=True))


def test_the_citizen_is_told_to_stop_by_a_person_only(here: Place, now: Instant, as_: SignedIn) -> None:
    """What is missing on the list after may have been forgotten: until somebody says so it is not settled."""
    here.admit(now, hours=30)
    _write(here, "mette", "before", FURIX, SELO, seen=0, now=now - 5 * HOUR)
    _write(here, "doris", "after", SELO, seen=0, now=now - 4 * HOUR)
    own, page = as_("karen"), reverse("own-page", args=[here.citizen.key])
    shown = own.get(page).content.decode()
    assert ("Do not take it any more" in shown, "Not settled yet" in shown) == (False, True)
    _confirm(here, "doris", "Furix", "stopped", now, "Lavt blodtryk")
    assert "Do not take it any more" in own.get(page).content.decode()


def test_line_by_line_until_all_are_confirmed(here: Place, now: Instant) -> None:
    here.admit(now, hours=30)
    _write(here, "mette", "before", FURIX, SELO, seen=0, now=now - 5 * HOUR)
    assert not _kinds("medication_list")  # only a hospital or a practice says that it is up to date
    _write(here, "doris", "after", MORE, SELO, seen=0, now=now - 4 * HOUR)
    assert _kinds("medication_list") == ["medication_list"]
    held = handover.handover(here.citizen, now)
    assert [(one.compared.kind, one.compared.name) for one in held.lines] == [
        ("changed", "Furix"), ("same", "Selo"),
    ]  # fmt: skip
    assert (held.open, held.done) == (2, False)

    _confirm(here, "mette", "Selo", "continue", now - 3 * HOUR)
    with pytest.raises(ActionRefusedError, match="say why"):
        _confirm(here, "mette", "Furix", "changed", now)
    held = _confirm(here, "gunnar", "Furix", "unclear", now - 2 * HOUR, "Hvorfor dobbelt?")
    assert (held.open, held.done) == (1, False)
    held = _confirm(here, "gunnar", "Furix", "changed", now - HOUR, "Hjertesvigt")
    assert held.done
    furix = next(one for one in held.lines if one.compared.name == "Furix")
    assert [(one.row.name, one.reason) for one in furix.said] == [
        ("Gunnar Læge", "Hjertesvigt"), ("Gunnar Læge", "Hvorfor dobbelt?"),
    ]  # fmt: skip
    told = LoggedEvent.objects.get(kind="medication_confirmed")
    assert '"medicines":2' in told.attributes
    assert "Furix" not in told.attributes
    assert "Hjertesvigt" not in told.attributes
    assert not any(b"Furix" in bytes(row.content) for row in MedicineList.objects.all())
    assert not any(b"Hjertesvigt" in bytes(row.content) for row in Confirmation.objects.all())
    assert {"list-medicines", "confirm-medicine"} <= set(
        AccessEntry.objects.filter(citizen=here.citizen.key).values_list("action", flat=True)
    )

    # A newer list opens the lines it changed, and those only; what was said of the others stands.
    with pytest.raises(NewerListError):
        _write(here, "doris", "after", FURIX, SELO, seen=0, now=now)
    _write(here, "doris", "after", FURIX, SELO, seen=1, now=now)
    held = handover.handover(here.citizen, now)
    assert [one.compared.name for one in held.lines if not one.confirmed] == ["Furix"]
    assert [(row.moment, row.version) for row in held.versions] == [("after", 2), ("after", 1), ("before", 1)]
    with pytest.raises(NewerListError):
        handover.confirm(
            here.users["mette"], here.citizen, furix.id, "continue", "", now=now, new_id=place.new_id
        )
    _confirm(here, "mette", "Furix", "continue", now)
    assert _kinds("medication_confirmed") == ["medication_confirmed"] * 2


def test_the_pages(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now, hours=30)
    key, doris, mette = here.citizen.key, as_("doris"), as_("mette")
    page, lists = reverse("medicines", args=[key]), reverse("medicine-list", args=[key, "after"])
    rows = {"m-TOTAL_FORMS": "2", "m-INITIAL_FORMS": "0", "version": "0", "act": "write"}
    script = "<script>alert(1)</script>"
    rows |= {"m-0-name": script, "m-0-dose": "1", "m-1-dose": "2"}
    answer = doris.post(lists, rows)
    assert answer.status_code == 422
    assert script not in answer.content.decode()
    more = doris.post(lists, rows | {"act": "more"})
    assert more.status_code == 200
    assert 'name="m-5-name"' in more.content.decode()
    assert doris.post(lists, rows | {"m-1-name": "7101901234"}).status_code == 422
    assert doris.post(lists, rows | {"m-1-name": "Selo"}).status_code == 302
    shown = mette.get(page).content.decode()
    assert "Selo" in shown
    assert script not in shown
    # Somebody else was first: what was typed stands in the form, beside the newer list.
    late = mette.post(lists, rows | {"m-1-name": "Ibumetin"})
    assert late.status_code == 422
    assert {"Ibumetin", "Selo"} <= {name for name in ("Ibumetin", "Selo") if name in late.content.decode()}
    line = handover.handover(here.citizen, now).lines[0].id
    assert mette.post(page, {"act": "confirm", "line": line, "decision": "unclear"}).status_code == 422
    said = {"act": "confirm", "line": line, "decision": "unclear", "reason": script}
    assert mette.post(page, said).status_code == 302
    assert script not in mette.get(page).content.decode()
    assert mette.post(page, said | {"line": "0" * 64}).status_code == 302
    assert Confirmation.objects.count() == 1
    assert mette.post(page, {"act": "supply"}).status_code == 422
    assert mette.post(page, {"act": "supply", "until": "2026-03-09"}).status_code == 302
    assert _kinds("medicine_supplied") == ["medicine_supplied"]
    assert handover.handover(here.citizen, now).supplies[0][0].until == dt.date(2026, 3, 9)
    assert mette.post(page, {"act": "take-over", "letter": "1"}).status_code == 404
    assert as_("ole").get(page).status_code == 404
    assert mette.get(reverse("medicine-list", args=[key, "during"])).status_code == 404


def test_who_may_not(here: Place, now: Instant) -> None:
    with pytest.raises(ActionRefusedError, match="no stay"):
        _write(here, "mette", "before", FURIX, seen=0, now=now)
    here.admit(now, hours=30)
    for who in ("ole", "dina", "adam"):
        with pytest.raises(PermissionDenied):
            _write(here, who, "before", FURIX, seen=0, now=now)
    for wrong in (Medicine(" "), Medicine("x" * 201)):
        with pytest.raises(ActionRefusedError):
            _write(here, "mette", "before", wrong, seen=0, now=now)
    # The next stay begins anew.
    _write(here, "mette", "before", FURIX, seen=0, now=now)
    here.receive(here.notification("SLHJ", now), now=now)
    again = here.notification("STIN", now + DAY, fresh=True, episode="episode-9")
    here.receive(again, now=now + DAY)
    assert handover.handover(here.citizen, now + DAY).before is None
    assert MedicineList.objects.count() == 1

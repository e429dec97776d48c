"""MedicationStatement: what Norwegian letters list, to their parties, and never as if it still held."""

from typing import Any

from django.test import Client
from django.test.utils import CaptureQueriesContext

from naer.events.instant import DAY, HOUR, Instant, text
from naer.messages.content import Letter, Scalar
from naer.messages.content import Person as Named
from naer.site.messaging import letters
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from tests import place
from tests.integration.fhir.full import fill
from tests.integration.fhir.test_reading import client, matches, search, valid
from tests.place import Place

PARACET = {
    "medicine1.name": "Paracet", "medicine1.dose": "1 tabl ved behov", "medicine1.atc": "N02BE01",
    "medicine1.form": "53", "medicine1.strength": "500", "medicine1.unit": "mg",
    "medicine1.from": "2020-03-01", "medicine1.to": "2100-04", "medicine1.for": "Smerte",
    "medicine1.note": "Deles",
}  # fmt: skip


def report(here: Place, now: Instant, number: int, details: dict[str, Scalar], **more: Any) -> StoredLetter:
    """The hospital's discharge report to the municipality."""
    return letters.keep(
        Letter(
            type="UTSKRIVNINGSRAPPORT",
            message_id=f"report-{number}",
            sent=now,
            sender=place.HOSPITAL,
            receiver=place.MUNICIPALITY,
            person=Named(number=place.NUMBERS[0]),
            details=details,
            **more,
        ),
        standard="plo-utskrivningsrapport",
        citizen=here.citizen,
        sender=str(place.HOSPITAL.sor),
        receiver=str(place.MUNICIPALITY.sor),
        outgoing=None,
        now=now,
    )


def listed(browser: Client, asked: str = "") -> list[dict[str, Any]]:
    """What a search finds, each as FHIR has it."""
    found = matches(search(browser, f"MedicationStatement?_count=100&{asked}"))
    for one in found:
        valid(one)
    return found


def test_a_medicine_of_a_letter_is_a_statement(here: Place, now: Instant) -> None:
    fill(here, now)
    kept = report(here, now, 1, PARACET)
    mette = client(here, "mette")
    (found,) = listed(mette)
    assert found["id"] == f"{kept.pk}-1"
    assert found["status"] == "active"
    assert found["medicationCodeableConcept"] == {
        "coding": [{"system": "http://www.whocc.no/atc", "code": "N02BE01"}],
        "text": "Paracet 500 mg",
    }
    assert found["effectivePeriod"] == {"start": "2020-03-01", "end": "2100-04"}
    assert found["dosage"] == [{"text": "1 tabl ved behov"}]
    assert (found["reasonCode"], found["note"]) == ([{"text": "Smerte"}], [{"text": "Deles"}])
    assert found["informationSource"]["reference"] == f"Organization/{place.HOSPITAL.sor}"
    assert found["derivedFrom"] == [{"reference": f"Communication/{kept.pk}"}]
    assert mette.get(f"/fhir/Communication/{kept.pk}").status_code == 200
    assert mette.get(f"/fhir/MedicationStatement/{found['id']}").json() == found
    for other in (f"{kept.pk}-2", f"{kept.pk}", "x-1", "0-0"):
        assert mette.get(f"/fhir/MedicationStatement/{other}").status_code == 404, other


def test_only_its_parties_see_what_a_letter_lists(here: Place, now: Instant) -> None:
    fill(here, now)
    report(here, now, 1, PARACET)
    for name, user in here.users.items():
        answer = client(here, name).get("/fhir/MedicationStatement")
        seen = answer.status_code == 200 and "Paracet" in answer.content.decode()
        assert seen == (name in {"mette", "nora", "doris"}), (name, user.organisation_id)


def test_when_the_letter_was_written_decides_what_it_says(here: Place, now: Instant) -> None:
    fill(here, now)
    over: dict[str, Scalar] = {"medicine1.name": "Før", "medicine1.to": text(now - 3 * DAY)[:10]}
    later: dict[str, Scalar] = {"medicine2.name": "Senere", "medicine2.from": text(now + 3 * DAY)[:19]}
    report(here, now, 1, over | later)
    mette = client(here, "mette")
    assert [one["status"] for one in listed(mette)] == ["completed", "intended"]
    assert listed(mette)[1]["effectivePeriod"]["start"].endswith("Z")
    assert [one["status"] for one in listed(mette, "status=intended")] == ["intended"]
    assert len(listed(mette, "status:not=intended")) == 1
    assert listed(mette, "patient=nobody") == []


def test_a_letter_that_was_changed_or_cancelled_no_longer_stands(here: Place, now: Instant) -> None:
    fill(here, now)
    report(here, now - 2 * HOUR, 1, PARACET)
    report(here, now - HOUR, 2, {"medicine1.name": "Ny"}, status="change", parent="report-1", root="report-1")
    mette = client(here, "mette")
    assert [one["status"] for one in listed(mette)] == ["entered-in-error", "active"]
    changed = listed(mette)[0]["meta"]["lastUpdated"]
    assert len(listed(mette, f"_lastUpdated=ge{changed}")) == 2
    report(here, now, 3, {}, status="cancel", parent="report-2", root="report-1")
    assert [one["status"] for one in listed(mette)] == ["entered-in-error"] * 2
    assert listed(mette, f"_lastUpdated=le{changed}") == []


def test_pages_hold_each_medicine_once_and_cost_the_same(here: Place, now: Instant) -> None:
    from django.db import connection

    fill(here, now)
    mette = client(here, "mette")
    costs = []
    for letter in range(3):
        report(here, now, letter, {f"medicine{one}.name": f"M{letter}{one}" for one in range(1, 4)})
        with CaptureQueriesContext(connection) as asked:
            whole = listed(mette)
        costs.append(len(asked))
    assert len(whole) == 9
    assert len(set(costs)) == 1, costs
    assert search(mette, "MedicationStatement?_summary=count")["total"] == 9
    seen: list[str] = []
    address = "/fhir/MedicationStatement?_count=2"
    while address:
        bundle = mette.get(address).json()
        seen += [one["id"] for one in matches(bundle)]
        on = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        address = on[0] if on else ""
    assert seen == [one["id"] for one in whole]
    for wrong in ("x", "1", "1-", "-1"):
        assert mette.get(f"/fhir/MedicationStatement?_after={wrong}").status_code == 400, wrong
    assert listed(mette, "code=N02BE01") == []


def test_a_correction_counts_once_it_has_left(here: Place, now: Instant) -> None:
    fill(here, now)
    report(here, now - HOUR, 1, PARACET)
    out = OutgoingMessage.objects.create(
        message_id="report-2", kind="letter", standard="plo-utskrivningsrapport", created=now, state="waiting"
    )
    kept = report(here, now, 2, PARACET, status="change", parent="report-1")
    kept.outgoing = out
    kept.save()
    doris, mette = client(here, "doris"), client(here, "mette")
    assert [one["status"] for one in listed(doris)] == ["active", "active"]
    assert [one["status"] for one in listed(mette)] == ["active"]
    out.state = "given-up"
    out.save()
    assert [one["status"] for one in listed(doris)] == ["active", "entered-in-error"]
    out.state, out.sent = "sent", now
    out.save()
    assert [one["status"] for one in listed(mette)] == ["entered-in-error", "active"]

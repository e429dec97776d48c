"""The provenance chain: the newest Provenance, the message before, and every way a chain is broken."""

import pytest

from naer.messages import read
from tests.contract.medcom.hospital import at, message, read_tree, resource, tree


def test_the_newest_provenance_is_the_one_about_this_message():
    bundle = tree("SLHJ")
    first, own = resource(bundle, "Provenance", 0), resource(bundle, "Provenance", 1)
    first["occurredDateTime"] = "2026-03-30T10:00:00+02:00"
    bundle["entry"].insert(1, bundle["entry"].pop())
    said = read_tree(bundle).notification
    assert (said.activity, said.sent) == ("discharge-inpatient-home", at("2 10:05"))
    assert own["target"][0]["reference"] == "MessageHeader/header-1"


@pytest.mark.parametrize("target", ["MessageHeader/elsewhere", "MessageHeader/header-1"])
def test_without_one_about_this_message_the_latest_counts_and_is_flagged(target):
    bundle = tree("SLHJ")
    for place in (0, 1):
        resource(bundle, "Provenance", place)["target"][0]["reference"] = target
    incoming = read_tree(bundle)
    assert incoming.issues == []
    assert incoming.notification.activity == "discharge-inpatient-home"
    assert "Provenance.target" in [flag.path for flag in incoming.flags]


def test_the_chain_names_the_message_before_and_its_activity():
    said = read(message("SLOR")).notification
    assert (said.previous, said.role) == ("earlier-1", "revision")
    assert said.previous_activity == "start-leave-inpatient"
    assert read(message("AN_SLOR", leave_start=at("1 12:00"))).notification.role == "removal"
    first = read(message("STIN")).notification
    assert (first.previous, first.role, first.previous_activity) == (None, "", None)


@pytest.mark.parametrize("identifier", ["5799990000017#letter-9", "letter-9#5799990000017", "letter-9"])
def test_a_message_before_in_the_old_format_is_named_in_either_order(identifier):
    bundle = tree("SLHJ")
    resource(bundle, "Provenance", 1)["entity"][0]["what"] = {"identifier": {"value": identifier}}
    assert read_tree(bundle).notification.previous == "letter-9"


@pytest.mark.parametrize("what", [{"reference": "MessageHeader/never-seen"}, {}])
def test_a_broken_chain_is_a_flag(what):
    bundle = tree("SLHJ")
    resource(bundle, "Provenance", 1)["entity"][0]["what"] = what
    incoming = read_tree(bundle)
    assert incoming.issues == []
    assert [flag.path for flag in incoming.flags] == ["Provenance.entity"]


def test_a_chain_that_names_its_own_message_names_nothing():
    bundle = tree("SLHJ")
    resource(bundle, "Provenance", 1)["entity"][0]["what"]["reference"] = "MessageHeader/header-1"
    assert read_tree(bundle).notification.previous is None


def test_agents_that_do_not_resolve_and_changed_copies_are_no_matter():
    bundle = tree("SLHJ")
    for place in (0, 1):
        resource(bundle, "Provenance", place)["agent"] = [{"who": {"reference": "Organization/gone"}}]
    resource(bundle, "Provenance", 0)["occurredDateTime"] = "2020-01-01T00:00:00Z"
    incoming = read_tree(bundle)
    assert (incoming.issues, incoming.flags) == ([], [])

"""The municipality's answer in words: what is written is read again; anything else is at most a proposal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naer.events.instant import MINUTE, ZONES, Instant, from_local, local
from naer.messages.ready_answer import Country, Proposed, propose, write

AT = 1_773_046_800_000_000  # 2026-03-09 09:00 UTC, 10:00 in both countries


@given(
    st.booleans(),
    st.none() | st.integers(0, 4_102_444_800).map(lambda seconds: seconds // 60 * MINUTE),
    st.sampled_from(["", "Ring 12 34 56 78 først.", "Hjemmesygeplejen kommer kl. 14."]),
    st.sampled_from(["DK", "NO"]),
)
def test_what_is_written_is_read_again(can: bool, since: Instant | None, more: str, country: Country) -> None:
    if since is not None:  # the hour that comes twice in autumn has no name of its own
        here = local(since, ZONES[country])
        since = from_local(here.replace(tzinfo=None), ZONES[country])
    assert propose(write(can, since, more, country), country) == Proposed(can, since)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kommunen kan ta imot pasienten fra 09.03.2026 kl. 10:00", Proposed(True, AT)),
        ("Vi kan dessverre ikke ta imot pasienten.", Proposed(False)),
        ("Vi kan ikke motta før 9.3.2026 kl 10.00.", Proposed(False, AT)),
        ("Vi kan modtage hende. Aftalt 1.3.2026, klar 9.3.2026.", Proposed(True)),
        ("Vi kan modtage fra 31.02.2026", Proposed(True)),
        ("Takk for beskjeden, vi kommer tilbake.", None),
        ("Vi kan ikke motta i dag, men vi kan ta imot i morgen.", None),
        ("kan " * 5000 + "ikke", None),
        ("", None),
    ],
)
def test_what_others_write_is_a_proposal_at_most(text: str, found: Proposed | None) -> None:
    assert propose(text, "NO") == found

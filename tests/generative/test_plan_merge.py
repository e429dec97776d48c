"""Two changes of one text at once: nothing that anybody wrote is lost, whoever was second."""

from hypothesis import given, settings
from hypothesis import strategies as st

from naer.site.plans.wording import Wording, difference, merge

LINES = st.lists(st.sampled_from(["bad", "mad", "gang", "søvn", ""]), max_size=6).map("\n".join)
WORDINGS = st.fixed_dictionaries(
    {}, optional={"text": LINES, "plain": LINES, "state": st.sampled_from(["planned", "done"])}
).map(lambda found: {name: text for name, text in found.items() if text})


@given(WORDINGS, WORDINGS)
def test_where_only_one_wrote_it_is_theirs(base: Wording, changed: Wording) -> None:
    for mine, theirs in ((changed, base), (base, changed), (changed, changed)):
        merged = merge(base, mine, theirs)
        assert (merged.wording, merged.conflicts) == (changed, ())


@given(WORDINGS, WORDINGS, WORDINGS)
def test_it_is_the_same_whoever_was_second(base: Wording, one: Wording, other: Wording) -> None:
    first, second = merge(base, one, other), merge(base, other, one)
    assert first.conflicts == second.conflicts
    for name in base.keys() | one.keys() | other.keys():
        if name in first.conflicts:
            assert first.wording.get(name, "") == one.get(name, "")
        else:
            assert first.wording.get(name) == second.wording.get(name)


@settings(max_examples=200)
@given(LINES, st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=4))
def test_every_line_that_either_added_is_there(base: str, added: list[tuple[int, bool]]) -> None:
    lines = base.split("\n")
    mine, theirs = list(lines), list(lines)
    for number, (at, by_me) in enumerate(sorted(added, reverse=True)):
        (mine if by_me else theirs).insert(min(at, len(lines)), f"ny {number}")
    merged = merge({"text": base}, {"text": "\n".join(mine)}, {"text": "\n".join(theirs)})
    if not merged.conflicts:
        found = merged.wording.get("text", "").split("\n")
        assert {line for line in (*mine, *theirs) if line.startswith("ny")} <= set(found)
        assert [line for line in found if not line.startswith("ny")] == lines


@given(st.text("ab \n", max_size=30), st.text("ab \n", max_size=30))
def test_a_difference_tells_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(text for what, text in pieces if what != "new") == before
    assert "".join(text for what, text in pieces if what != "gone") == after

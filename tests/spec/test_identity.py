"""A new identity is a random UUID, written as every UUID is."""

import uuid

from naer.site.identity import new_id


def test_it_is_a_uuid_of_version_4_and_never_the_same() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == len(made)
    read = [uuid.UUID(one) for one in made]
    assert [str(one) for one in read] == made
    assert {(one.version, one.variant) for one in read} == {(4, uuid.RFC_4122)}
    assert len({one.bytes[8] >> 4 for one in read}) == 4

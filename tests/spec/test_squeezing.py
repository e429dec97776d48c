"""What was stored stays readable: the phrases are part of the format."""

import zlib
from hashlib import sha256

import pytest

from naer.site.messaging import squeezing


def test_the_phrases_never_change() -> None:
    """They are needed to read everything stored since; other phrases need another file."""
    data = squeezing.__file__.replace("squeezing.py", "phrases-1.txt")
    with open(data, "rb") as file:
        assert (
            sha256(file.read()).hexdigest()
            == "f89caffd217c5205f263f81f2af68ed7fd359c61501cedf50afc747f826e576b"
        )


@pytest.mark.parametrize("data", [b"", b"x", b'{"resourceType":"Bundle"}' * 300, bytes(range(256)) * 2000])
def test_what_is_squeezed_comes_back(data: bytes) -> None:
    small = squeezing.squeeze(data)
    assert squeezing.expand(small) == data
    assert squeezing.squeeze(data) == small  # nothing of one message gets into the next
    with pytest.raises(zlib.error):
        squeezing.expand(small[:-1])


def test_what_was_stored_before_the_phrases_is_read() -> None:
    data = b'{"resourceType":"Bundle","type":"message"}'
    former = zlib.compressobj(1, zlib.DEFLATED, 13, 6)
    assert squeezing.expand(former.compress(data) + former.flush()) == data
    assert squeezing.expand(zlib.compress(data)) == data

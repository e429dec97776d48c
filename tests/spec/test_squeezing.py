"""What was stored stays readable: the phrases are part of the format."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from naer.site.messaging import squeezing

FOLDER = Path(squeezing.__file__).parent


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("phrases-1.txt", "f89caffd217c5205f263f81f2af68ed7fd359c61501cedf50afc747f826e576b"),
        ("phrases-2.zstd", "6c01c3fd14403e10f623f8212cb58d50ad19731feca0203429c5a39148017c8c"),
    ],
)
def test_the_phrases_never_change(name: str, digest: str) -> None:
    """They are needed to read everything stored since; other phrases need another file."""
    assert sha256((FOLDER / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("data", [b"", b"x", b'{"resourceType":"Bundle"}' * 300, bytes(range(256)) * 2000])
def test_what_is_squeezed_comes_back(data: bytes) -> None:
    small = squeezing.squeeze(data)
    assert squeezing.expand(small) == data
    assert squeezing.squeeze(data) == small  # nothing of one message gets into the next
    with pytest.raises(ValueError, match="ended before"):
        squeezing.expand(small[:-1])


def test_threads_may_squeeze_at_once() -> None:
    given = [b'{"resourceType":"Bundle","id":"%d"}' % number * 200 for number in range(200)]
    with ThreadPoolExecutor(4) as threads:
        assert list(map(squeezing.expand, threads.map(squeezing.squeeze, given))) == given


def test_what_was_stored_with_the_phrases_alone_is_read() -> None:
    data = b'{"resourceType":"Bundle","type":"message"}' * 50
    phrases = (FOLDER / "phrases-1.txt").read_bytes()
    former = zlib.compressobj(3, zlib.DEFLATED, 14, 5, zdict=phrases)
    small = former.compress(data) + former.flush()
    assert squeezing.expand(small) == data
    with pytest.raises(ValueError, match="incomplete"):
        squeezing.expand(small[:-1])


def test_what_was_stored_before_the_phrases_is_read() -> None:
    data = b'{"resourceType":"Bundle","type":"message"}'
    former = zlib.compressobj(1, zlib.DEFLATED, 13, 6)
    assert squeezing.expand(former.compress(data) + former.flush()) == data
    assert squeezing.expand(zlib.compress(data)) == data

"""CSV read in blocks is the CSV read row by row, whatever stands in the file and wherever a block ends."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from naer.logs.columns import Layout
from naer.logs.csv import CsvTable
from naer.logs.files import Source
from naer.logs.store.sources_csv import blocks

_sound = ["a", "", "007", "NA", "1.0", "æ", " ", '"q"', '"a""b"', '"a,b"', '"x\ny"', '"x\r\ny"', '"æ;"']
_cells = st.sampled_from([*_sound, '"open', 'b"c', '"a"b', ' "s"', "\r", "\x00"])
_lines = st.one_of(st.lists(_cells, min_size=3, max_size=3), st.lists(_cells, max_size=5)).map(",".join)
_body = st.builds(
    lambda lines, end, tail: (end.join(lines) + (end if tail else "")).encode(),
    st.lists(_lines, max_size=30),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
_disturbed = st.builds(
    lambda body, noise, place: body[: place % (len(body) + 1)] + noise + body[place % (len(body) + 1) :],
    _body,
    st.binary(max_size=4),
    st.integers(0, 400),
)


@given(body=_disturbed, size=st.integers(16, 300))
@settings(max_examples=300)
def test_a_file_in_blocks_has_the_rows_that_it_has_one_by_one(body, size):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_bytes(b"p,k,t\n" + body)
        source = Source(path)
        slow = [
            _shown(None if isinstance(row, str) else row.values())
            for row in CsvTable(source).rows(Layout({}))
        ]
        source.close()
        found: dict[int, list[str] | None] = {}
        source, count = Source(path), 0
        for block in blocks(source, path, size):
            count += block.rows
            found |= dict(zip(block.numbers.to_list(), map(_shown, block.frame.rows()), strict=True))
            found |= dict.fromkeys(number for number, _ in block.broken)
        source.close()
    assert count == len(slow)
    assert [found[number] for number in sorted(found)] == slow


def _shown(cells):
    """An empty cell is missing."""
    return None if cells is None else [cell or None for cell in cells]

"""Code that numba made once is called without numba, and never where anything it depends on has changed."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

MODULE = """
    import numpy as np
    from naer.jit import njit

    STEP = 3

    @njit(nogil=True, cache=True)
    def more(value):
        return value + STEP

    @njit(nogil=True, cache=True)
    def total(values, twice, factors, out):
        found = 0
        for one in values:
            found += more(one) * factors[0][1]
        for place in range(len(out)):
            out[place] = 0
        out[0] = found
        return (2 * found if twice else found), len(values)

    @njit(counting=True, nogil=True, cache=True)
    def anew(count):
        return np.arange(count)

    @njit(nogil=True, cache=True)
    def shares(one, other):
        return one // other
"""
CALLS = """
    import sys
    import numpy as np
    import some
    out = np.ones(99, np.int64)
    factors = (np.array([1, 5]), np.zeros((2, 2), np.uint8))
    print(some.total(np.arange(4, dtype=np.int32), True, factors, out), out.sum(),
          [name for name in ("llvmlite", "numba") if name in sys.modules])
"""
MORE = """
    print(some.anew(3).tolist(), some.shares(7, 2))
    try:
        some.shares(1, 0)
    except ArithmeticError:
        print("told")
"""


@pytest.fixture
def called(tmp_path):
    """Run some lines with the module as given, in a process of its own that keeps code in `tmp_path`."""

    def run(module: str, lines: str) -> str:
        (tmp_path / "some.py").write_text(textwrap.dedent(module))
        known = {"NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONPATH": f"src{os.pathsep}{tmp_path}"}
        given = [sys.executable, "-B", "-c", textwrap.dedent(lines)]
        done = subprocess.run(given, capture_output=True, text=True, env=os.environ | known)
        assert done.stderr == ""
        return done.stdout.strip()

    return run


SCREEN = """
    import io, sys
    from naer import lazily
    class Screen(io.StringIO):
        isatty = lambda self: True
    sys.stderr = Screen()
    lazily.arrange()
"""
SEEN = """
    print(sys.stderr.getvalue().count("compiling, once"))
"""


def test_a_second_process_needs_no_numba_and_the_first_says_what_takes_so_long(called):
    assert called(MODULE, SCREEN + CALLS + MORE + SEEN) == (
        "(180, 4) 90 ['llvmlite', 'numba']\n[0, 1, 2] 3\ntold\n1"
    )
    assert called(MODULE, SCREEN + CALLS + SEEN) == "(180, 4) 90 []\n0"


def test_what_is_kept_takes_the_place_of_what_it_was(called, tmp_path):
    def kept() -> set[str]:
        return {one.name for one in (tmp_path / "kept").glob("*.native")}

    one_more = CALLS + "    some.total(np.arange(9, dtype=np.int16), True, factors, out)\n"
    called(MODULE, one_more)
    before = kept()
    called(MODULE.replace("STEP = 3", "STEP = 4"), CALLS)
    after = kept()
    assert len({name for name in before if ".total." in name}) == 2
    assert len({name for name in after if ".total." in name}) == 1
    assert not before & {name for name in after if ".total." in name}


@pytest.mark.parametrize("writable", ["folder", "file"])
def test_code_that_somebody_else_may_have_written_is_not_taken(tmp_path, monkeypatch, writable):
    native = pytest.importorskip("naer.native")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = native.folder_for("some.py")
    native.write(folder, "some", "version", "i", {"only numba": True}, b"")
    place = native.place(folder, "some", "version", "i")
    assert [path.stat().st_mode & 0o777 for path in (folder, place)] == [0o700, 0o600]
    with pytest.raises(ValueError, match="needs numba"):  # what was kept says so: it was taken
        native.read(place)
    (folder if writable == "folder" else place).chmod(0o720)
    assert native.read(place) is None
    own = tmp_path / ("cache/naer/native" if writable == "folder" else "kept")
    assert native.folder_for("some.py") == own


def version(module: str) -> str:
    """What the code of `total` is kept under."""
    native = pytest.importorskip("naer.native")
    found: dict[str, object] = {}
    exec(compile(textwrap.dedent(module), "some.py", "exec"), found)
    return native.version_of(found["total"].reached())


def test_code_that_is_not_whole_is_not_run(tmp_path):
    """As after a power cut: the name was kept, and not all of what was written."""
    native = pytest.importorskip("naer.native")
    if not native.SUPPORTED:
        pytest.skip("numba itself runs everything here")
    said = {"only numba": False, "results": "none", "entry": 0, "outside": {}}
    returns = b"\x31\xc0\xc3"  # xor eax, eax; ret
    folder = tmp_path / "kept"
    native.write(folder, "some", "version", "i", said, returns + bytes(61))
    place = native.place(folder, "some", "version", "i")
    whole = place.read_bytes()
    assert native.read(place)([1]) is None
    flipped = bytearray(whole)
    flipped[-40] ^= 1
    for spoiled in (b"", whole[:-1], whole[: len(whole) // 2], bytes(len(whole)), bytes(flipped)):
        place.write_bytes(spoiled)
        assert native.read(place) is None


def test_code_is_made_anew_when_what_it_calls_or_reads_has_changed():
    changed = [
        MODULE,
        MODULE.replace("STEP = 3", "STEP = 4"),
        MODULE.replace("value + STEP", "value - STEP"),
        MODULE.replace("2 * found", "3 * found"),
        MODULE.replace("@njit(nogil=True, cache=True)\n    def more", "@njit(counting=True)\n    def more"),
    ]
    assert len({version(one) for one in changed}) == len(changed)
    assert version(MODULE.replace("import numpy as np", "# moved down\n    import numpy as np")) == version(
        MODULE
    )


def test_types_tell_code_apart():
    native = pytest.importorskip("naer.native")
    column = np.zeros(3, np.int32)
    shown = column.view()
    shown.flags.writeable = False
    known = [native.code_of([one]) for one in (column, shown, column.astype(np.int64), True, 1, (1, column))]
    assert None not in known
    assert len(set(known)) == len(known)
    for other in (column[::2], np.zeros(2), 2**63, 1.0, "text", np.int64(1).astype(np.uint64)):
        assert native.code_of([other]) is None


def test_where_code_cannot_be_loaded_numba_runs_everything(monkeypatch):
    native = pytest.importorskip("naer.native")
    from naer import jit

    monkeypatch.setattr(native, "SUPPORTED", False)
    assert jit.njit()(lambda one: one)._native("i", (1,)) is None

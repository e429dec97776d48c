"""Large libraries are loaded by their first use, and are then the same as any other."""

import importlib
import json
import subprocess
import sys

import pytest

from naer import lazily


def test_a_library_is_loaded_when_it_is_used():
    script = """
import sys
from naer import lazily
lazily.arrange()
import polars as pl
print("polars.dataframe" in sys.modules, type(sys.modules["polars"]).__name__)
frame = pl.DataFrame({"a": [1, 2]})
import polars
print("polars.dataframe" in sys.modules, polars.DataFrame is pl.DataFrame, type(polars).__name__)
lazily.arrange()
print(sys.modules["polars"] is polars)
try:
    pl.no_such_name
except AttributeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "False Later",
        "True True module",
        "True",
        "module 'polars' has no attribute 'no_such_name'",
    ]


def test_a_replay_of_a_store_needs_none():
    script = """
import sys
from naer import lazily
lazily.arrange()
import naer.cli.replay, naer.history.columns, naer.history.stored, naer.columnar.evaluate
print([name for name in lazily.LARGE if type(sys.modules[name]).__name__ != "Later"])
unused = ("llvmlite", "naer.agreement.reading", "naer.logs.read", "numba", "numpy.ma")
print([name for name in unused if name in sys.modules])
import numpy
print(numpy.median.__name__, bool(numpy.ma.masked), bool(numpy.ndarray.sum.__doc__))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]", "median False False"]


def test_one_is_pickled_by_its_name():
    """Spark hands what its workers run over by pickle, with the modules that it names."""
    script = """
import pickle, sys
from naer import lazily
lazily.arrange()
import polars as pl
before = pickle.dumps(pl)
print(type(sys.modules["polars"]).__name__, type(pickle.loads(before)).__name__)
print(pickle.loads(before).DataFrame is pl.DataFrame, pickle.dumps(pl) == before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["Later Later", "True True"]


def test_what_is_hidden_is_there_again_afterwards():
    sys.modules.pop("colorsys", None)
    with lazily.without("colorsys", "json"):
        assert importlib.import_module("json") is json, "what was loaded before is hidden"
        with pytest.raises(ImportError):
            importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)

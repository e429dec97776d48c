"""Classes of events are learnt while several threads ask for them."""

import numpy as np
import pytest

from naer.agreement import load
from naer.columnar.classes import Classifier
from naer.columnar.compile import compile_line
from naer.columnar.roles import Roles
from naer.events.chunk import Chunk

KINDS = ("admitted", "admission_report", "discharged", "said_by_nobody")


def test_a_class_that_another_thread_learns_meanwhile_is_not_missed():
    kernel = pytest.importorskip("naer.columnar.kernel")
    plan = compile_line(load("dk-national").lines[0])
    events = np.arange(4)
    chunk = Chunk(
        events, events.astype(np.uint8), KINDS, np.array([0, 4]), np.array([0, 1]), np.zeros(1, np.int32)
    )
    classifier = Classifier(Roles(plan, frozenset({"pathway"})))
    asked = 0

    def beside_another(*given: object) -> None:
        nonlocal asked
        asked += 1
        kernel.assign(*given)
        if asked == 1:
            classifier.classify(chunk, kernel.assign)

    classes, table = classifier.classify(chunk, beside_another)
    assert asked == 2
    assert classes.min() == classes[3] == 0
    assert len(set(classes[:3].tolist())) == 3
    assert len(table.phases) == 4

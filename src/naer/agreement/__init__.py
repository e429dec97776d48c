"""The agreement language: read, check, explain, evaluate.

>>> from naer.agreement import load, evaluate
"""

from typing import TYPE_CHECKING

from naer.agreement.document import AgreementError, Problem
from naer.agreement.language import Agreement, Clause, in_language
from naer.agreement.loader import library, load, load_all
from naer.agreement.obligation import Escalation, Obligation, ResolvedParty
from naer.agreement.portfolio import Line, Portfolio
from naer.agreement.register import NoRegister, Register

if TYPE_CHECKING:
    from naer.agreement.reference import evaluate

__all__ = [
    "Agreement",
    "AgreementError",
    "Clause",
    "Escalation",
    "Line",
    "NoRegister",
    "Obligation",
    "Portfolio",
    "Problem",
    "Register",
    "ResolvedParty",
    "evaluate",
    "in_language",
    "library",
    "load",
    "load_all",
]


def __getattr__(name: str) -> object:
    """The evaluator, imported when first asked for: a replay of columns does without."""
    if name == "evaluate":
        from naer.agreement.reference import evaluate

        return evaluate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

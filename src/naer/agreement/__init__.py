"""The agreement language: read, check, explain, evaluate.

>>> from naer.agreement import load, evaluate
"""

from naer.agreement.document import AgreementError, Problem
from naer.agreement.language import Agreement, Clause, in_language
from naer.agreement.loader import library, load, load_all
from naer.agreement.obligation import Escalation, Obligation, ResolvedParty
from naer.agreement.portfolio import Line, Portfolio
from naer.agreement.reference import evaluate
from naer.agreement.register import NoRegister, Register

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

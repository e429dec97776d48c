"""The citizens of the synthetic region. No person number here can be a real one: its day is 61 to 91."""

import datetime as dt
import random
from dataclasses import dataclass

from naer.demo.region import DEMO_PLACES, PLACES, practices

WOMEN = (
    "Karen", "Kirsten", "Inger", "Else", "Birthe", "Grethe", "Lis", "Jytte", "Hanne", "Bodil", "Ruth",
    "Ingrid", "Gerda", "Tove", "Ellen", "Edith", "Rita", "Aase", "Vibeke", "Solveig", "Lone", "Merete",
)  # fmt: skip
MEN = (
    "Jens", "Niels", "Poul", "Hans", "Svend", "Erik", "Kaj", "Aage", "Ove", "Knud", "Børge", "Villy", "Leif",
    "Jørgen", "Mogens", "Preben", "Bent", "Flemming", "Egon", "Arne", "Holger", "Frode", "Verner", "Ejner",
)  # fmt: skip
MIDDLE = ("Bech", "Dam", "Friis", "Holm", "Juul", "Kjær", "Lund", "Ravn", "Skov", "Toft", "Vang", "Winther")
FAMILY = (
    "Andersen", "Bertelsen", "Christensen", "Dahl", "Eriksen", "Frandsen", "Gregersen", "Hansen", "Iversen",
    "Jensen", "Kristensen", "Larsen", "Madsen", "Nielsen", "Olesen", "Pedersen", "Rasmussen", "Sørensen",
    "Thomsen", "Ulriksen", "Vestergaard", "Østergaard", "Aagaard", "Mortensen", "Poulsen", "Bruun",
)  # fmt: skip
CASES = ("home-care", "home-nursing", "rehabilitation", "long-term-housing", "reablement")
CASE_WEIGHTS = (40, 28, 12, 12, 8)


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented citizen: `key` is how Naer calls them, `number` the (impossible) person number."""

    key: str
    number: str
    name: str
    born: dt.date
    municipality: str
    practice: str
    """Key of the general practice."""
    case: str
    opened: dt.date
    frailty: float
    """How often things happen, 1 being the middle."""
    staged: int | None
    """Place in the pool that keeps a demo municipality's day busy; None for most."""


def impossible_number(born: dt.date, serial: int) -> str:
    """Ten digits like a Danish person number, with 60 added to the day of month."""
    return f"{born.day + 60:02d}{born:%m%y}{serial:04d}"


def people(rng: random.Random, count: int, today: dt.date, pool: int) -> list[Resident]:
    """`count` residents, spread over the municipalities by inhabitants, the same for the same `rng`.

    In each demo municipality the first `pool` residents (or all, if fewer) are staged.
    """
    by_place: dict[str, list[str]] = {}
    for practice in practices():
        by_place.setdefault(practice.municipality, []).append(practice.key)
    everyone: list[Resident] = []
    taken: set[str] = set()
    for code, share in _shares(count).items():
        for place in range(share):
            staged = place if code in DEMO_PLACES and place < pool else None
            everyone.append(_resident(rng, code, by_place[code], today, staged, taken))
    return everyone


def _shares(count: int) -> dict[str, int]:
    """How many of `count` live in each municipality: at least one, the rest by inhabitants."""
    total = sum(place.thousands for place in PLACES)
    shares = {place.code: max(1, round(count * place.thousands / total)) for place in PLACES}
    largest = max(shares, key=lambda code: shares[code])
    shares[largest] = max(1, shares[largest] + count - sum(shares.values()))
    return shares


def _resident(
    rng: random.Random,
    code: str,
    own_practices: list[str],
    today: dt.date,
    staged: int | None,
    taken: set[str],
) -> Resident:
    age = min(103, max(42, round(rng.gauss(81, 9))))
    born = today - dt.timedelta(days=age * 365 + rng.randrange(365))
    woman = rng.random() < 0.58
    while True:
        # A seventh digit of 0 to 3 says "born in the 1900s"; an even last digit says woman.
        number = impossible_number(born, rng.randrange(0, 2000) * 2 + (0 if woman else 1))
        if number not in taken:
            break
    taken.add(number)
    given = rng.choice(WOMEN if woman else MEN)
    middle = f" {rng.choice(MIDDLE)}" if rng.random() < 0.7 else ""
    return Resident(
        key=f"c{rng.getrandbits(80):020x}",
        number=number,
        name=f"{given}{middle} {rng.choice(FAMILY)}",
        born=born,
        municipality=code,
        practice=rng.choice(own_practices),
        case=rng.choices(CASES, CASE_WEIGHTS)[0],
        opened=today - dt.timedelta(days=rng.randrange(420, 3000)),
        frailty=rng.lognormvariate(-0.18, 0.6),
        staged=staged,
    )

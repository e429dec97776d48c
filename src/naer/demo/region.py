"""The organisations of the synthetic region, and how well each keeps its agreements.

Municipality names and codes are those of Region Nordjylland; how they perform here is invented.
Hospitals and practices are examples, and all SOR and location numbers are synthetic: SOR ids begin
with 999, location numbers with 29, a GS1 range that is never given out for use between companies.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """How a municipality works; shares between 0 and 1, hours and days as medians."""

    automatic: float
    """Share of admission reports its record system sends within the hour."""
    report_hours: float
    """Hours until a person sends the others."""
    never: float
    """Share of admission reports that are forgotten: sent days late, or (one in five) never."""
    answer_hours: float
    """Hours until it answers a ready notice."""
    waiting_days: float
    """Days a citizen who is ready waits, where there is a wait."""
    contact_days: float
    """Working days until the first rehabilitation contact."""
    visit_days: float
    """Days until the first follow-up visit."""


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality: code, name, inhabitants in thousands, its hospitals by nearness, its habits."""

    code: str
    name: str
    thousands: float
    hospitals: tuple[int, ...]
    habits: Habits


@dataclass(frozen=True, slots=True)
class Hospital:
    """An invented hospital: name, municipality where it lies, and how often it does what it owes in time."""

    name: str
    municipality: str
    forecast: float
    """Share of care forecasts sent before the day of discharge."""
    ready: float
    """Share of ready notices sent within two hours."""
    plan: float
    """Share of rehabilitation plans made before discharge."""
    calls: float
    """Share of discharges outside the window that are phoned first."""


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation of the register; `key` is its SOR id."""

    key: str
    name: str
    role: str
    municipality: str
    gln: str


HOSPITALS = (
    Hospital("Eksempelhospitalet Limfjorden", "851", forecast=0.88, ready=0.90, plan=0.96, calls=0.80),
    Hospital("Eksempelhospitalet Vendsyssel", "860", forecast=0.81, ready=0.84, plan=0.92, calls=0.88),
    Hospital("Eksempelhospitalet Thy-Mors", "787", forecast=0.90, ready=0.93, plan=0.97, calls=0.90),
    Hospital("Eksempelhospitalet Himmerland", "846", forecast=0.76, ready=0.80, plan=0.90, calls=0.72),
)

PLACES = (
    Place("773", "Morsø", 20, (2, 0), Habits(0.62, 11, 0.004, 3.0, 1.2, 3.6, 5.0)),
    Place("787", "Thisted", 43, (2, 0), Habits(0.70, 9, 0.003, 2.4, 1.0, 3.0, 4.6)),
    Place("810", "Brønderslev", 37, (1, 0), Habits(0.55, 13, 0.008, 3.8, 1.9, 3.9, 5.8)),
    Place("813", "Frederikshavn", 58, (1, 0), Habits(0.60, 12, 0.006, 3.2, 1.5, 3.4, 5.4)),
    Place("820", "Vesthimmerland", 36, (3, 0), Habits(0.48, 15, 0.010, 4.5, 2.2, 4.2, 6.2)),
    Place("825", "Læsø", 2, (1, 0), Habits(0.40, 12, 0.004, 3.0, 1.4, 3.2, 5.0)),
    Place("840", "Rebild", 31, (0, 3), Habits(0.72, 8, 0.002, 2.2, 0.9, 2.8, 4.2)),
    Place("846", "Mariagerfjord", 42, (3, 0), Habits(0.58, 12, 0.006, 3.5, 1.6, 3.7, 5.5)),
    Place("849", "Jammerbugt", 38, (0, 1), Habits(0.52, 14, 0.009, 4.0, 2.0, 4.0, 6.0)),
    Place("851", "Aalborg", 224, (0,), Habits(0.66, 10, 0.004, 2.8, 1.3, 3.2, 4.8)),
    Place("860", "Hjørring", 63, (1, 0), Habits(0.64, 11, 0.005, 3.0, 1.4, 3.4, 5.0)),
)
"""The eleven municipalities. Names and codes are real, inhabitants rounded, habits invented."""

PRACTICE_NAMES = (
    "Lægerne ved Åen", "Lægehuset Fyrkat", "Praksis Lyngen", "Lægerne Havnegade", "Lægehuset Nørreport",
    "Praksis Bøgely", "Lægerne Kirkebakken", "Lægehuset Vestre Allé", "Praksis Enghaven", "Lægerne Møllen",
)  # fmt: skip
DEMO_PLACES = ("851", "860")
"""The municipalities whose coordinators can be entered with one click."""


def place(code: str) -> Place:
    """The municipality with this code."""
    return next(each for each in PLACES if each.code == code)


def municipalities() -> list[Party]:
    """The eleven municipalities as parties."""
    return [_party(f"{each.name} Kommune", "municipality", each.code, int(each.code)) for each in PLACES]


def hospitals() -> list[Party]:
    """The four invented hospitals as parties, in the order of `HOSPITALS`."""
    return [
        _party(each.name, "hospital", each.municipality, 7000 + number)
        for number, each in enumerate(HOSPITALS, start=1)
    ]


def practices() -> list[Party]:
    """One invented practice for about 25,000 inhabitants, at least one in each municipality."""
    found = []
    for each in PLACES:
        for number in range(max(1, round(each.thousands / 25))):
            name = f"{PRACTICE_NAMES[number]}, {each.name} (eksempel)"
            found.append(_party(name, "gp", each.code, int(each.code) * 100 + number))
    return found


def _party(name: str, role: str, municipality: str, number: int) -> Party:
    kind = {"municipality": 1, "hospital": 2, "gp": 3}[role]
    return Party(
        key=f"999{kind}{number:011d}",
        name=name,
        role=role,
        municipality=municipality,
        gln=_checked(f"29{kind}{number:09d}"),
    )


def _checked(twelve: str) -> str:
    """A thirteen-digit location number: twelve digits and their GS1 check digit."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return twelve + str(-total % 10)

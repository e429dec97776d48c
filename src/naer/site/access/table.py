"""Who may do what about a citizen: (role, relation) → actions, and what a role may do about no single one.

This table is the whole of it: `access.rules` reads it, docs/reference/access.md shows it, and a test asks
every role, relation and action. What is not here is refused.
"""

from dataclasses import dataclass

from naer.site.accounts.models import Organisation, User

RELATIONS = ("self", "case", "stay", "gp", "coordinator", "plan", "granted", "emergency")
"""The relations to a citizen that may allow something; the first that holds is the one written down."""

RELATION: dict[str, str] = {
    Organisation.Role.MUNICIPALITY: "case",
    Organisation.Role.HOSPITAL: "stay",
    Organisation.Role.GP: "gp",
}
"""The care relation that an organisation of each role can have to a citizen."""

WORKS_AT: dict[str, str] = {
    User.Role.COORDINATOR: Organisation.Role.MUNICIPALITY,
    User.Role.NURSE: Organisation.Role.MUNICIPALITY,
    User.Role.DISCHARGE: Organisation.Role.HOSPITAL,
    User.Role.GP: Organisation.Role.GP,
}
"""Role in care → the role of the organisation it is a role in; elsewhere it allows nothing."""

_CARE = frozenset({"look", "look-message", "record", "fulfil", "waive", "undo", "send", "look-thread"})
_PLAN = frozenset({"look-plan", "edit-plan", "agree-plan", "raise-deviation"})
_TABLE = frozenset({"look-discharge", "agree-discharge"})
_MEDICINES = frozenset({"look-medicines", "list-medicines", "confirm-medicine"})
_DEVIATIONS = frozenset({"look-deviation", "raise-deviation", "answer-deviation"})
_ASKED = frozenset({"ask-help", "look-request"})
_COMMON = _CARE | _TABLE | _MEDICINES | _DEVIATIONS | _ASKED | {"start-plan"}
_READ = frozenset(
    {"look", "look-message", "look-thread", "look-plan", "look-discharge", "look-medicines", "look-request"}
)

TABLE: dict[tuple[str, str], frozenset[str]] = {
    (User.Role.COORDINATOR, "case"): _COMMON
    | {"answer-ready", "sort-request", "close-deviation", "appoint-coordinator", "confirm-coordinator"},
    (User.Role.COORDINATOR, "coordinator"): _COMMON
    | _PLAN
    | {"answer-ready", "close-deviation", "appoint-coordinator", "confirm-coordinator"},
    (User.Role.COORDINATOR, "plan"): _PLAN | {"appoint-coordinator", "confirm-coordinator"},
    (User.Role.COORDINATOR, "emergency"): _READ,
    (User.Role.NURSE, "case"): (_COMMON - {"waive"})
    | {"answer-ready", "sort-request", "confirm-coordinator"},
    (User.Role.NURSE, "coordinator"): (_COMMON - {"waive"}) | _PLAN | {"answer-ready", "confirm-coordinator"},
    (User.Role.NURSE, "plan"): _PLAN | {"confirm-coordinator"},
    (User.Role.NURSE, "emergency"): _READ,
    (User.Role.DISCHARGE, "stay"): _COMMON | {"notify", "close-deviation"},
    (User.Role.DISCHARGE, "coordinator"): _COMMON | _PLAN | {"close-deviation", "confirm-coordinator"},
    (User.Role.DISCHARGE, "plan"): _PLAN,
    (User.Role.DISCHARGE, "emergency"): _READ,
    (User.Role.GP, "gp"): _COMMON | {"close-deviation"},
    (User.Role.GP, "coordinator"): _COMMON | _PLAN | {"close-deviation", "confirm-coordinator"},
    (User.Role.GP, "plan"): _PLAN,
    (User.Role.GP, "emergency"): _READ,
    (User.Role.CITIZEN, "self"): frozenset(
        {"own-page", "own-log", "give-consent", "grant", "block", "own-measurement", "own-message"}
        | {"own-goal", "look-plan", "look-medicines", "ask-help", "look-request"}
    ),
    (User.Role.RELATIVE, "plan"): frozenset({"look-plan"}),
    (User.Role.RELATIVE, "granted"): frozenset(
        {"own-page", "own-log", "own-measurement", "own-message"}
        | {"look-plan", "look-medicines", "ask-help", "look-request"}
    ),
}
"""(role, relation) → the actions it allows about a citizen."""

GRANTED: dict[str, frozenset[str]] = {
    "page": frozenset({"own-page"}),
    "plan": frozenset({"look-plan"}),
    "medicines": frozenset({"look-medicines"}),
    "messages": frozenset({"own-message"}),
    "measurements": frozenset({"own-measurement"}),
    "log": frozenset({"own-log"}),
    "help": frozenset({"ask-help", "look-request"}),
}
"""What a citizen can grant to somebody near them → the actions it allows; "page" is in every grant."""

OFFICE: dict[str, frozenset[str]] = {
    User.Role.COORDINATOR: frozenset(
        {"upload", "message-log", "results", "deviations", "requests", "emergency", "access-review"}
    ),
    User.Role.NURSE: frozenset({"message-log", "deviations", "requests", "emergency"}),
    User.Role.DISCHARGE: frozenset(
        {"message-log", "notify", "deviations", "requests", "emergency", "access-review"}
    ),
    User.Role.GP: frozenset({"message-log", "deviations", "requests", "emergency", "access-review"}),
    User.Role.DIRECTOR: frozenset({"results", "deviations"}),
    User.Role.ANALYST: frozenset({"results", "deviations"}),
    User.Role.ADMINISTRATOR: frozenset({"upload", "message-log", "deliver", "access-review"}),
    User.Role.INTEGRATION: frozenset({"upload", "message-log", "deliver"}),
    User.Role.CITIZEN: frozenset(),
    User.Role.RELATIVE: frozenset(),
}
"""Role → the actions it allows that are not about one citizen. Names come from `visible_citizens` alone."""

DEMO_ONLY = frozenset({(User.Role.COORDINATOR.value, "upload")})
"""Allowed to try Naer out; in production nobody in care speaks with a hospital's voice."""


@dataclass(frozen=True, slots=True)
class Blocking:
    """Whether a country's law lets a citizen keep an organisation out, and where it says so."""

    roles: frozenset[str]
    """Roles of organisations that can be kept out."""
    source: str
    verified: bool = False


BLOCKING: dict[str, Blocking] = {
    "DK": Blocking(
        frozenset({Organisation.Role.HOSPITAL, Organisation.Role.MUNICIPALITY, Organisation.Role.GP}),
        "Sundhedsloven § 42 a (frabede sig indhentning; spærring)",
    ),
    "NO": Blocking(
        frozenset({Organisation.Role.HOSPITAL, Organisation.Role.MUNICIPALITY, Organisation.Role.GP}),
        "Pasientjournalloven § 17 (rett til å motsette seg tilgjengeliggjøring; sperring)",
    ),
}
"""Country → what a citizen may block. Neither was checked in the text of the law: marked unverified."""


def actions_about_citizens() -> frozenset[str]:
    """Every action of `TABLE`."""
    return frozenset(action for allowed in TABLE.values() for action in allowed)


def office_actions() -> frozenset[str]:
    """Every action of `OFFICE`."""
    return frozenset(action for allowed in OFFICE.values() for action in allowed)


def relations_for(role: str, action: str) -> tuple[str, ...]:
    """The relations through which `role` may do `action`, in the order in which they are written down."""
    return tuple(one for one in RELATIONS if action in TABLE.get((role, one), frozenset()))

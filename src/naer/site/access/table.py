"""Who may do what about a citizen: (role, relation) → actions, and what a role may do about no single one.

This table is the whole of it: `access.rules` reads it, docs/reference/access.md shows it, and a test asks
every role, relation and action. What is not here is refused. Roles are those of `accounts.models.User`.
"""

from dataclasses import dataclass

RELATIONS: dict[str, str] = {
    "self": "The user is the citizen.",
    "case": "The user works in a municipality where the citizen has an active case of a lawful kind, "
    "from the day it was opened to the day it was closed.",
    "stay": "The user works at a hospital that told of a stay of the citizen that runs, or ended less than "
    "NAER_STAY_SIGHT_DAYS ago; or where something about the citizen is owed to or by the hospital.",
    "gp": "The user works at the citizen’s general practice.",
    "coordinator": "The user is named as the citizen’s coordinator or the deputy, from the start to the end.",
    "plan": "The user’s organisation (or a relative in person) takes part in the citizen’s plan, with the "
    "citizen’s consent, until it is withdrawn.",
    "asked": "The user works in the municipality that was asked for help for the citizen: from the request "
    "until NAER_STAY_SIGHT_DAYS after it was answered.",
    "granted": "The citizen let the user in, to what the grant says and until the time it says.",
    "emergency": "The user opened the record in an emergency, with a reason, within NAER_EMERGENCY_HOURS.",
}
"""The relations to a citizen that may allow something, and when they hold; the first is written down."""

UNBLOCKED = frozenset({"self", "granted", "emergency"})
"""Relations that are not closed when the citizen keeps the user's organisation out."""

RELATION: dict[str, str] = {
    "municipality": "case",
    "hospital": "stay",
    "gp": "gp",
}
"""The care relation that an organisation of each role can have to a citizen."""

WORKS_AT: dict[str, str] = {
    "coordinator": "municipality",
    "municipal_nurse": "municipality",
    "discharge_nurse": "hospital",
    "gp": "gp",
}
"""Role in care → the role of the organisation it is a role in; elsewhere it allows nothing."""

_CARE = frozenset({"look", "look-message", "record", "fulfil", "waive", "undo", "send", "look-thread"})
_PLAN = frozenset({"look-plan", "edit-plan", "agree-plan", "raise-deviation"})
_TABLE = frozenset({"look-discharge", "agree-discharge"})
_MEDICINES = frozenset({"look-medicines", "list-medicines", "confirm-medicine"})
_DEVIATIONS = frozenset({"look-deviation", "raise-deviation", "answer-deviation"})
_ASKED = frozenset({"ask-help", "look-request"})
_HELPING = (
    frozenset({"look", "record", "fulfil", "send", "look-thread", "start-plan"}) | _ASKED | {"sort-request"}
)
_COMMON = _CARE | _TABLE | _MEDICINES | _DEVIATIONS | _ASKED | {"start-plan"}
_READ = frozenset(
    {"look", "look-message", "look-thread", "look-plan", "look-discharge", "look-medicines", "look-request"}
)

TABLE: dict[tuple[str, str], frozenset[str]] = {
    ("coordinator", "case"): _COMMON
    | {"answer-ready", "sort-request", "close-deviation", "appoint-coordinator", "confirm-coordinator"},
    ("coordinator", "coordinator"): _COMMON
    | _PLAN
    | {"answer-ready", "close-deviation", "appoint-coordinator", "confirm-coordinator"},
    ("coordinator", "plan"): _PLAN | {"appoint-coordinator", "confirm-coordinator"},
    ("coordinator", "asked"): _HELPING | {"appoint-coordinator"},
    ("coordinator", "emergency"): _READ,
    ("municipal_nurse", "case"): (_COMMON - {"waive"})
    | {"answer-ready", "sort-request", "confirm-coordinator"},
    ("municipal_nurse", "coordinator"): (_COMMON - {"waive"})
    | _PLAN
    | {"answer-ready", "confirm-coordinator"},
    ("municipal_nurse", "plan"): _PLAN | {"confirm-coordinator"},
    ("municipal_nurse", "asked"): _HELPING,
    ("municipal_nurse", "emergency"): _READ,
    ("discharge_nurse", "stay"): _COMMON | {"notify", "close-deviation"},
    ("discharge_nurse", "coordinator"): _COMMON | _PLAN | {"close-deviation", "confirm-coordinator"},
    ("discharge_nurse", "plan"): _PLAN,
    ("discharge_nurse", "emergency"): _READ,
    ("gp", "gp"): _COMMON | {"close-deviation"},
    ("gp", "coordinator"): _COMMON | _PLAN | {"close-deviation", "confirm-coordinator"},
    ("gp", "plan"): _PLAN,
    ("gp", "emergency"): _READ,
    ("citizen", "self"): frozenset(
        {"own-page", "own-log", "give-consent", "grant", "block", "own-measurement"}
        | {"own-goal", "look-plan", "look-medicines", "ask-help", "look-request"}
    ),
    ("relative", "plan"): frozenset({"look-plan"}),
    ("relative", "granted"): frozenset(
        {"own-page", "own-log", "own-measurement"}
        | {"look-plan", "look-medicines", "ask-help", "look-request"}
    ),
}
"""(role, relation) → the actions it allows about a citizen."""

GRANTED: dict[str, frozenset[str]] = {
    "page": frozenset({"own-page"}),
    "plan": frozenset({"look-plan"}),
    "medicines": frozenset({"look-medicines"}),
    "measurements": frozenset({"own-measurement"}),
    "log": frozenset({"own-log"}),
    "help": frozenset({"ask-help", "look-request"}),
}
"""What a citizen can grant to somebody near them → the actions it allows; "page" is in every grant."""

OFFICE: dict[str, frozenset[str]] = {
    "coordinator": frozenset(
        {"upload", "message-log", "results", "deviations", "requests", "emergency", "access-review"}
    ),
    "municipal_nurse": frozenset({"message-log", "deviations", "requests", "emergency"}),
    "discharge_nurse": frozenset(
        {"message-log", "notify", "deviations", "requests", "emergency", "access-review"}
    ),
    "gp": frozenset({"message-log", "deviations", "requests", "emergency", "access-review"}),
    "director": frozenset({"results", "deviations"}),
    "analyst": frozenset({"results", "deviations"}),
    "administrator": frozenset({"upload", "message-log", "deliver", "access-review"}),
    "integration": frozenset({"upload", "message-log", "deliver"}),
    "citizen": frozenset(),
    "relative": frozenset(),
}
"""Role → the actions it allows that are not about one citizen. Names come from `visible_citizens` alone."""

DEMO_ONLY = frozenset({("coordinator", "upload")})
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
        frozenset({"hospital", "municipality", "gp"}),
        "Sundhedsloven § 42 a (frabede sig indhentning; spærring)",
    ),
    "NO": Blocking(
        frozenset({"hospital", "municipality", "gp"}),
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

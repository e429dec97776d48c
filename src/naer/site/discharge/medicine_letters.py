"""Lists of medicines in messages: Norwegian care letters have them as rows, which can be taken over."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from naer.messages.content import Scalar
from naer.messages.plo.rows import listed, parted
from naer.site.accounts.models import User
from naer.site.discharge.handover import LONGEST, MOST, Handover, Moment
from naer.site.discharge.medicines import Medicine
from naer.site.messaging import dead_letters, letters
from naer.site.messaging.models import StoredLetter

TYPES: dict[str, str] = {
    "INNLEGGELSESRAPPORT": Moment.BEFORE,
    "MEDISINSKE_OPPLYSNINGER": Moment.BEFORE,
    "HELSEOPPLYSNINGER_LEGE": Moment.BEFORE,
    "UTSKRIVNINGSRAPPORT": Moment.AFTER,
}
"""Letter that can list medicines → which list it is."""
_USES = {"1": "fixed", "2": "course", "3": "needed"}
"""The use of a medicine in a PLO message: fixed, course, as needed."""
_MULTIDOSE = {"1": "yes", "2": "no", "true": "yes", "false": "no"}
_NEWEST = 12
"""Letters that are looked into."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A letter whose medicines can be taken over."""

    letter: StoredLetter
    moment: str
    medicines: tuple[Medicine, ...]
    taken: bool
    """Whether a version was taken over from it already."""


def offered(user: User, held: Handover) -> list[Offered]:
    """The letters to or from the user's organisation that list medicines of the citizen, newest first."""
    own = user.organisation_id or "-"
    rows = StoredLetter.objects.filter(
        Q(sender=own) | Q(receiver=own), citizen=held.citizen, type__in=TYPES
    ).select_related("outgoing")
    taken = {row.letter_id for row in held.versions if row.letter_id is not None}
    found = []
    for row in rows.order_by("-sent", "-pk")[:_NEWEST]:
        letter = letters.unpack(bytes(row.content))
        if letter.status == "cancel" or dead_letters.never_left(row.outgoing):
            continue
        medicines = tuple(_read(listed(parted(letter.details)[1]["medicine"])))
        if medicines:
            found.append(Offered(row, TYPES[row.type], medicines, row.pk in taken))
    return found


def find(user: User, held: Handover, letter: int) -> Offered | None:
    """One of the letters offered, by its row."""
    return next((one for one in offered(user, held) if one.letter.pk == letter), None)


def _read(rows: Iterable[dict[str, Scalar]]) -> list[Medicine]:
    """The medicines of a letter; what is too long is cut, what has no name is named so."""
    found = []
    for row in rows:
        said = {name: str(value).strip()[:LONGEST] for name, value in row.items()}
        found.append(
            Medicine(
                name=said.get("name", "") or said.get("atc", "") or "?",
                strength=f"{said.get('strength', '')} {said.get('unit', '')}".strip()[:LONGEST],
                dose=said.get("dose", ""),
                use=_USES.get(said.get("use", ""), ""),
                multidose=_MULTIDOSE.get(said.get("multidose", "").lower(), ""),
                note=said.get("note", ""),
                atc=said.get("atc", ""),
            )
        )
    return found[:MOST]

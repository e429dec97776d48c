"""Somebody whose whole way home a test tells: a citizen who signs in."""

from naer.site.accounts.models import User
from tests import place
from tests.place import Place


def begin(here: Place) -> dict[str, object]:
    """Aage has a user, and nothing has happened to him."""
    aage = here.neighbour
    User.objects.create(
        username="aage", first_name="Aage", last_name="Prøvesen", role=User.Role.CITIZEN, citizen=aage,
        is_demo=True,
    )  # fmt: skip
    return {"story": aage.key, "story-number": place.NUMBERS[1]}

"""A message bundle opened: its resources by type, and references followed inside it."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from naer.messages.content import Party
from naer.messages.medcom.codes import ENDPOINT, GLN, GLN_OLD, SOR
from naer.messages.medcom.document import MAX_ENTRIES, Tree
from naer.messages.medcom.findings import MAX_ID, Findings, plain
from naer.messages.medcom.resources import (
    TYPES,
    Encounter,
    MessageHeader,
    OperationOutcome,
    Organization,
    Patient,
    Provenance,
    R,
    Reference,
)


class _Entry(msgspec.Struct, rename={"full_url": "fullUrl"}):
    resource: MessageHeader | Patient | Encounter | Provenance | Organization | OperationOutcome
    full_url: str = ""


class _Entries(msgspec.Struct):
    entry: list[_Entry]


class Bundle:
    """The resources of one bundle that Naer reads.

    `types` names the resource type of every entry in order, "" for an entry without one.
    """

    def __init__(self, tree: Tree, findings: Findings) -> None:
        self.findings = findings
        self.types: list[str] = []
        self._read: list[tuple[msgspec.Struct, str]] = []
        """Every resource that was read, with its full URL."""
        self._by_name: dict[str, msgspec.Struct] = {}
        self._by_url: dict[tuple[type, str], msgspec.Struct] = {}
        """The first of each name, and of each type and URL; made when a reference is followed."""
        self._unread: list[tuple[str, Any]] = []
        entries = tree.get("entry")
        if not isinstance(entries, list) or not entries:
            findings.refuse("required", "The bundle has no entries.", "Bundle.entry")
            entries = []
        if len(entries) > MAX_ENTRIES:
            findings.refuse("too-long", f"The bundle has more than {MAX_ENTRIES} entries.", "Bundle.entry")
            entries = entries[:MAX_ENTRIES]
        if not self._open_at_once(entries):
            for place, entry in enumerate(entries):
                self._open(entry, place)

    def _open_at_once(self, entries: list[Any]) -> bool:
        """Reads all entries in one call, a third of the time: when each is what it should be, of `TYPES`."""
        try:
            found = msgspec.convert({"entry": entries}, _Entries).entry
        except msgspec.ValidationError:
            return False
        self._read = [(entry.resource, entry.full_url) for entry in found]
        self.types = [type(resource).__name__ for resource, _ in self._read]
        return True

    def _open(self, entry: Any, place: int) -> None:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(kind, str) or not kind:
            self.findings.refuse("structure", "An entry holds no resource.", f"Bundle.entry[{place}]")
            self.types.append("")
            return
        self.types.append(kind)
        if (struct := TYPES.get(kind)) is None:
            self._unread.append((kind, entry))
        else:
            self._convert(kind, entry, struct)

    def open(self, types: Mapping[str, type[msgspec.Struct]]) -> None:
        """Reads the resources of further types, which only some messages have."""
        for kind, entry in self._unread:
            if (struct := types.get(kind)) is not None:
                self._convert(kind, entry, struct)
        self._unread = [(kind, entry) for kind, entry in self._unread if kind not in types]

    def _convert(self, kind: str, entry: Any, struct: type[msgspec.Struct]) -> None:
        try:
            read: Any = msgspec.convert(entry["resource"], struct)
        except msgspec.ValidationError as error:
            where = kind + str(error).rpartition("`$")[2].rstrip("`")
            self.findings.refuse("MSG_Datatype_Wrong", "The element has the wrong type.", where)
            return
        full = entry.get("fullUrl")
        self._read.append((read, full if isinstance(full, str) else ""))
        self._by_name, self._by_url = {}, {}

    def all(self, struct: type[R]) -> list[R]:
        """Every readable resource of a type, in the bundle's order."""
        return [read for read, _ in self._read if type(read) is struct]

    def follow(self, reference: Reference | None, struct: type[R]) -> R | None:
        """The resource that a reference names, by type and id or by full URL; None when it is not here."""
        if reference is None or not reference.reference:
            return None
        text = reference.reference
        found = self._named().get(text)
        if found is None or type(found) is not struct:
            short = text.partition("/_history/")[0].rpartition("/")[2].rpartition(":")[2]
            found = self._named().get(f"{struct.__name__}/{short}") or self._at(text, struct)
        return cast("R | None", found)

    def _named(self) -> dict[str, msgspec.Struct]:
        if not self._by_name:
            self._by_name = {
                f"{type(read).__name__}/{cast('Any', read).id}": read for read, _ in reversed(self._read)
            }
        return self._by_name

    def _at(self, url: str, struct: type[R]) -> msgspec.Struct | None:
        if not self._by_url:
            self._by_url = {(type(read), full): read for read, full in reversed(self._read)}
        return self._by_url.get((struct, url))

    def party(self, reference: Reference | None, endpoint: str, path: str) -> Party | None:
        """The organisation a reference names, else the SOR unit of its endpoint; None for neither."""
        organisation = self.follow(reference, Organization)
        named = party_of(organisation) if organisation else Party()
        where = endpoint.strip()
        address = plain(where.removeprefix(ENDPOINT), 1000) if where.startswith(ENDPOINT) else ""
        if organisation is None and reference is not None:
            self.findings.flag("not-found", f"{path} names an organisation that is not in the bundle.", path)
        if organisation is not None and not (named.sor and named.gln):
            self.findings.flag("required", "An organisation lacks its SOR id or its location number.", path)
        if named.sor and address and named.sor != address:
            self.findings.flag("conflict", "The endpoint names another SOR unit than the organisation.", path)
        if not (named.sor or named.gln or address):
            return None
        if max(len(named.sor), len(named.gln), len(address)) > MAX_ID:
            self.findings.refuse("MSG_Element_To_Long", f"An id is longer than {MAX_ID} characters.", path)
            return None
        return Party(named.sor or address, named.gln, named.name)


def party_of(organisation: Organization) -> Party:
    """The ids and the name of an organisation."""
    sor = gln = ""
    for identifier in organisation.identifier:
        value = plain(identifier.value.strip(), 1000)
        if identifier.system == SOR:
            sor = sor or value
        elif identifier.system in (GLN, GLN_OLD):
            gln = gln or value
    return Party(sor, gln, plain(organisation.name.strip()))

"""The content of a dialogue message, 1.0 and 1.1, in the order of its schema."""

from naer.messages.content import Letter, Segment
from naer.messages.plo.elements import Node, add, begin, code
from naer.messages.plo.rows import Row, parted, text
from naer.messages.plo.types import FK1, Form

ROLES = "9034"
"""List: role of a professional towards the patient."""


def payload(content: Node, letter: Letter, form: Form) -> None:
    """Add `Dialogmelding` with a note or a question for each text of the letter's conversation."""
    said = letter.conversation
    if said is None:
        raise ValueError(f"{letter.type} needs a conversation")
    dialogue = begin(content, form.namespace, form.root, FK1)
    _, rows = parted(letter.details)
    note = None
    texts = [segment for segment in said.segments if not segment.is_attachment]
    for number, segment in enumerate(texts, 1):
        row = rows["segment"].get(number, {})
        kind = row.get("kind")
        if kind == "quoted" and note is not None:
            _question(note, letter, segment, row, form)
        elif kind == "question":
            _question(dialogue, letter, segment, row, form)
        else:
            note = _note(dialogue, letter, segment, row, form)
    for entry in dialogue.children:
        entry.children.sort(key=_is_author)


def _theme(entry: Node, name: str, letter: Letter, form: Form) -> None:
    said = letter.conversation
    value = said.category if said else ""
    listed = text(letter.details, "category_list")
    if value:
        code(entry, form.namespace, name, value, number=listed)
    else:
        add(entry, form.namespace, name)


def _note(dialogue: Node, letter: Letter, segment: Segment, row: Row, form: Form) -> Node:
    space = form.namespace
    note = add(dialogue, space, "Notat")
    _theme(note, "TemaKodet", letter, form)
    if letter.conversation and letter.conversation.topic:
        add(note, space, "Tema", letter.conversation.topic)
    add(note, space, "TekstNotatInnhold", segment.text)
    if remark := text(row, "remark"):
        add(note, space, "Merknad", remark)
    add(note, space, "DokIdNotat", segment.id)
    _author(note, segment, form)
    return note


def _question(parent: Node, letter: Letter, segment: Segment, row: Row, form: Form) -> None:
    space = form.namespace
    question = add(parent, space, "Foresporsel")
    _theme(question, "TypeForesp", letter, form)
    said = letter.conversation
    if said and said.topic and form.version == "v1.1" and row.get("kind") == "question":
        add(question, space, "EmneSporsmal", said.topic)
    add(question, space, "Sporsmal", segment.text)
    if remark := text(row, "remark"):
        add(question, space, "Begrunnelse", remark)
    if said and said.priority and row.get("kind") == "question":
        code(question, space, "Hastegrad", said.priority)
    add(question, space, "DokIdForesp", segment.id)
    _author(question, segment, form)


def _author(entry: Node, segment: Segment, form: Form) -> None:
    if not (segment.author or segment.role or segment.phone):
        return
    space = form.namespace
    role = add(entry, space, "RollerRelatertNotat")
    if segment.role:
        code(role, space, "RoleToPatient", segment.role, number=ROLES)
    person = add(role, space, "HealthcareProfessional")
    *given, family = segment.author.split() or [""]
    if family:
        add(person, space, "FamilyName", family)
    if given:
        add(person, space, "GivenName", " ".join(given))
    if segment.phone:
        add(add(person, space, "TeleCom"), FK1, "TeleAddress", V=f"tel:{segment.phone}")


def _is_author(child: Node) -> bool:
    """Whether it stands last: behind a quoted question too, which was added after it."""
    return child.name == "dia:RollerRelatertNotat"

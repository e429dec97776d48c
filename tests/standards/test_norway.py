"""The official Norwegian examples and schemas, read where they lie; nothing of them is in this repository."""

import itertools
import json
import os
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from django.db import transaction
from lxml import etree

from naer.cli.main import cli
from naer.messages import read
from naer.messages.plo import apprec, types
from naer.messages.plo.completion import complete
from naer.messages.plo.events import events
from naer.messages.plo.link import link
from naer.messages.plo.schemas import SETTING, Schemas
from naer.messages.plo.writing import write
from naer.messages.plo.xml import parse
from tests.contract.plo.test_writing import COMPOSED, VERSIONS, segment, talk

ROOT = Path(__file__).resolve().parents[2]
STANDARDS = Path(os.environ.get("NAER_STANDARDS") or ROOT.parent / "shared" / "standards")
EXAMPLES, SCHEMAS = STANDARDS / "norway" / "examples", STANDARDS / "norway" / "schema"

pytestmark = [
    pytest.mark.standards,
    pytest.mark.skipif(
        not EXAMPLES.is_dir(),
        reason=f"no official examples in {EXAMPLES}; set NAER_STANDARDS to where they are",
    ),
]

STATUS = {
    "Ny": "new",
    "Endring": "change",
    "Endring1": "change",
    "Endring2": "change",
    "Kansellering": "cancel",
}
FOUND = {
    "Helseopplysninger_Oppdaterte": ("HELSEOPPL_SOKNAD", ["warning_updated", "expected_ready"]),
    "Helseopplysninger_Varsel": ("HELSEOPPL_SOKNAD", ["admission_warning", "expected_ready"]),
    "Helseopplysninger_til_lege": ("HELSEOPPLYSNINGER_LEGE", ["health_information"]),
    "Innleggelsesrapport": ("INNLEGGELSESRAPPORT", ["admission_report"]),
    "Medisinske_opplysninger": ("MEDISINSKE_OPPLYSNINGER", ["medical_information"]),
    "Orientering_om_tjenestetilbud": ("ORIENTERING_TJENESTETILBUD", ["service_offer"]),
    "Pasientlogistikk_Avmelding": ("LOG_AVMELDING", ["ready_withdrawn", "admitted"]),
    "Pasientlogistikk_Innlagt": ("LOG_INNLAGT", ["admitted"]),
    "Pasientlogistikk_Melding_om_utskrevet": ("LOG_UTSKREVET", ["discharged", "discharge_notice"]),
    "Pasientlogistikk_Orientering_om_dodsfall": ("LOG_DOD", ["died"]),
    "Pasientlogistikk_Utskrivningsklar": ("LOG_UTSKRIVNINGSKLAR", ["ready_for_discharge", "admitted"]),
    "Utskrivningsrapport": ("UTSKRIVNINGSRAPPORT", ["discharge_report"]),
}
"""Start of the file name → type and kinds of facts, unless it cancels."""


def examples():
    return sorted(EXAMPLES.glob("*.xml")) if EXAMPLES.is_dir() else []


@pytest.fixture(scope="module")
def schemas():
    return Schemas(SCHEMAS)


@pytest.fixture(scope="module", autouse=True)
def validated():
    """Whatever is written here is validated as it is written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SETTING, str(SCHEMAS))
        yield


def ids():
    counter = itertools.count(1)
    return lambda: f"id-{next(counter)}"


def test_there_are_22():
    assert len(examples()) == 22


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_each_is_read_with_its_type_status_and_facts_and_without_a_remark(path):
    incoming = read(path.read_bytes(), "application/xml")
    assert (incoming.issues, incoming.partial, incoming.flags) == ([], [], [])
    (code, kinds) = next(known for start, known in FOUND.items() if path.stem.startswith(start))
    letter = incoming.letter
    assert (letter.type, letter.version, incoming.standard) == (code, "v1.6", types.TYPES[code].standard)
    status = STATUS[path.stem.rsplit("_", 1)[1]]
    assert letter.status == status
    assert [fact.kind for fact in letter.facts] == (["cancelled"] if status == "cancel" else kinds)
    assert bool(letter.parent) == bool(letter.root) == (status != "new")
    assert letter.person.system == "FNR"
    assert letter.sender.her
    assert letter.receiver.her
    assert letter.receiver.service
    professional = code in ("HELSEOPPLYSNINGER_LEGE", "ORIENTERING_TJENESTETILBUD", "LOG_DOD")
    assert bool(letter.details.get("receiver_professional")) == professional


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_each_is_written_again_without_loss(path, schemas):
    letter = read(path.read_bytes()).letter
    data = write(letter, new_id=ids())
    assert schemas.check(parse(data)) == []
    back = read(data).letter
    assert back == complete(letter)
    assert back.facts == letter.facts
    assert back.notes == letter.notes
    assert sorted(map(str, back.details.values())) == sorted(map(str, letter.details.values()))


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_each_validates_and_is_refused_when_a_part_is_missing(path, schemas):
    root = parse(path.read_bytes())
    assert schemas.check(root) == []
    info = root.find("{*}MsgInfo")
    info.remove(info.find("{*}MsgId"))
    assert {issue.code for issue in schemas.check(root)} == {"T02"}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("answer", ["ok", "ok-with-errors", "rejected"])
def test_the_receipts_of_all_of_them_validate_and_are_read(version, answer, schemas):
    for path in examples():
        incoming = read(path.read_bytes())
        issues = [] if answer == "ok" else [apprec.Issue("E35", "not known here", "MsgHead/MsgInfo/Patient")]
        data = apprec.write(
            incoming, answer=answer, issues=issues, now=incoming.sent + 1, new_id=ids(), version=version
        )
        assert schemas.check(parse(data)) == []
        receipt = read(data)
        assert receipt.issues == []
        assert (receipt.response.message_id, receipt.response.code) == (incoming.message_id, answer)
        assert (receipt.sender, receipt.receiver) == (incoming.receiver, incoming.sender)


@pytest.mark.parametrize(("code", "version"), VERSIONS)
@pytest.mark.parametrize("status", ["new", "change", "cancel", "addition", "history"])
def test_every_care_message_that_is_composed_validates(code, version, status, schemas):
    facts = () if status == "cancel" else COMPOSED[code].facts
    parent = "" if status == "new" else "first"
    one = msgspec.structs.replace(
        COMPOSED[code], version=version, status=status, parent=parent, root=parent, facts=facts
    )
    assert schemas.check(parse(write(one, new_id=ids()))) == []


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
@pytest.mark.parametrize("code", ["DIALOG_FORESPORSEL", "DIALOG_SVAR", "DIALOG_HELSEFAGLIG", "DIALOG_AVVIK"])
def test_every_dialogue_message_validates(code, version, schemas):
    said = segment("Kan dere ta imot?", author="Gunn Pleier", role="9", phone="73555555")
    file = segment("", "f", title="Bilde", content_type="image/png", data=b"\x89PNG")
    assert schemas.check(parse(write(talk(code, said, file, version=version), new_id=ids()))) == []


def test_schemas_are_never_looked_for_where_a_message_says(schemas):
    root = parse(examples()[0].read_bytes())
    root.set("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "urn:x http://localhost:9/x.xsd")
    assert schemas.check(root) == []
    assert root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")


def test_what_is_told_of_a_fault_repeats_nothing(schemas):
    root = parse(examples()[0].read_bytes())
    root.find(".//{*}GenDate").text = "secret"
    issues = schemas.check(root)
    assert next(issue.path for issue in issues).endswith("GenDate")
    assert "secret" not in repr(issues)


def test_a_namespace_without_a_schema_is_refused(schemas):
    root = parse(examples()[0].read_bytes())
    etree.SubElement(root.find(".//{*}Content"), "{urn:other}Thing")
    assert [issue.code for issue in schemas.check(root)] == ["T02"]


def test_a_folder_without_the_schemas_is_said_to_be_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=SETTING):
        Schemas(tmp_path)


def test_cancellations_reach_what_they_cancel():
    """Each of them with the new message of the same type, whose id it names or not (they form no course)."""
    for path in examples():
        gone = read(path.read_bytes())
        if gone.letter.status != "cancel":
            continue
        said = [
            read(other.read_bytes())
            for other in examples()
            if other.stem.rsplit("_", 1)[0] == path.stem.rsplit("_", 1)[0]
        ]
        raw = [event for one in said for event in events(one, "c", "h", "4601", one.sent)]
        linked = link(raw)
        named = {one.message_id for one in said} & {gone.letter.parent, gone.letter.root}
        cancelled = [event for event in linked if event.kind == "cancelled"]
        assert bool(named) == (cancelled[0].attributes.get("original") != "unknown"), path.stem


@pytest.mark.django_db
def test_naer_receive_answers_each_of_them(tmp_path):
    """On an empty database with no register, each alone: together they are no course."""
    for path in examples():
        answers = tmp_path / path.stem
        with transaction.atomic():
            done = CliRunner().invoke(cli, ["receive", str(path), "--json", "--ack-dir", str(answers)])
            transaction.set_rollback(True)
        assert done.exit_code == 0, done.output
        (one,) = [json.loads(line) for line in done.stdout.splitlines()]
        letter = read(path.read_bytes()).letter
        assert one["standard"] == types.TYPES[letter.type].standard
        assert (one["type"], one["version"], one["acknowledgement"]) == (letter.type, "v1.6", "ok")
        receipt = read(next(answers.iterdir()).read_bytes())
        assert (receipt.response.code, receipt.response.message_id) == ("ok", letter.message_id)

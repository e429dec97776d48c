"""The user's own folder of schemas: used when it is named, and never a reason to crash."""

from naer.messages.plo.schemas import SETTING
from tests.contract.plo.sample import codes, flagged, received

HEAD = (
    '<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.kith.no/xmlstds/msghead/2006-05-24">'
    '<element name="{}"/></schema>'
)


def test_without_the_setting_nothing_is_validated(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)
    assert codes(received()) == flagged(received()) == []


def test_a_folder_without_schemas_is_flagged(monkeypatch, tmp_path):
    monkeypatch.setenv(SETTING, str(tmp_path))
    incoming = received()
    assert incoming.letter is not None
    assert flagged(incoming) == ["schemas"]


def test_broken_schemas_are_flagged(monkeypatch, tmp_path):
    (tmp_path / "head.xsd").write_text(HEAD.format("1 no name"))
    (tmp_path / "log.xsd").write_text(
        '<schema xmlns="http://www.w3.org/2001/XMLSchema"'
        ' targetNamespace="http://www.kith.no/xmlstds/po/Pasientlogistikk/2012-04-01"/>'
    )
    monkeypatch.setenv(SETTING, str(tmp_path))
    assert flagged(received()) == ["schemas"]


def test_what_the_folder_has_no_schema_for_is_refused(monkeypatch, tmp_path):
    (tmp_path / "head.xsd").write_text(HEAD.format("MsgHead"))
    monkeypatch.setenv(SETTING, str(tmp_path))
    assert codes(received()) == ["T02"]

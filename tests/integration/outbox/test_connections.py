"""The file of connections: which way a message leaves, and what is refused with which words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from naer.site.messaging.connections import WrongConnectionsError, choose, connections

Connect = Callable[[str], Path]
ENTRY = '[[connection]]\nreceiver = "80"\n'


def test_the_first_that_fits_receiver_and_standard_carries(connect: Connect) -> None:
    folder = connect(
        ENTRY + 'transport = "file"\naddress = "careful"\nstandards = ["medcom-xdis*"]\n'
        "[[connection]]\nreceiver = '*'\ntransport = 'http'\naddress = 'https://gate.example.dk/in'\n"
    )
    ids = frozenset({"80", "5790000000111"})
    found = choose("medcom-xdis16", ids)
    assert found is not None
    assert found.address == str(folder / "careful")
    other = choose("medcom-carecommunication", ids)
    assert other is not None
    assert other.transport == "http"


def test_a_changed_file_is_read_again(connect: Connect) -> None:
    connect("")
    assert connections() == ()
    connect(ENTRY + 'transport = "local"\n')
    assert len(connections()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[connection", "is no TOML"),
        ("[connections]\na = 1", "[[connection]]"),
        (ENTRY, "connection 1: transport is missing"),
        (ENTRY + 'transport = "mail"', "transport is file, http, local"),
        (ENTRY + 'transport = "file"', "address is missing"),
        (ENTRY + 'transport = "http"\naddress = "https://h/in"\ncertificate = "no.pem"', "there is no file"),
        (ENTRY + 'transport = "http"\naddress = "http://far.example.dk/in"', "write https"),
        (ENTRY + 'transport = "http"\naddress = "https://a:b@far.example.dk/in"', "no password"),
        (ENTRY + 'transport = "http"\naddress = "ftp://far.example.dk/in"', "is a URL"),
        (
            ENTRY + 'transport = "http"\naddress = "https://h/in"\ninbox = "in"',
            "inbox goes with transport file",
        ),
        (ENTRY + 'transport = "local"\ninbox = "in"', "inbox goes with transport file"),
        (ENTRY + 'transport = "local"\ntimeout_s = 0', "timeout_s is a number"),
        (ENTRY + 'transport = "local"\nreceipts = "no"', "receipts is true or false"),
        (ENTRY + 'transport = "local"\nstandards = "plo-*"', "standards is a list"),
        (ENTRY + 'transport = "local"\nresend = "often"', "resend is manual or automatic"),
        (ENTRY + 'transport = "local"\nformat = "edi"', "format is json or xml"),
        (ENTRY + 'transport = "local"\npassword = "x"', "'password' is unknown"),
    ],
)
def test_what_is_wrong_is_said(connect: Connect, text: str, said: str) -> None:
    folder = connect(text)
    with pytest.raises(WrongConnectionsError) as error:
        connections()
    assert said in str(error.value)
    assert str(folder) in str(error.value)


def test_a_missing_file_is_said(settings: object, tmp_path: Path) -> None:
    settings.CONNECTIONS = str(tmp_path / "none.toml")  # type: ignore[attr-defined]
    with pytest.raises(WrongConnectionsError, match="cannot be read"):
        connections()

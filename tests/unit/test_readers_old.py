"""Old Excel workbooks and Outlook's mails: compound files, read or refused with a reason."""

import struct
from pathlib import Path

import pytest
from made_containers import container, msg, xls
from made_documents import LIMITS

from vext_desktop.documents.formats import reader_for
from vext_desktop.documents.readers.msg_rtf import unpacked
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome


def read(path: Path, content: bytes, limits: ReadLimits = LIMITS) -> list[Section]:
    path.write_bytes(content)
    return list(reader_for(path)(path, limits))


def failure(path: Path, content: bytes) -> ReadFailure:
    with pytest.raises(ReadFailure) as raised:
        read(path, content)
    return raised.value


def test_an_old_workbook_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    content = xls({"Prices": [["What", "Sum"], ["tea", 2.5]], "Zwei": [["größer"]]})
    found = read(tmp_path / "a.xls", content)
    assert [(section.heading, section.text) for section in found] == [
        ("Prices", "Prices\nWhat | Sum\ntea | 2.5"), ("Zwei", "Zwei\ngrößer")
    ]  # fmt: skip
    assert read(tmp_path / "really.docx", content) == found


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_half_an_old_workbook_is_damaged(tmp_path: Path, share: float) -> None:
    content = xls({"a": [["x" * 100] * 50]})
    found = failure(tmp_path / "a.xls", content[: int(len(content) * share)])
    assert found.outcome is Outcome.DAMAGED


@pytest.mark.parametrize(
    ("name", "stream", "words"),
    [("a.doc", "WordDocument", ".docx"), ("a.ppt", "PowerPoint Document", ".pptx")],
)
def test_old_word_and_powerpoint_files_say_what_to_do(
    tmp_path: Path, name: str, stream: str, words: str
) -> None:
    found = failure(tmp_path / name, container({stream: b"x" * 5000, "Data": {"Workbook": b"x"}}))
    assert found.outcome is Outcome.UNSUPPORTED
    assert f"Save it as {words}" in found.reason


def test_a_page_under_the_name_of_an_old_file_is_read_as_one(tmp_path: Path) -> None:
    assert read(tmp_path / "a.xls", b"<html><table><tr><td>1<td>2")[0].text == "1\t2"
    assert read(tmp_path / "a.doc", rb"{\rtf1 rich}")[0].text == "rich"


def test_a_mail_of_outlook_has_headers_attachments_and_a_body(tmp_path: Path) -> None:
    attachment = {"__properties_version1.0": bytes(8), **_named("plan.xlsx")}
    mail = msg(
        {0x37: "Re: Größe", 0x0C1A: "Ann", 0x5D01: "ann@example.org", 0x0E04: "Bob",
         0x1000: "first\r\nsecond\r\n"},
        [attachment],
    )  # fmt: skip
    head = "Subject: Re: Größe\nFrom: Ann <ann@example.org>\nTo: Bob\nAttachments: plan.xlsx"
    found = read(tmp_path / "a.msg", container(mail))
    assert [(section.heading, section.text) for section in found] == [
        ("Re: Größe", head),
        ("Re: Größe", "first\nsecond"),
    ]  # fmt: skip


def _named(name: str) -> dict[str, bytes]:
    return {"__substg1.0_3707001F": name.encode("utf-16-le")}


def test_mails_within_mails_are_read_to_the_depth_of_the_limit(tmp_path: Path) -> None:
    inner = msg({0x37: "inner", 0x1000: "deep"})
    attachment = {"__properties_version1.0": bytes(8), "__substg1.0_3701000D": inner}
    content = container(msg({0x37: "outer", 0x1000: "shallow"}, [attachment]))
    texts = [section.text for section in read(tmp_path / "a.msg", content)]
    assert texts == [
        "Subject: outer\nAttachments: unnamed", "shallow", "Subject: inner", "deep"
    ]  # fmt: skip
    limits = ReadLimits(10**8, 10, 10**6, 10**9, max_depth=0)
    assert len(read(tmp_path / "a.msg", content, limits)) == 2


def test_bodies_in_html_and_in_packed_rich_text_are_read(tmp_path: Path) -> None:
    page = {"__substg1.0_10130102": "<p>caf\xe9</p>".encode("cp1252")}
    assert read(tmp_path / "a.msg", container(msg({0x37: "s"}, **page)))[-1].text == "café"
    packed = {"__substg1.0_10090102": bytes(8) + b"MELA" + bytes(4) + rb"{\rtf1 rich}"}
    assert read(tmp_path / "b.msg", container(msg({0x37: "s"}, **packed)))[-1].text == "rich"


def test_the_date_of_sending_is_shown(tmp_path: Path) -> None:
    ticks = 133_500_000_000_000_000  # tenths of microseconds since 1601
    fixed = bytes(32) + struct.pack("<HHIQ", 0x40, 0x39, 6, ticks)
    mail = {**msg({0x37: "s"}), "__properties_version1.0": fixed}
    assert "Date: 2024-01-17 21:20 UTC" in read(tmp_path / "a.msg", container(mail))[0].text


def test_packed_rich_text_is_unpacked_as_in_its_specification() -> None:
    # MS-OXRTFCP, section 4.1: a dictionary reference, and one that crosses the write position.
    simple = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c09002062770"
        "5b06c647d0a800fa0"
    )
    assert unpacked(simple) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert unpacked(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_what_is_no_container_of_a_mail_is_damaged(tmp_path: Path) -> None:
    content = container(msg({0x37: "subject", 0x1000: "x" * 9000}))
    assert failure(tmp_path / "a.msg", content[:600]).outcome in {
        Outcome.DAMAGED, Outcome.UNSUPPORTED
    }  # fmt: skip

"""Mails: what a person reads in them, whatever programs have made of their parts."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from made_documents import LIMITS

from vext_desktop.documents.formats import reader_for
from vext_desktop.documents.section import ReadLimits, Section


def read(path: Path, content: bytes | EmailMessage, limits: ReadLimits = LIMITS) -> list[Section]:
    path.write_bytes(content if isinstance(content, bytes) else bytes(content))
    return list(reader_for(path)(path, limits))


def texts(path: Path, content: bytes | EmailMessage) -> list[str]:
    return [section.text for section in read(path, content)]


def mail(subject: str = "Größe") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Änne <anne@example.org>"
    message["To"] = "Bob <bob@example.org>"
    message["Date"] = "Tue, 01 Oct 2024 12:34:56 -0500"
    return message


def test_headers_come_first_with_encoded_words_decoded(tmp_path: Path) -> None:
    message = mail()
    message.set_content("Grüße\n", cte="quoted-printable")
    head = "Subject: Größe\nFrom: Änne <anne@example.org>\nTo: Bob <bob@example.org>\n"
    head += "Date: Tue, 01 Oct 2024 12:34:56 -0500"
    assert [(section.heading, section.text) for section in read(tmp_path / "a.eml", message)] == [
        ("Größe", head),
        ("Größe", "Grüße"),
    ]  # fmt: skip


def test_attachments_are_named_and_those_that_are_text_are_read(tmp_path: Path) -> None:
    message = mail()
    message.set_content("body")
    message.add_attachment(b"\0\1", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    message.add_attachment("a,b\n", filename="list.csv")
    message.add_attachment(b"x", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    found = read(tmp_path / "a.eml", message)
    assert found[0].text.endswith("Attachments: Übersicht.pdf, list.csv, winmail.dat")
    assert [(section.heading, section.text) for section in found[1:]] == [
        ("Größe", "body"), ("list.csv", "a,b")
    ]  # fmt: skip


def test_of_two_versions_of_a_body_one_is_read_if_it_says_it_all(tmp_path: Path) -> None:
    message = mail()
    message.set_content("the same words here")
    message.add_alternative("<p>the same <b>words</b> here</p>", subtype="html")
    assert texts(tmp_path / "a.eml", message)[1:] == ["the same words here"]


def test_of_two_versions_of_a_body_both_are_read_if_they_differ(tmp_path: Path) -> None:
    message = mail()
    message.set_content("your program shows no pages")
    message.add_alternative("<h1>Offer</h1><p>cheap tea</p>", subtype="html")
    assert texts(tmp_path / "a.eml", message)[1:] == [
        "your program shows no pages", "Offer\n\ncheap tea"
    ]  # fmt: skip


def test_messages_within_messages_are_read_to_the_depth_of_the_limit(tmp_path: Path) -> None:
    inner = mail("inner")
    inner.set_content("deep")
    outer = mail("outer")
    outer.set_content("shallow")
    outer.add_attachment(inner)
    found = read(tmp_path / "a.eml", outer)
    assert "Attachments: inner" in found[0].text
    assert [section.heading for section in found] == ["outer", "outer", "inner", "inner"]
    assert found[3].text == "deep"
    limits = ReadLimits(10**8, 10, 10**6, 10**9, max_depth=0)
    assert [section.heading for section in read(tmp_path / "a.eml", outer, limits)] == ["outer"] * 2


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B2q5D\x1b(B", "会議"),
        (b"Content-Type: text/plain; charset=wrong-name\n\ncaf\xc3\xa9", "café"),
        (b"Content-Type: text/plain; charset=utf-7\n\ncaf+AOk-", "café"),
        (b"Content-Type: text/plain; format=flowed\n\none \nline\nnext", "one line\nnext"),
        (b"Content-Type: text/html\n\n<p>a<p>b", "a\n\nb"),
        (b"Content-Transfer-Encoding: base64\n\nY2FmZQ==", "cafe"),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nnever closed", "never closed"),
    ],
)
def test_bodies_are_decoded_whatever_they_say_of_themselves(
    tmp_path: Path, content: bytes, body: str
) -> None:
    assert texts(tmp_path / "a.eml", b"Subject: s\n" + content)[-1] == body


@pytest.mark.parametrize(
    "subject", [b"caf\xc3\xa9", b"caf\xe9", b"=?utf-8?q?caf=C3=A9?=", b"=?nonsense?q?caf=C3=A9?="]
)
def test_subjects_are_decoded_as_well_as_can_be(tmp_path: Path, subject: bytes) -> None:
    found = read(tmp_path / "a.eml", b"Subject: " + subject + b"\n\nbody")
    assert found[0].text == "Subject: café"


def test_odd_headers_do_not_cost_the_mail(tmp_path: Path) -> None:
    content = b"From: <@\nTo: =?x?q?\nDate: [\nContent-Disposition: attachment; filename*=x'y\n\nb"
    assert texts(tmp_path / "a.eml", content)[-1].endswith("b")


def test_a_mail_of_apple_or_in_two_byte_characters_is_read(tmp_path: Path) -> None:
    assert (
        texts(tmp_path / "a.emlx", b"26  \nSubject: one\n\nbody text\n<?xml?>")[0] == "Subject: one"
    )
    assert texts(tmp_path / "b.eml", "Subject: two\n\nbody".encode("utf-16"))[1] == "body"


def test_a_mailbox_is_read_mail_by_mail(tmp_path: Path) -> None:
    begin = b"From ann@example.org Tue Oct  1 12:34:56 2024\n"
    content = (
        begin
        + b"Subject: one\n\nbody\n>From here\n\nFrom afar\n\n"
        + begin
        + b"Subject: two\n\nb\n"
    )
    found = read(tmp_path / "a.mbox", content)
    assert [(section.heading, section.text) for section in found] == [
        ("one", "Subject: one"), ("one", "body\nFrom here\n\nFrom afar"),
        ("two", "Subject: two"), ("two", "b"),
    ]  # fmt: skip


def test_a_saved_page_is_read_with_title_and_address(tmp_path: Path) -> None:
    content = b"From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/\n"
    content += b"Subject: =?utf-8?Q?The=20page?=\nMIME-Version: 1.0\n"
    content += b'Content-Type: multipart/related; type="text/html"; boundary="x"\n\n--x\n'
    content += b"Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
    content += b"<h1>Head=C3=A9</h1><p>te=\nxt</p>\n--x\nContent-Type: image/png\n\nAAAA\n--x--\n"
    for name in ("a.mhtml", "b.doc"):
        assert texts(tmp_path / name, content) == [
            "The page\nhttps://example.org/", "Headé\n\ntext"
        ]  # fmt: skip


def test_a_header_without_end_costs_no_time(tmp_path: Path) -> None:
    content = b"Subject: " + b"=?utf-8?q?a=C3=A9?= " * 50_000 + b"\n\nbody"
    assert texts(tmp_path / "a.eml", content)[-1] == "body"


def test_parts_nested_without_end_are_read_as_text(tmp_path: Path) -> None:
    part = "Content-Type: multipart/mixed; boundary={0}\n\n--{0}\n"
    content = "".join(part.format(f"b{number}") for number in range(3000)) + "\nbottom"
    found = "".join(texts(tmp_path / "a.eml", content.encode()))
    assert found.endswith("bottom")

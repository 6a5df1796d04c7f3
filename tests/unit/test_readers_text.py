"""Plain text: every encoding that people have, in pieces, and unchanged."""

# ruff: noqa: RUF001 - texts in other scripts hold signs that look like ASCII

from pathlib import Path

import pytest
from made_documents import LIMITS

from vext_desktop.documents.readers import text
from vext_desktop.documents.section import ReadFailure, ReadLimits
from vext_desktop.outcomes import Outcome

FRENCH = "Les élèves étaient très contents de leur journée, où ils ont reçu des œufs à Noël.\n"
GERMAN = "Die Prüfung für den Führerschein fällt größer aus. Äpfel und Übungen täglich.\n"
POLISH = "Zażółć gęślą jaźń. Mieszkańcy Łodzi protestują przeciwko podwyżkom cen biletów.\n"
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy. Občané mohou připomínky zasílat později.\n"
TURKISH = "Hükümet dün yeni yılın bütçesini açıkladı, öğrenciler için ulaşım değişmeyecek.\n"
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю в четверг вечером.\n"
GREEK = "Η κυβέρνηση ανακοίνωσε χθες τα νέα μέτρα για την οικονομία και την παιδεία.\n"
JAPANESE = (
    "明日の会議は中止です。資料は来週の月曜日までに提出してください。よろしくお願いします。\n"
)
CHINESE = "我们的政府昨天公布了明年的预算草案，市民可以在网上发表意见。会议将在北京举行。\n"
KOREAN = "정부는 어제 내년도 예산안을 발표했습니다. 시민들은 의견을 제출할 수 있습니다.\n"


def read(path: Path, limits: ReadLimits = LIMITS) -> str:
    sections = list(text.read(path, limits))
    assert all(section.continues == (place > 0) for place, section in enumerate(sections))
    return "".join(section.text for section in sections)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
        (FRENCH, "utf-32"),
        (FRENCH, "utf-32-be"),
        (FRENCH, "cp1252"),
        (FRENCH, "mac-roman"),
        (GERMAN, "cp1252"),
        (GERMAN, "cp850"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        (CZECH, "cp1250"),
        (TURKISH, "cp1254"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp866"),
        (GREEK, "cp1253"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "euc_kr"),
    ],
)
def test_a_text_is_read_in_whatever_encoding_it_was_saved(
    tmp_path: Path, content: str, encoding: str
) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes((content * 3).encode(encoding))
    assert read(path) == content * 3


def test_a_declared_encoding_is_believed_when_the_bytes_agree(tmp_path: Path) -> None:
    path = tmp_path / "old.py"
    path.write_bytes("# -*- coding: koi8-r -*-\nname = 'Ё'\n".encode("koi8-r"))
    assert "Ё" in read(path)


@pytest.mark.parametrize("codec", ["hex", "rot13", "unicode_escape", "no-such-thing", "utf-16"])
def test_a_declared_encoding_that_is_none_does_no_harm(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(f"# coding: {codec}\n".encode() + GERMAN.encode("cp1252"))
    assert GERMAN in read(path)


def test_a_few_damaged_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(FRENCH.encode() * 20 + b"caf\xe9\n" + FRENCH.encode() * 20)
    assert read(path) == FRENCH * 20 + "caf\ufffd\n" + FRENCH * 20


def test_accents_far_down_in_the_file_are_found(tmp_path: Path) -> None:
    path = tmp_path / "late.txt"
    path.write_bytes(b"plain line\n" * 300_000 + FRENCH.encode("cp1252"))
    assert read(path).endswith(FRENCH)


def test_line_ends_become_one_kind(tmp_path: Path) -> None:
    path = tmp_path / "mixed.txt"
    path.write_bytes(b"one\r\ntwo\rthree\n")
    assert read(path) == "one\ntwo\nthree\n"


def test_a_long_text_comes_in_pieces_that_end_with_lines(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b,c\n" * 100_000)
    sections = list(text.read(path, LIMITS))
    assert len(sections) > 5
    assert all(len(section.text) < 70_000 for section in sections)
    assert all(section.text.endswith("\n") for section in sections)
    assert "".join(section.text for section in sections) == "a,b,c\n" * 100_000


def test_one_endless_line_comes_in_pieces_too(tmp_path: Path) -> None:
    path = tmp_path / "one-line.json"
    path.write_text("[" + "0," * 500_000 + "0]")
    assert max(len(section.text) for section in text.read(path, LIMITS)) < 70_000


def test_too_much_text_is_refused_before_any_of_it_is_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_text("word " * 10_000)
    with pytest.raises(ReadFailure) as raised:
        next(text.read(path, ReadLimits(10**9, 10, 49_999, 10**9)))
    assert raised.value.outcome is Outcome.TOO_LARGE
    assert "49,999" in raised.value.reason


def test_a_program_named_as_text_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "video.ts"
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(ReadFailure) as raised:
        next(text.read(path, LIMITS))
    assert raised.value.outcome is Outcome.UNSUPPORTED

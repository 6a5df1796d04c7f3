"""`search --type`, `--since` and `--until`: the filters that the window has too."""

import datetime as dt

import pytest
from fake_engine import FakeEngine

from vext_desktop.cli.main import main
from vext_desktop.documents.formats import SUPPORTED_SUFFIXES
from vext_desktop.documents.kinds import file_kinds, suffixes_of
from vext_desktop.errors import UsageError
from vext_desktop.index.search import SearchAnswer, SearchMode, SearchRequest

DAY_S = 86_400.0


def asked(*flags: str) -> SearchRequest:
    """What reaches the engine."""
    engine = FakeEngine(answers={"a": SearchAnswer("a", SearchMode.TEXT, 0.01, ())})
    assert main(["search", "a", "--mode", "text", *flags], engine.create) == 0
    return next(call for call in engine.calls if isinstance(call, SearchRequest))


def local(*date: int) -> float:
    return dt.datetime(*date).astimezone().timestamp()


def test_a_kind_an_ending_and_several_of_them_narrow_the_search() -> None:
    assert asked("--type", "pdf").suffixes == (".pdf",)
    assert asked("--type", ".DOCX", "--type", "md,pdf").suffixes == (".docx", ".md", ".pdf")
    assert ".ods" in asked("--type", "spreadsheets").suffixes
    assert asked().suffixes == ()


def test_every_kind_of_the_window_has_a_name_and_stands_in_the_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["search", "--help"]) == 0
    said = "".join(capsys.readouterr().out.split())
    found: list[str] = []
    for label, suffixes in file_kinds():
        name = label.lower().replace(" ", "-")
        assert name in said
        assert suffixes_of([name]) == suffixes
        found += suffixes
    assert sorted(found) == sorted({*SUPPORTED_SUFFIXES, *found})


def test_an_unknown_kind_is_a_usage_error_that_names_the_kinds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["search", "a", "--type", "spreadsheet"], FakeEngine().create) == 2
    said = capsys.readouterr().err
    assert "'spreadsheet' is no kind of file" in said
    assert "Did you mean spreadsheets?" in said
    with pytest.raises(UsageError):
        suffixes_of([""])


def test_days_count_from_their_beginning_and_to_their_end() -> None:
    request = asked("--since", "2026-01-30", "--until", "2026-01-31")
    assert request.modified_after == local(2026, 1, 30)
    assert request.modified_before == local(2026, 2, 1)


def test_a_moment_is_taken_as_it_is() -> None:
    request = asked("--since", "2026-01-30T18:00", "--until", "2026-01-30T19:30")
    assert request.modified_after == local(2026, 1, 30, 18)
    assert request.modified_before == local(2026, 1, 30, 19, 30)


def test_how_long_ago_counts_back_from_now() -> None:
    now = dt.datetime.now().astimezone().timestamp()
    for flag, days in (("36h", 1.5), ("7d", 7), ("2w", 14)):
        after = asked("--since", flag).modified_after
        assert after is not None
        assert abs(now - days * DAY_S - after) < 60


@pytest.mark.parametrize("date", ["yesterday", "2026-13-01", "7", "99999w", ""])
def test_what_is_no_date_is_a_usage_error_with_examples(
    date: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", "a", f"--since={date}"], FakeEngine().create) == 2
    said = capsys.readouterr().err
    assert f"--since {date!r} is no date." in said
    assert "7d" in said


def test_an_end_before_the_beginning_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("--since", "2026-02-01", "--until", "2026-01-01")
    assert main(["search", "a", *flags], FakeEngine().create) == 2
    assert "ends before it begins" in capsys.readouterr().err

"""`vext-desktop report`: lists, tells, compares, and says plainly what is missing."""

import json
import os
from pathlib import Path

import pytest
from made_runs import record

from vext_desktop.cli.main import main
from vext_desktop.memory.run_record_file import record_path


@pytest.fixture
def runs() -> Path:
    folder = Path(os.environ["VEXT_DATA_DIR"]) / "runs"
    record(folder, 40, engine_mb=400, run_id=3)
    record(folder, 40, engine_mb=500, run_id=4)
    return folder


def test_without_a_run_the_recorded_ones_are_listed(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Run", "Kind", "Started", "Ended", "Batches", "Peak", "Verdict"]
    assert {line.split()[0] for line in lines[1:] if "Indexing" in line} == {"3", "4"}
    assert main(["report", "--json"]) == 0
    assert {each["run_id"] for each in json.loads(capsys.readouterr().out)} == {3, 4}


def test_where_nothing_was_recorded_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 0
    assert "No run has been recorded yet." in capsys.readouterr().err
    assert main(["report", "latest"]) == 1
    assert "hint: Index something first." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["3", "run-000003", "FILE"])
def test_a_run_is_named_by_number_record_or_file(
    runs: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    word = str(record_path(runs, "run-000003")) if name == "FILE" else name
    assert main(["report", word, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["heading"]["run_id"] == 3


def test_a_page_goes_to_the_file_that_is_named(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    assert main(["report", "4", "-o", str(page)]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "/home/ada" in page.read_text(encoding="utf-8")
    assert main(["report", "4", "--redact", "-o", str(page)]) == 0
    assert "/home/ada" not in page.read_text(encoding="utf-8")
    assert capsys.readouterr().out == ""


def test_two_runs_are_compared(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--compare", "3", "4", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    figure = next(each for each in told["figures"] if each["name"] == "RSS of all, highest")
    assert (figure["first"], figure["second"], figure["difference"]) == (700, 700, 0)
    assert main(["report", "--compare", "3", "4", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("group,name,unit,first,second,difference,per_cent")


def test_what_is_missing_or_senseless_is_a_sentence(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "99"]) == 1
    assert "error: There is no record run-000099" in capsys.readouterr().err
    assert main(["report", "3", "--compare", "3", "4"]) == 2
    assert main(["report", "3", "-o", str(tmp_path / "none" / "x.html")]) == 1
    assert "could not be written" in capsys.readouterr().err

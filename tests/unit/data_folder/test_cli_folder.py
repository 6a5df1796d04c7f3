"""`doctor --repair`, `backup` and `restore` in the terminal: asked, told, and as JSON."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from damage_stage import DamageStage, garbage
from rebuild_stage import read_serving

from vext_desktop.cli.main import main
from vext_desktop.paths import Paths


def spoil(paths: Paths) -> bytes:
    garbage(paths.ledger, random.Random(3))
    return paths.ledger.read_bytes()


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_without_a_yes_nothing_is_repaired(
    stage: DamageStage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = stage.copied(tmp_path / "data")
    damaged = spoil(paths)
    assert main(["doctor", "--repair", "--data-dir", str(paths.data_dir)]) == 2
    told = capsys.readouterr().err
    assert "ledger.sqlite: A repair brings the list back" in told
    assert "--yes" in told
    assert paths.ledger.read_bytes() == damaged
    assert not list(paths.data_dir.glob("damaged-*"))


def test_a_repair_says_what_it_did_and_where_the_damaged_parts_are(
    stage: DamageStage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = stage.copied(tmp_path / "data")
    damaged = spoil(paths)
    flags = ["--data-dir", str(paths.data_dir), "--json"]
    assert main(["doctor", "--repair", "--yes", *flags]) == 0
    report = said(capsys)
    assert report["ok"]
    assert [finding["kind"] for finding in report["findings"]] == ["ledger_damaged"]
    assert (Path(report["aside"]) / "ledger.sqlite").read_bytes() == damaged
    assert (report["files_to_read"], report["left"]) == (0, [])
    assert main(["doctor", "--repair", *flags]) == 0
    assert said(capsys)["plan"] == []


def test_a_backup_is_restored_under_another_place(
    stage: DamageStage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths, file = stage.copied(tmp_path / "data"), tmp_path / "index.vextbackup"
    assert main(["backup", str(file), "--data-dir", str(paths.data_dir), "--json"]) == 0
    written = said(capsys)
    assert written["passages"] == len(stage.expected)
    assert written["size_bytes"] == file.stat().st_size
    other = ["--data-dir", str(tmp_path / "other")]
    assert main(["restore", str(file), "--list", "--json", *other]) == 0
    assert said(capsys)["roots"] == [str(stage.documents)]
    new = tmp_path / "elsewhere"
    assert main(["restore", str(file), "--map", f"{stage.documents}={new}", "--json", *other]) == 0
    assert said(capsys)["missing_roots"] == [str(new)]
    assert read_serving(tmp_path / "other")[1] == stage.expected
    assert main(["restore", str(file), *other]) == 2
    assert "moved aside, not deleted" in capsys.readouterr().err


def test_a_file_that_is_no_backup_is_an_error_with_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"PK\x03\x04 nothing")
    assert main(["restore", str(file), "--data-dir", str(tmp_path / "data")]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: This file cannot be restored")
    assert "hint: Choose another backup" in told

"""Records on the disk: refused with a sentence where damaged, listed, kept in number, private."""

import gzip
import json
import os
from pathlib import Path

import pytest
from made_runs import Clock, batch, file_of, record, recorder

from vext_desktop.errors import RunRecordError
from vext_desktop.events import FileStarted, RunStarted
from vext_desktop.memory.event_marks import EventKind
from vext_desktop.memory.run_record_file import (
    VERSION,
    list_runs,
    load_run,
    prune_runs,
    record_path,
)


def test_names_that_are_no_text_do_not_prevent_the_record(tmp_path: Path) -> None:
    clock = Clock()
    recording = recorder(tmp_path, clock)
    recording.note(RunStarted(1, ("/docs/\udce9",)))
    recording.note(FileStarted("/docs/\udce9.txt", 1))
    recording.note(batch(1, 1000.5))
    recording.close()
    opened = load_run(file_of(tmp_path))
    assert opened.history.marks(EventKind.FILE_START)[0].path == "/docs/?.txt"


@pytest.mark.parametrize("keep", [0, 20, 500, 2000])
def test_a_cut_record_is_a_sentence(tmp_path: Path, keep: int) -> None:
    record(tmp_path)
    path = file_of(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RunRecordError, match="damaged"):
        load_run(path)


@pytest.mark.parametrize(
    ("section", "content"),
    [
        ("history", {}),
        ("history", None),
        ("marks", {"paths": [], "marks": [["batch", 1, "x", 1, 5, 0.1]]}),
        ("marks", {"paths": [""], "marks": [["no such kind", 1, "x", 1, 0, 0.1]]}),
        ("pictures", [{"batch": 1}]),
        ("context", []),
        ("events", 7),
    ],
)
def test_a_record_with_nonsense_in_it_is_a_sentence(
    tmp_path: Path, section: str, content: object
) -> None:
    record(tmp_path)
    path = file_of(tmp_path)
    lines = gzip.decompress(path.read_bytes()).splitlines()
    changed = [json.loads(line) for line in lines]
    changed = [{section: content} if section in line else line for line in changed]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, changed)).encode()))
    with pytest.raises(RunRecordError, match="damaged"):
        load_run(path)


def test_an_event_of_another_version_is_left_out_and_the_rest_opened(tmp_path: Path) -> None:
    record(tmp_path)
    path = file_of(tmp_path)
    text = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(text.replace(b'"ChunkSetAside"', b'"SomethingNew"')))
    names = [type(noted.event).__name__ for noted in load_run(path).events]
    assert "ChunkSetAside" not in names
    assert "ChildDied" in names


def test_a_newer_record_says_so(tmp_path: Path) -> None:
    record(tmp_path)
    path = file_of(tmp_path)
    text = gzip.decompress(path.read_bytes())
    newer = text.replace(f'"version": {VERSION}'.encode(), b'"version": 999', 1)
    path.write_bytes(gzip.compress(newer))
    with pytest.raises(RunRecordError, match="newer Vext Desktop"):
        load_run(path)


def test_a_missing_record_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunRecordError, match="There is no record"):
        load_run(record_path(tmp_path, "run-000001"))


def test_runs_are_listed_newest_first_without_the_damaged(tmp_path: Path) -> None:
    for run_id in (1, 2):
        record(tmp_path, 8, run_id=run_id)
    late = gzip.decompress(record_path(tmp_path, "run-000002").read_bytes())
    late = late.replace(b'"started_at": 1780000000.0', b'"started_at": 1790000000.0')
    record_path(tmp_path, "run-000002").write_bytes(gzip.compress(late))
    record_path(tmp_path, "run-000003").write_bytes(b"nothing")
    assert [heading.run_id for heading, _ in list_runs(tmp_path)] == [2, 1]
    assert list_runs(tmp_path / "nowhere") == []


def test_only_the_latest_records_are_kept(tmp_path: Path) -> None:
    for run_id in (1, 2, 3):
        record(tmp_path, 4, run_id=run_id)
        os.utime(record_path(tmp_path, f"run-{run_id:06d}"), (run_id, run_id))
    prune_runs(tmp_path, keep=2)
    assert {heading.run_id for heading, _ in list_runs(tmp_path)} == {2, 3}


def test_a_record_is_for_its_owner_alone(tmp_path: Path) -> None:
    record(tmp_path, 4)
    assert file_of(tmp_path).stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [file_of(tmp_path)]

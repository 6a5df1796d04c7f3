"""The real engine and its files: moved, deleted, bad or missing ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_stage import OpenEngine, opened_engines
from made_documents import locked_pdf, pdf
from run_stage import run, summary

from vext_desktop.errors import UsageError
from vext_desktop.index.search import SearchRequest
from vext_desktop.outcomes import Outcome


@pytest.fixture
def open_engine() -> Iterator[OpenEngine]:
    with opened_engines() as open_one:
        yield open_one


def test_a_moved_file_keeps_its_passages_and_a_deleted_one_loses_them(
    open_engine: OpenEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "moved.txt").write_text("A note about a lighthouse keeper and his dog.")
    (folder / "deleted.txt").write_text("A note about the price of coffee in the harbour.")
    engine = open_engine(tmp_path / "data")
    run(engine, folder)
    (folder / "moved.txt").rename(folder / "moved here.txt")
    (folder / "deleted.txt").unlink()
    found = summary(run(engine, folder))
    assert found["files"] == {"indexed": 0, "unchanged": 1, "removed": 1, "set_aside": 0}
    assert found["batches"] == 0
    hits = engine.search(SearchRequest("lighthouse")).hits
    assert [Path(hit.path).name for hit in hits] == ["moved here.txt"]


def test_a_path_that_does_not_exist_is_a_usage_error(
    open_engine: OpenEngine, tmp_path: Path
) -> None:
    engine = open_engine(tmp_path / "data")
    with pytest.raises(UsageError, match="no file or folder"):
        run(engine, tmp_path / "missing")
    with pytest.raises(UsageError, match="nothing to index"):
        run(engine)


def test_bad_files_are_set_aside_with_reasons_while_the_rest_is_indexed(
    open_engine: OpenEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.txt").write_text("The ferry leaves the island at seven in the evening.")
    (folder / "empty.txt").touch()
    (folder / "truncated.docx").write_bytes(b"PK\x03\x04" + bytes(200))
    (folder / "locked.pdf").write_bytes(locked_pdf())
    (folder / "really a pdf.docx").write_bytes(pdf([["The lighthouse keeper has a dog."]]))
    (folder / "picture.xyz").write_bytes(b"\x00\x01\x02")
    with (folder / "huge.txt").open("wb") as huge:
        huge.truncate(200_000_000)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "gone").symlink_to(folder / "nowhere")
    engine = open_engine(tmp_path / "data")
    found = summary(run(engine, folder))
    files = found["files"]
    assert isinstance(files, dict)
    assert files["indexed"] == 2
    aside = found["set_aside"]
    assert isinstance(aside, list)
    kinds = {Path(entry["path"]).name: entry["kind"] for entry in aside}
    assert kinds["empty.txt"] == Outcome.EMPTY
    assert kinds["truncated.docx"] == Outcome.DAMAGED
    assert kinds["locked.pdf"] == Outcome.LOCKED
    assert kinds["gone"] == Outcome.UNREADABLE
    assert kinds["picture.xyz"] == Outcome.UNSUPPORTED
    assert kinds["huge.txt"] == Outcome.TOO_LARGE
    assert all(entry["reason"] for entry in aside)
    hits = engine.search(SearchRequest("boat in the evening")).hits
    assert [Path(hit.path).name for hit in hits] == ["good.txt", "really a pdf.docx"]

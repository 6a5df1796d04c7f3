"""The reader process: whatever a file does to it, the answer is a reason and the next file."""

import hashlib
import os
from pathlib import Path

import psutil
import pytest
from made_documents import LIMITS, docx, paragraph, pdf
from reader_stage import RULES, MakeHost, Watcher, failure, long_text, read, written

from vext_desktop.documents.chunker import Chunker, ChunkRules
from vext_desktop.documents.reader_child import reader_handlers
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome


def test_chunks_from_the_child_are_those_of_the_chunker(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    text = "Ein Satz mit Umlauten: äöü, 天地玄黃. 🐙\n" * 200
    host = make_host()
    groups = list(host.read_chunks(written(tmp_path / "a.txt", text), RULES))
    assert [chunk for group in groups for chunk in group] == list(
        Chunker(RULES).chunks([Section(text)])
    )
    assert all(0 < len(group) <= 32 for group in groups)
    host.close()
    assert (len(watcher.started), watcher.ended) == (1, 1)


def test_sections_keep_page_and_heading(tmp_path: Path, make_host: MakeHost) -> None:
    path = written(tmp_path / "a.pdf", pdf([["one"], ["two"]], outline={"Part": 1}))
    sections = [section for group in make_host().read_sections(path) for section in group]
    assert sections == [Section("one", 1), Section("two", 2, "Part")]


def test_the_child_starts_only_when_it_is_needed(make_host: MakeHost, watcher: Watcher) -> None:
    host = make_host()
    host.free_memory()
    assert host.read_memory() is None
    assert watcher.started == []


def test_memory_can_be_asked_for_while_the_child_runs(tmp_path: Path, make_host: MakeHost) -> None:
    host = make_host()
    read(host, written(tmp_path / "a.txt"))
    host.free_memory()
    reading = host.read_memory()
    assert reading is not None
    assert reading["rss_bytes"] > 1_000_000


def test_the_fingerprint_is_of_the_bytes(tmp_path: Path, make_host: MakeHost) -> None:
    content = b"caf\xe9\r\n" * 1000
    path = written(tmp_path / "a.txt", content)
    found = make_host().fingerprint(path)
    assert found.content_hash == hashlib.blake2b(content, digest_size=16).hexdigest()
    assert (found.size_bytes, found.mtime_ns) == (len(content), path.stat().st_mtime_ns)


def test_failures_of_a_file_are_answers_and_the_child_lives_on(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    host = make_host()
    assert failure(host, written(tmp_path / "a.txt", "")).outcome is Outcome.EMPTY
    assert failure(host, tmp_path / "gone.txt").outcome is Outcome.VANISHED
    assert failure(host, written(tmp_path / "a.pdf", b"%PDF-x")).outcome is Outcome.DAMAGED
    with pytest.raises(ReadFailure):
        host.fingerprint(tmp_path / "gone.txt")
    assert read(host, written(tmp_path / "b.txt")) == "a good file\n"
    assert len(watcher.started) == 1
    assert host.take_last_death() is None


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_can_be_read(tmp_path: Path, make_host: MakeHost) -> None:
    path = written(Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt")))
    assert read(make_host(), path) == "a good file\n"
    written(path.with_suffix(".pdf"), pdf([["portable"]]))
    assert read(make_host(), path.with_suffix(".pdf")) == "portable"


def test_a_file_that_is_given_up_leaves_the_child_ready(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    host = make_host()
    groups = host.read_chunks(long_text(tmp_path), RULES)
    next(groups)
    groups.close()  # type: ignore[attr-defined]  # a generator
    assert read(host, written(tmp_path / "b.txt")) == "a good file\n"
    assert len(watcher.started) == 1
    child = psutil.Process(watcher.started[0])
    assert not [file for file in child.open_files() if file.path.endswith(".txt")]


def test_an_iterator_that_was_overtaken_says_so(tmp_path: Path, make_host: MakeHost) -> None:
    host = make_host()
    groups = host.read_chunks(long_text(tmp_path), RULES)
    next(groups)
    read(host, written(tmp_path / "b.txt"))
    with pytest.raises(RuntimeError):
        next(groups)


def test_a_file_that_changes_while_it_is_read_is_taken_again_later(
    tmp_path: Path, make_host: MakeHost
) -> None:
    host = make_host()
    path = long_text(tmp_path)
    groups = host.read_chunks(path, RULES)
    next(groups)
    os.utime(path, ns=(1, 1))
    with pytest.raises(ReadFailure) as raised:
        for _ in groups:
            pass
    assert raised.value.outcome is Outcome.CHANGED_WHILE_READING


def test_a_file_that_changed_since_its_fingerprint_is_taken_again_later(
    tmp_path: Path, make_host: MakeHost
) -> None:
    host = make_host()
    path = written(tmp_path / "a.txt")
    host.fingerprint(path)
    os.utime(path, ns=(1, 1))
    assert failure(host, path).outcome is Outcome.CHANGED_WHILE_READING


def test_memory_stays_flat_however_long_the_text_is(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    host = make_host(ReadLimits(10**9, 10, 10**8, 600_000_000))
    path = written(tmp_path / "long.txt", "One more line of text.\n" * 500_000)
    peak = 0
    settled = 0
    for place, group in enumerate(host.read_chunks(path, ChunkRules(20_000, 200))):
        assert group
        rss = psutil.Process(watcher.started[0]).memory_info().rss
        settled = settled or rss
        peak = max(peak, rss) if place else rss
    assert path.stat().st_size > 10_000_000
    assert peak - settled < 5_000_000


def test_a_failing_request_in_the_child_is_an_answer(tmp_path: Path) -> None:
    handlers, ready = reader_handlers({})
    assert ready == {}
    limits = LIMITS.to_json()
    answer, _ = handlers["open"](
        {"do": "open", "path": str(tmp_path / "a.exe"), "limits": limits}, b""
    )
    assert answer["failure"]["outcome"] == "vanished"
    path = docx(tmp_path / "a.docx", paragraph("text"))
    assert handlers["open"]({"do": "open", "path": str(path), "limits": limits}, b"")[0] == {}
    answer, _ = handlers["next"]({"do": "next"}, b"")
    assert answer["items"][0]["text"] == "text"
    while not answer["done"]:  # a slow machine takes one step more to see the end
        answer, _ = handlers["next"]({"do": "next"}, b"")
    assert answer["characters"] == 4
    assert handlers["close"]({"do": "close"}, b"")[0] == {}

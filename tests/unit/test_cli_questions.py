"""`search`, `extract`, `status`: the promised JSON, and what a person sees."""

import io
import json
import sys
from pathlib import Path

import pytest
from fake_engine import FakeEngine

from vext_desktop.cli.main import main
from vext_desktop.documents.section import Section
from vext_desktop.index.answers import ExtractedDocument, IndexStatus
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import FileRecord, RootRecord
from vext_desktop.index.search import SearchAnswer, SearchHit, SearchMode, SearchRequest
from vext_desktop.outcomes import Outcome

HIT = SearchHit(
    file_id=3,
    path="/d/lease.pdf",
    page=2,
    heading="Notice",
    start=100,
    end=160,
    score=0.75,
    snippet="three months' notice",
    marks=((14, 20),),
    text="with three months' notice to the end of any month",
)
STATUS = IndexStatus(
    counts={Outcome.INDEXED: 5, Outcome.LOCKED: 1},
    rows=40,
    bytes_on_disk=123_000,
    fragments=2,
    reclaimable_bytes=1000,
    model="all-MiniLM-L6-v2",
    roots=(RootRecord("/d", 6, 5, 1, is_offline=False),),
)
RECORD = FileRecord(
    1, "/d/locked.pdf", 900, 0, "", Outcome.LOCKED, "Protected by a password.", 0, 0, None, ""
)


def answer(query: str, *hits: SearchHit, notice: str = "") -> SearchAnswer:
    return SearchAnswer(query, SearchMode.HYBRID, 0.0125, hits, notice)


def run(engine: FakeEngine, *arguments: str) -> int:
    return main(list(arguments), engine.create)


def test_search_json_is_one_line_as_promised(capsys: pytest.CaptureFixture[str]) -> None:
    engine = FakeEngine(answers={"moving out": answer("moving out", HIT)})
    assert run(engine, "search", "moving out", "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "query": "moving out",
        "milliseconds": 12.5,
        "hits": [
            {
                "path": "/d/lease.pdf",
                "page": 2,
                "start": 100,
                "end": 160,
                "score": 0.75,
                "snippet": "three months' notice",
            }
        ],
    }
    assert said.err == ""


def test_a_search_of_an_empty_index_says_what_to_do_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--json", "--data-dir", str(tmp_path / "data")]
    assert run(FakeEngine(answers={"a": answer("a")}), "search", "a", *flags) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["hits"] == []
    assert said.err.startswith("notice: Nothing is indexed yet. Index a folder first: ")
    with Ledger(tmp_path / "data" / "ledger.sqlite") as ledger:
        ledger.add_roots([str(tmp_path)])
    assert run(FakeEngine(answers={"a": answer("a")}), "search", "a", *flags) == 0
    assert capsys.readouterr().err == ""


def test_no_model_is_loaded_where_there_is_nothing_to_find(tmp_path: Path) -> None:
    engine = FakeEngine(answers={"a": answer("a")})
    engine.has_indexed_files = False
    assert run(engine, "search", "a", "--data-dir", str(tmp_path)) == 0
    assert engine.calls == ["look", SearchRequest("a", mode=SearchMode.TEXT), "close"]


def test_search_flags_reach_the_request(tmp_path: Path) -> None:
    engine = FakeEngine(answers={"a b": answer("a b")})
    flags = ["--limit", "3", "--mode", "vector", "--group-by", "chunk", "--folder", str(tmp_path)]
    assert run(engine, "search", "a", "b", *flags) == 0
    assert engine.calls == [
        "look",
        "warm_up",
        SearchRequest("a b", 3, SearchMode.VECTOR, "chunk", str(tmp_path)),
        "close",
    ]


def test_a_search_for_words_alone_does_not_wait_for_the_model() -> None:
    engine = FakeEngine(answers={"a": answer("a")})
    assert run(engine, "search", "a", "--mode", "text") == 0
    assert "warm_up" not in engine.calls


def test_queries_come_from_a_file_one_on_each_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "queries.txt"
    file.write_text("\ufeffsüß\n\n  second \r\n", encoding="utf-8")
    engine = FakeEngine(answers={name: answer(name) for name in ("süß", "second")})
    assert run(engine, "search", "--queries-from", str(file), "--json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["query"] for line in lines] == ["süß", "second"]


def test_queries_come_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("one\ntwo\n"))
    engine = FakeEngine(answers={name: answer(name) for name in ("one", "two")})
    assert run(engine, "search", "--queries-from", "-", "--json") == 0
    assert capsys.readouterr().out.count("\n") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("  ",),
        ("a", "--queries-from", "-"),
        ("--queries-from", "no-such-file"),
        ("a", "--limit", "0"),
        ("a", "--mode", "magic"),
    ],
)
def test_a_search_that_makes_no_sense_is_a_usage_error(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine()
    assert run(engine, "search", *arguments) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert engine.calls == []


def test_a_person_sees_file_page_heading_and_snippet(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer("moving out", HIT, notice="The model is still loading.")
    assert run(FakeEngine(answers={"moving out": found}), "search", "moving out") == 0
    said = capsys.readouterr()
    assert "1 hit for 'moving out' in 12 ms" in said.out
    assert "1. /d/lease.pdf  page 2  Notice" in said.out
    assert "   three months' notice" in said.out
    assert "notice: The model is still loading." in said.err


def test_a_document_cannot_write_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = Section("before \x1b]0;title\x07 [red]after\u202e", None, "\x9b2J")
    document = ExtractedDocument("/d/evil.txt", Outcome.INDEXED, "", (hostile,), 1)
    assert run(FakeEngine(documents=[document]), "extract", ".") == 0
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out)
    assert "[red]after" in out


def test_extract_json_is_a_line_for_each_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [
        ExtractedDocument("/d/a.pdf", Outcome.INDEXED, "", (Section("text", 1, "Head"),), 1),
        ExtractedDocument("/d/b.pdf", Outcome.LOCKED, "Protected.", (), 0),
    ]
    engine = FakeEngine(documents=documents)
    assert run(engine, "extract", str(tmp_path), "--json") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {
            "path": "/d/a.pdf",
            "outcome": "indexed",
            "reason": "",
            "sections": [{"page": 1, "heading": "Head", "text": "text"}],
            "chunks": 1,
        },
        {"path": "/d/b.pdf", "outcome": "locked", "reason": "Protected.", "sections": [],
         "chunks": 0},
    ]  # fmt: skip
    assert engine.calls == ["look", [tmp_path], "close"]


def test_status_json_has_counts_sizes_and_files_on_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine = FakeEngine(state=STATUS, records=[RECORD])
    assert run(engine, "status", "--json") == 0
    short = json.loads(capsys.readouterr().out)
    assert "files" not in short
    assert short["counts"] == {"indexed": 5, "locked": 1}
    assert (short["rows"], short["bytes_on_disk"], short["fragments"]) == (40, 123_000, 2)
    assert short["model"] == "all-MiniLM-L6-v2"
    assert run(engine, "status", "--files", "--json") == 0
    assert json.loads(capsys.readouterr().out)["files"] == [
        {
            "path": "/d/locked.pdf",
            "state": "locked",
            "reason": "Protected by a password.",
            "size_bytes": 900,
            "chunks": 0,
            "failures": 0,
            "is_quarantined": False,
        }
    ]


def test_status_tells_a_person_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(FakeEngine(state=STATUS, records=[RECORD]), "status", "--files") == 0
    out = capsys.readouterr().out
    assert "123 kB, 2 fragments" in out
    assert "locked                 /d/locked.pdf  Protected by a password." in out

"""What full volumes' briefs find is what the volumes hold, whatever happens to either."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from store_rows import DIMENSION, row, rows, vector_of

from vext_desktop.index.briefs.layout import HEADER_BYTES, read_header
from vext_desktop.index.query import ParsedQuery
from vext_desktop.index.rows import ChunkRow
from vext_desktop.index.store import Store
from vext_desktop.index.table_names import BRIEFS, volume_folders

NAME = "chunks-some"
SIZE = 20


def open_store(folder: Path, *, read_only: bool = False) -> Store:
    return Store(
        folder, "model-a", DIMENSION, table_name=NAME, read_only=read_only, max_rows_of_volume=SIZE
    )


def fox(number: int) -> ChunkRow:
    few = "swift " * (number % 3)
    return row(number, f"fox number{number} {few}runs home")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three volumes: two that are full and have a brief, and the last."""
    opened = open_store(tmp_path)
    for first in range(1, 51, 10):
        opened.add([fox(first + n) for n in range(10)])
    opened.maintain()
    yield opened
    opened.close()


def briefs(folder: Path) -> list[Path]:
    """The newest brief of each volume that has one."""
    there = [sorted((one / BRIEFS).glob("*")) for one in volume_folders(folder / f"{NAME}.lance")]
    return [files[-1] for files in there if files]


def asked(store: Store) -> list[object]:
    """What some questions find: which files, and how near those are."""
    near = store.search_vector(vector_of("fox number7 runs home"), 5)
    some = store.search_vector(vector_of("fox"), 5, [*range(15, 45)])
    by_words = [
        store.search_text("swift foxes", 50),
        store.search_text("number3 number33 number49", 3),
        store.search_text("swift", 50, [*range(5, 25), 49]),
    ]
    return [
        store.search_text("number7 home", 5)[0].file_id,
        *({hit.file_id for hit in hits} for hits in by_words),
        *({hit.file_id: round(hit.score, 2) for hit in hits} for hits in (near, some)),
    ]


def uses_briefs(store: Store) -> bool:
    return any(hit.words for hit in store.search_text("fox", 50))


def test_each_full_volume_has_a_brief_after_maintenance(tmp_path: Path, store: Store) -> None:
    assert [file.parent.parent.name for file in briefs(tmp_path)] == [f"{NAME}.lance", "1.lance"]
    assert uses_briefs(store)


def test_briefs_find_what_the_volumes_find(tmp_path: Path, store: Store) -> None:
    with_briefs = asked(store)
    for file in briefs(tmp_path):
        shutil.rmtree(file.parent)
    assert not uses_briefs(store)
    for found, expected in zip(with_briefs, asked(store), strict=True):
        assert found == (
            pytest.approx(expected, abs=0.011) if isinstance(found, dict) else expected
        )


def test_the_nearest_and_the_best_come_first(store: Store) -> None:
    for wanted in (2, 27, 50):
        assert store.search_text(f"number{wanted}", 5)[0].file_id == wanted
        assert store.search_vector(fox(wanted).vector, 5)[0].file_id == wanted
    scores = [hit.score for hit in store.search_text("swift fox", 50)]
    assert scores == sorted(scores, reverse=True)


def test_a_hit_by_words_says_which_of_them_it_holds(store: Store) -> None:
    hits = {
        hit.file_id: hit.words for hit in store.search_text("Running foxes swiftly number4", 50)
    }
    assert hits[3] == "running foxes"
    assert hits[4] == "running foxes number4"


def test_texts_are_those_of_the_passages(store: Store) -> None:
    found = store.search_vector(vector_of("fox"), 50)
    assert {hit.text for hit in found} == {""}
    told = store.with_texts(found)
    assert {hit.file_id: hit.text for hit in told} == {n: fox(n).text for n in range(1, 51)}


def test_a_text_is_that_of_the_passage_after_another_brief_has_come(store: Store) -> None:
    found = store.search_vector(vector_of("fox"), 50)
    store.delete([(number, 1) for number in (1, 2, 3, 4, 5, 20)])
    store.maintain()  # of fewer passages, so that each has another number there
    assert uses_briefs(store)
    told = {hit.file_id: hit.text for hit in store.with_texts(found)}
    assert {number for number, text in told.items() if not text} == {1, 2, 3, 4, 5, 20}
    assert all(text == fox(number).text for number, text in told.items() if text)


def test_page_heading_and_range_are_told_with_the_text(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    vector = vector_of("x")
    store.add([ChunkRow(1, 1, 0, 7, "Über uns", 5, 30, "Ein Fuchs läuft", vector)])
    store.add(rows(["hen"] * SIZE, 100))
    store.add(rows(["cow"] * SIZE, 200))
    store.maintain()
    (hit,) = store.with_texts(store.search_text("Fuchs", 5))
    assert hit.words == "fuchs"
    assert (hit.page, hit.heading, hit.start, hit.end) == (7, "Über uns", 5, 30)
    assert hit.text == "Ein Fuchs läuft"
    store.close()


def test_long_passages_have_their_texts_in_the_volume_only(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for first in (1, 101):
        store.add(rows([f"{'long ' * 400} number{first + n}" for n in range(SIZE)], first))
    store.maintain()
    (brief,) = briefs(tmp_path)
    assert "texts" not in read_header(brief.read_bytes()[:HEADER_BYTES]).sections
    (hit,) = store.with_texts(store.search_text("number5", 1))
    assert hit.words == "number5"
    assert hit.text.endswith("number5")
    store.close()


@pytest.mark.parametrize(
    "query", ['"runs home"', "mail.me@example.org", "snake_case", "北京大学", "fox " * 300]
)
def test_more_than_words_is_found_too(tmp_path: Path, query: str) -> None:
    store = open_store(tmp_path)
    texts = ["fox runs home", "to mail.me@example.org", "a snake_case name", "我在北京大学读书"]
    for first in (1, 101, 201):
        store.add(rows([*texts, *["hen"] * (SIZE - 4)], first))
    store.maintain()
    found = {hit.file_id % 100 for hit in store.search_text(query, 3)}
    assert len(found) == 1
    assert query[:3].strip('"') in texts[found.pop() - 1]
    store.close()


def test_an_empty_result_is_empty(store: Store) -> None:
    assert store.search_text("zebra", 5) == []
    assert store.search_text("fox", 5, [999]) == []
    assert store.search_vector(vector_of("fox"), 5, [999]) == []


def test_a_word_is_weighed_by_how_rare_it_is_in_all_volumes(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add(rows(["tax law here"] * SIZE, 1))
    store.add(rows([*["ox here"] * 15, *["tax ox"] * 2, *["hen"] * 3], 101))
    store.add(rows(["cow"] * SIZE, 201))
    store.add(rows(["cow"], 301))
    store.maintain()
    # In the first volume "tax" tells nothing, in all of them it is rarer than "here".
    scores = {hit.file_id: hit.score for hit in store.search_text("tax here", 60)}
    assert scores[116] > scores[101]
    store.close()


def test_briefs_hold_no_memory_between_searches(store: Store) -> None:
    assert uses_briefs(store)
    held = [seat.row_ids.nbytes for seat in store._volumes._shelf._seats.values()]
    assert held == [8 * SIZE, 8 * SIZE]
    for seat in store._volumes._shelf._seats.values():
        assert not any(isinstance(value, np.ndarray) for value in vars(seat.brief).values())


def test_briefs_know_how_common_a_word_is(store: Store) -> None:
    shelf = store._volumes._shelf
    assert shelf.share_of(ParsedQuery("swiftly", (), ())) is None
    assert uses_briefs(store)
    assert shelf.share_of(ParsedQuery("foxes", (), ())) == 1.0
    assert shelf.share_of(ParsedQuery("swift", (), ())) == pytest.approx(27 / 40)
    assert shelf.share_of(ParsedQuery("zebra", (), ())) == 0.0
    assert shelf.share_of(ParsedQuery("", ("runs home",), ())) is None

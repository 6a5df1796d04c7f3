"""The words of new passages are found as LanceDB's text index finds them."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from store_rows import DIMENSION, rows

from vext_desktop.index.fresh_text import FreshText
from vext_desktop.index.query import parse_query
from vext_desktop.index.store import Store

TEXTS = [
    "The foxes were running over the field",
    "Eine Füchsin läuft über das Feld",
    "我们在图书馆看书",
    "図書館で本を読む",
    "ห้องสมุดเปิดทุกวัน",
    "mail to someone@example.org about 10.1000/182",
    "a red house and a blue door",
    "a blue house and a red door",
    "SELECT * FROM words; DROP TABLE words --",
]
QUERIES = [
    "fox", "running", "FIELD", "fuchsin", "图书馆", "図書館", "ห้องสมุด", "someone@example.org",
    '"red house"', '"red house" door', "house door", '" OR NEAR(', "select", "zebra", "a", "",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_the_same_passages_before_and_after_maintenance(
    tmp_path: Path, query: str
) -> None:
    store = Store(tmp_path, "m", DIMENSION)
    store.add(rows(TEXTS))
    before = {hit.file_id for hit in store.search_text(query, 20)}
    store.maintain()
    assert {hit.file_id for hit in store.search_text(query, 20)} == before
    store.close()


def test_a_passage_that_holds_more_of_the_words_comes_first(tmp_path: Path) -> None:
    fresh = FreshText(tmp_path / "words")
    fresh.add(rows(["a fox", "a fox and a hen", "a hen", "a house"]))
    found = fresh.search(parse_query("fox hen"), 10, None)
    assert found[0].file_id == 2
    assert {hit.file_id for hit in found} == {1, 2, 3}
    fresh.close()


def test_only_what_the_index_does_not_hold_yet_is_kept(tmp_path: Path) -> None:
    fresh = FreshText(tmp_path / "words")
    fresh.add(rows([f"fox {n}" for n in range(50)]))
    fresh.keep_last(3)
    assert len(fresh) == 3
    found = fresh.search(parse_query("fox"), 10, "(file_id BETWEEN 1 AND 49)")
    assert {hit.file_id for hit in found} == {48, 49}
    fresh.keep_last(0)
    assert (len(fresh), fresh.search(parse_query("fox"), 10, None)) == (0, [])
    fresh.add(rows(["fox"]))
    assert len(fresh.search(parse_query("fox"), 10, None)) == 1
    fresh.close()


def test_a_file_whose_text_is_no_text_does_no_harm(tmp_path: Path) -> None:
    fresh = FreshText(tmp_path / "words")
    fresh.add(rows(["a lone \ud800 surrogate", "a nul \0 sign"]))
    assert len(fresh.search(parse_query("a \ud800 \0"), 10, None)) == 2
    fresh.close()


def test_nothing_is_left_on_the_disk_by_a_program_that_is_killed(tmp_path: Path) -> None:
    left = tmp_path / "words"
    fresh = FreshText(left)
    fresh.add(rows(["a fox"]))
    if os.name == "posix":  # elsewhere an open file stays until it is closed
        assert list(tmp_path.iterdir()) == []
    fresh.close()
    left.write_text("what another system left")
    fresh.add(rows(["a hen"]))
    assert len(fresh) == 1
    fresh.close()
    assert list(tmp_path.iterdir()) == []


def test_it_takes_no_memory_for_the_words_that_it_holds(tmp_path: Path) -> None:
    # In a process of its own: SQLite counts for all of a program.
    counted = subprocess.run(
        [sys.executable, "-c", _COUNT_MEMORY, str(tmp_path / "words")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    few, many, on_disk = map(int, counted.stdout.split())
    assert on_disk > 6_000_000
    assert many - few < 1_000_000


_COUNT_MEMORY = """
import sys
from pathlib import Path
from store_rows import rows
from vext_desktop.index.fresh_text import FreshText
from vext_desktop.memory.glibc import Glibc

fresh = FreshText(Path(sys.argv[1]))
library = Glibc()

def in_use():
    use = library.use()
    return use.blocks_bytes + use.mapped_bytes

for n in range(25):
    if n == 8:
        few = in_use()  # SQLite's cache of 1 MB is full
    fresh.add(rows([f"{n * 100 + m} fox " * 100 for m in range(200)], 200 * n))
pages, size = (fresh._db.execute(f"PRAGMA {name}").fetchone()[0]
               for name in ("page_count", "page_size"))
print(few, in_use(), pages * size)
"""


Warnings = list[logging.LogRecord]


def test_where_its_file_cannot_be_written_the_store_finds_new_rows_all_the_same(
    tmp_path: Path, expected_warnings: Warnings
) -> None:
    store = Store(tmp_path, "m", DIMENSION)
    name = next(entry.stem for entry in tmp_path.glob("*.lance"))
    (tmp_path / f"{name}.new-words").mkdir()  # in its place
    store.add(rows(["an early fox", "a late fox"]))
    assert {hit.file_id for hit in store.search_text("fox", 10)} == {1, 2}
    assert len(expected_warnings) == 1
    store.close()


def test_after_a_failure_the_next_maintenance_makes_it_good(
    tmp_path: Path, expected_warnings: Warnings
) -> None:
    fresh = FreshText(tmp_path / "words")
    fresh.add(rows(["a fox", "a hen"]))
    blocked = tmp_path / "words-next"
    blocked.mkdir()
    fresh.keep_last(1)
    assert (fresh.can_search, fresh.search(parse_query("hen"), 10, None)) == (False, [])
    fresh.keep_last(0)
    fresh.add(rows(["a hen"]))
    assert fresh.can_search
    assert len(fresh.search(parse_query("hen"), 10, None)) == 1
    assert len(expected_warnings) == 1
    fresh.close()


def test_a_database_that_breaks_while_it_is_asked_is_let_go_of(
    tmp_path: Path, expected_warnings: Warnings
) -> None:
    fresh = FreshText(tmp_path / "words")
    fresh.add(rows(["a fox"]))
    fresh.forget("no_such_column = 1")
    assert (fresh.can_search, len(fresh)) == (False, 0)
    assert fresh.search(parse_query("fox"), 10, None) == []
    assert len(expected_warnings) == 1


def test_new_passages_that_share_their_subject_are_found_before_old_ones_that_touch_it(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, "m", DIMENSION)
    store.add(rows([f"number {n} of {'cells' if n % 10 == 0 else 'others'}" for n in range(300)]))
    store.maintain()
    store.add(rows([f"the zeppelin of cells {n}" for n in range(5)], 1000))
    found = [hit.file_id for hit in store.search_text("zeppelin cells", 10)]
    assert set(found[:5]) == set(range(1000, 1005))
    common = store.search_text("number cells", 10)
    assert common[0].file_id < 1000, "what holds both words is old"
    store.close()


def test_what_was_deleted_is_neither_found_nor_counted(tmp_path: Path) -> None:
    fresh = FreshText(tmp_path / "words")
    fresh.add(rows(["an early fox", "a late fox"]))
    fresh.forget("generation = 1 AND (file_id BETWEEN 2 AND 2)")
    assert [hit.file_id for hit in fresh.search(parse_query("late fox"), 10, None)] == [1]
    fresh.keep_last(1)  # all that LanceDB's index lacks
    assert [hit.file_id for hit in fresh.search(parse_query("fox"), 10, None)] == [1]
    fresh.close()

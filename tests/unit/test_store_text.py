"""Text search of the store: words of any script, phrases, and whatever people type."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_rows import DIMENSION, rows

from vext_desktop.index.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store", "model-a", DIMENSION)
    yield opened
    opened.close()


def found(store: Store, query: str, file_ids: list[int] | None = None) -> list[int]:
    return [hit.file_id for hit in store.search_text(query, 10, file_ids)]


@pytest.mark.parametrize("is_maintained", [False, True])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fox", {1}),
        ("running", {1}),
        ("run", {1}),
        ("snake_case_name", {2}),
        ("case", {2}),
        ("mail.me@example.org", {3}),
        ("example", {3}),
        ("北京", {4}),
        ("大学", {4}),
        ("テスト", {5}),
        ("über", {6}),
        ("UBER", {6}),
        ("москва", {7}),
        ('"running foxes"', {1}),
        ('"foxes running"', set()),
        ('"北京大学"', {4}),
        ('"brown running" example', {1}),
    ],
)
def test_words_are_found_in_any_script_before_and_after_maintenance(
    session_store: dict[bool, Store], query: str, expected: set[int], *, is_maintained: bool
) -> None:
    assert set(found(session_store[is_maintained], query)) == expected


@pytest.fixture(scope="module")
def session_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, Store]]:
    """The same rows in a store that was maintained and in one that was not."""
    stores = {}
    for is_maintained in (False, True):
        folder = tmp_path_factory.mktemp("texts") / "store"
        stores[is_maintained] = Store(folder, "model-a", DIMENSION)
        stores[is_maintained].add(
            rows(
                [
                    "The quick brown running foxes.",
                    "def snake_case_name(self): pass",
                    "Write to mail.me@example.org today.",
                    "他在北京大学的图书馆里。",
                    "これは日本語テストです。",
                    "Über den Wolken",
                    "Это Москва.",
                ]
            )
        )
        if is_maintained:
            stores[is_maintained].maintain()
    yield stores
    for store in stores.values():
        store.close()


@pytest.mark.parametrize(
    "query",
    ["", " ", '"', '""', "*", "(", "a AND (b", "\0", "\ud800", "'; drop", "x" * 10_000,
     '"a" "', "-", "+fox -dog", "text:fox", "fox~2", "[1 TO 2]", "\\", "🦊", "a:b:c@d.e_f"],
)  # fmt: skip
def test_nothing_that_a_person_types_is_an_error(
    session_store: dict[bool, Store], query: str
) -> None:
    for store in session_store.values():
        assert len(store.search_text(query, 5)) <= 5


def test_a_name_with_signs_is_found_before_texts_with_its_parts(store: Store) -> None:
    store.add(rows(["user of an example, org and mail", "write to user.mail@example.org"]))
    assert found(store, "user.mail@example.org")[0] == 2

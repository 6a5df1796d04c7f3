"""Does the store hold what the ledger says it does: no passage less, none more, none twice."""

from collections.abc import Iterable
from dataclasses import dataclass

from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.finding import Finding, FindingKind, Repair
from vext_desktop.index.ledger_schema import LedgerFile

Pair = tuple[int, int]  # file_id, generation
Key = tuple[int, int, int, int, int]  # and ordinal, start, end, as `Store.keys` gives them
# No document has so many passages: whoever says so is damaged.
_MOST_ORDINAL = 50_000_000


@dataclass(frozen=True, slots=True)
class RowsCompared:
    """How a table and the ledger differ.

    Attributes:
        lost: Pairs whose passages are not all there, or not once each.
        foreign: Pairs with passages that the ledger knows nothing of.
    """

    lost: tuple[Pair, ...]
    foreign: tuple[Pair, ...]


def compare_rows(file: LedgerFile, edition: Edition, keys: Iterable[Key]) -> RowsCompared:
    """Compare the rows of an edition's table with the ledger.

    Args:
        file: The ledger.
        edition: Whose table it is.
        keys: Of all its rows, as `Store.keys` gives them.
    """
    found: dict[Pair, tuple[int, int]] = {}  # how many, and a bit for each ordinal
    spoilt: set[Pair] = set()
    for file_id, generation, ordinal, _, _ in keys:
        pair = (file_id, generation)
        count, seen = found.get(pair, (0, 0))
        if not 0 <= ordinal < _MOST_ORDINAL or seen >> ordinal & 1:
            spoilt.add(pair)
            ordinal = 0  # noqa: PLW2901 - counted all the same
        found[pair] = (count + 1, seen | 1 << ordinal)
    expected = expected_pairs(file, edition)
    lost = tuple(
        pair
        for pair, chunks in expected.items()
        if pair in spoilt or found.get(pair, (0, 0))[0] != chunks
    )
    known = expected.keys() | known_leftovers(file, edition)
    return RowsCompared(lost, tuple(sorted(found.keys() - known)))


def expected_pairs(file: LedgerFile, edition: Edition) -> dict[Pair, int]:
    """The pairs that an edition holds, with how many passages each."""
    if edition.is_worked_on:
        rows = file.rows("SELECT file_id, generation, chunks FROM files WHERE generation > 0")
    else:
        rows = file.rows(
            "SELECT file_id, generation, chunks FROM kept_passages WHERE edition_id = ?",
            [edition.edition_id],
        )
    return {(file_id, generation): chunks for file_id, generation, chunks in rows}


def known_leftovers(file: LedgerFile, edition: Edition) -> set[Pair]:
    """The pairs whose rows, if any, the next run removes."""
    if edition.is_worked_on:
        return set(file.rows("SELECT file_id, generation FROM leftovers"))
    return set(
        file.rows(
            "SELECT file_id, generation FROM kept_leftovers WHERE edition_id = ?",
            [edition.edition_id],
        )
    )


def findings_of(part: str, edition: Edition, compared: RowsCompared) -> list[Finding]:
    """The differences as findings."""
    found = []
    if compared.lost:
        found.append(
            Finding(
                FindingKind.PASSAGES_LOST,
                part,
                f"Of {len(compared.lost)} of your files not all passages are in the index, so "
                "they are not, or not wholly, found. Your documents are untouched.",
                "A repair lets these files be read and processed again at the next run.",
                Repair.PASSAGES,
                edition.table_name,
            )
        )
    if compared.foreign:
        found.append(
            Finding(
                FindingKind.PASSAGES_FOREIGN,
                part,
                f"The index holds passages that belong to no file that it knows "
                f"({len(compared.foreign)} groups); they are never shown.",
                "A repair lets the next run remove them.",
                Repair.PASSAGES,
                edition.table_name,
            )
        )
    return found

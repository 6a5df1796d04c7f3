"""The examination of a data folder: every part of it, quickly or thoroughly; changes nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from filelock import FileLock, Timeout

from vext_desktop.errors import StoreError, VextError
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.finding import Finding, FindingKind, Repair
from vext_desktop.index.health.ledger_check import check_ledger, copy_of_ledger, open_to_read
from vext_desktop.index.health.rows_check import compare_rows, findings_of
from vext_desktop.index.health.seals import TableSeals, read_seals
from vext_desktop.index.health.small_check import check_small
from vext_desktop.index.health.table_check import check_table
from vext_desktop.index.lance_import import told_panics
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.ledger_reader import LedgerReader
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths

# A word that the text index must be able to look up, whether any passage has it or not.
ANY_WORD = "the"


def examine(paths: Paths, *, thorough: bool) -> list[Finding]:
    """What is not as it should be in a data folder; nothing is changed.

    Args:
        paths: The data folder; empty findings if there is none.
        thorough: Whether contents are read too: seconds for each gigabyte. Otherwise only sizes
            and names are looked at, in well under a second.
    """
    return list(examination(paths, thorough=thorough))


def examination(paths: Paths, *, thorough: bool) -> Iterator[Finding]:
    """The findings of `examine`, one after the other."""
    if not paths.data_dir.is_dir():
        return
    small = list(check_small(paths, thorough=thorough))
    yield from small
    if any(finding.kind is FindingKind.IN_THE_WAY for finding in small):
        return  # first things first: the rest can be told when that is out of the way
    yield from _check_copies(paths)
    found = check_ledger(paths, thorough=thorough)
    yield from found
    if not found and paths.ledger.exists() and paths.ledger.stat().st_size:
        yield from _check_store(paths, thorough=thorough)


def seals_of(paths: Paths) -> dict[str, TableSeals]:
    """The seals of the store; none where they cannot be read."""
    try:
        return read_seals(paths.safe / "seals.json")
    except (OSError, ValueError):
        return {}


def _check_store(paths: Paths, *, thorough: bool) -> Iterator[Finding]:
    try:
        ledger = Ledger(paths.ledger, read_only=True)
    except StoreError:
        return  # an older program's: opening it brings it up to date, and makes it known
    with ledger:
        is_busy = _is_busy(paths)
        seals = seals_of(paths)
        for edition in _editions(ledger):
            passages = ledger.editions.passages(edition)
            found = check_table(paths.store, edition, passages, seals, thorough=thorough)
            yield from found
            # Beside a program that writes, rows and ledger are never seen at the same moment.
            if thorough and not found and passages and not is_busy:
                yield from _check_rows(paths, ledger, edition)


def _editions(ledger: LedgerReader) -> list[Edition]:
    """All editions whose tables are wanted, each once."""
    in_use = [ledger.editions.serving(), ledger.editions.worked_on(), *ledger.editions.kept()]
    return list({one.edition_id: one for one in in_use if one is not None}.values())


def _check_rows(paths: Paths, ledger: LedgerReader, edition: Edition) -> Iterator[Finding]:
    part = f"{paths.store.name}/{edition.table_name}.lance"
    try:
        with told_panics(), closing(open_table(paths, edition)) as store:
            compared = compare_rows(ledger.file, edition, store.keys())
            store.search_text(ANY_WORD, 1)
    except VextError as error:
        yield Finding(
            FindingKind.TABLE_DAMAGED,
            part,
            f"The index cannot be read as a whole. {error.message}",
            "A repair keeps every passage that can still be read; only the files of the others "
            "are read and processed again.",
            Repair.TABLE,
            edition.table_name,
        )
        return
    yield from findings_of(part, edition, compared)


def open_table(paths: Paths, edition: Edition) -> Store:
    """An edition's table, to read only."""
    return Store(
        paths.store,
        edition.model,
        edition.dimension,
        table_name=edition.table_name,
        read_only=True,
    )


def _check_copies(paths: Paths) -> Iterator[Finding]:
    bad = []
    copy = copy_of_ledger(paths)
    if copy.exists():
        try:
            with closing(open_to_read(copy)) as connection:
                if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                    bad.append(copy)
        except sqlite3.Error:
            bad.append(copy)
    try:
        read_seals(paths.safe / "seals.json")
    except (OSError, ValueError):
        bad.append(paths.safe / "seals.json")
    for file in bad:
        yield Finding(
            FindingKind.COPY_DAMAGED,
            f"{paths.safe.name}/{file.name}",
            f"A copy that the program keeps for repairs is damaged ({file.name}); your index is "
            "not affected.",
            "A repair moves it aside; the next run makes it again.",
            Repair.ASIDE,
        )


def _is_busy(paths: Paths) -> bool:
    """Whether another program is writing to this data folder just now."""
    if not paths.lock.exists():
        return False
    lock = FileLock(paths.lock, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False

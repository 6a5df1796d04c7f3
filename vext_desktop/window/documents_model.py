"""The files of the index as a table; only the rows that are looked at are in memory."""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any, Protocol

from PySide6.QtCore import (
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QPalette

from vext_desktop.errors import StoreError
from vext_desktop.index.records import FileBand, FileRecord
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import format_bytes
from vext_desktop.window.column_model import ColumnModel
from vext_desktop.window.plain_text import shown_folder, shown_line, shown_moment, shown_tooltip
from vext_desktop.window.state_icons import draw_state_icon, state_icon_name, state_word
from vext_desktop.window.tones import muted_text

PAGE_ROWS = 128
KEPT_PAGES = 24
# How far from its old place a file is looked for after others came or went, in pages each way.
FIND_PAGES = 4
# Rows are read in groups of this many when a verb is used on many of them.
GROUP_ROWS = 1000

# States that say all there is to say; the others come with a reason.
_PLAIN_STATES = frozenset({Outcome.INDEXED, Outcome.UNCHANGED, Outcome.WAITING})


class Column(IntEnum):
    """The columns, from left to right."""

    NAME = 0
    STATE = 1
    REASON = 2
    SIZE = 3
    PASSAGES = 4
    MODIFIED = 5
    FOLDER = 6

    @property
    def title(self) -> str:
        """What stands in the header."""
        return self.name.capitalize()


class FileList(Protocol):
    """Where the rows come from: the window's view of the ledger, or a test's list."""

    def page(self, band: FileBand, offset: int, limit: int, /) -> list[FileRecord]:
        """Some of the files in a band."""


class DocumentsModel(ColumnModel):
    """Rows are read a page at a time when they are first asked for; the latest pages are kept."""

    failed = Signal(object)
    """The StoreError of a page that could not be read. Connect it queued: Qt may be painting."""

    def __init__(self, parent: QObject | None = None) -> None:
        words = set(Column) - {Column.SIZE, Column.PASSAGES}
        super().__init__([column.title for column in Column], words, parent)
        self._source: FileList | None = None
        self._band = FileBand.ALL
        self._count = 0
        self._pages: OrderedDict[int, list[FileRecord]] = OrderedDict()
        self._palette = QPalette()
        self._icons: dict[str, QIcon] = {}
        self._answers: dict[int, Callable[[FileRecord, Column], Any]] = {
            Qt.ItemDataRole.DisplayRole: _shown,
            Qt.ItemDataRole.DecorationRole: self._decoration,
            Qt.ItemDataRole.ForegroundRole: self._foreground,
            Qt.ItemDataRole.TextAlignmentRole: lambda _record, column: self.side_of(column),
            Qt.ItemDataRole.ToolTipRole: _tooltip,
            Qt.ItemDataRole.AccessibleTextRole: _spoken,
        }

    def take_palette(self, palette: QPalette) -> None:
        """Draw icons and muted text for this palette from now on."""
        self._palette = palette
        self._icons.clear()

    def show_files(self, source: FileList | None, band: FileBand, count: int) -> None:
        """Show other files than before, `count` of them; no source shows nothing."""
        self.beginResetModel()
        self._source, self._band = source, band
        self._pages.clear()
        self._count = count if source is not None else 0
        self.endResetModel()

    def refresh(self, first: int, last: int, count: int) -> None:
        """Read the ledger again; only what is visible now is fetched.

        Args:
            first: The first visible row.
            last: The last one.
            count: How many rows there are now.
        """
        if self._source is None:
            return
        before = self._pages
        self._pages = OrderedDict()
        self._set_count(count)
        visible = range(max(0, first) // PAGE_ROWS, max(0, last) // PAGE_ROWS + 1)
        changed = [page for page in visible if before.get(page) != self._page(page)]
        if changed and self._count:
            top = min(changed[0] * PAGE_ROWS, self._count - 1)
            bottom = min((changed[-1] + 1) * PAGE_ROWS, self._count) - 1
            last_column = self.columnCount() - 1
            self.dataChanged.emit(self.index(top, 0), self.index(bottom, last_column))

    def record_at(self, row: int) -> FileRecord | None:
        """The file in a row; None where there is none (any more)."""
        if not 0 <= row < self._count:
            return None
        page = self._page(row // PAGE_ROWS)
        place = row % PAGE_ROWS
        return page[place] if place < len(page) else None

    def records(self, first: int, last: int) -> Iterator[FileRecord]:
        """The files from one row to another, read in groups and not kept."""
        if self._source is None:
            return
        for start in range(first, last + 1, GROUP_ROWS):
            limit = min(GROUP_ROWS, last + 1 - start)
            yield from self._source.page(self._band, start, limit)

    def find_row(self, file_id: int, near: int) -> int | None:
        """The row of a file that was in the row `near` not long ago; None if it is not there."""
        home = near // PAGE_ROWS
        for page in sorted(range(home - FIND_PAGES, home + FIND_PAGES + 1), key=_distance(home)):
            if 0 <= page * PAGE_ROWS < self._count:
                for place, record in enumerate(self._page(page)):
                    if record.file_id == file_id:
                        return page * PAGE_ROWS + place
        return None

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """All files of the band; most of them were never read."""
        return 0 if parent.isValid() else self._count

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """What is shown of one file in one column."""
        answer = self._answers.get(role)
        record = self.record_at(index.row()) if answer is not None else None
        if answer is None or record is None:
            return None
        return answer(record, Column(index.column()))

    def _set_count(self, count: int) -> None:
        """Rows come and go at the end; which file is in which row is said by dataChanged."""
        if count > self._count:
            self.beginInsertRows(QModelIndex(), self._count, count - 1)
            self._count = count
            self.endInsertRows()
        elif count < self._count:
            self.beginRemoveRows(QModelIndex(), count, self._count - 1)
            self._count = count
            self.endRemoveRows()

    def _page(self, page: int) -> list[FileRecord]:
        found = self._pages.get(page)
        if found is None:
            if self._source is None:
                return []
            try:
                found = self._source.page(self._band, page * PAGE_ROWS, PAGE_ROWS)
            except StoreError as error:
                self._source = None
                self.failed.emit(error)
                return []
            self._pages[page] = found
            if len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(page)
        return found

    def _decoration(self, record: FileRecord, column: Column) -> QIcon | None:
        if column is not Column.STATE:
            return None
        name = state_icon_name(record.state)
        if name not in self._icons:
            self._icons[name] = draw_state_icon(name, self._palette)
        return self._icons[name]

    def _foreground(self, _record: FileRecord, column: Column) -> QColor | None:
        is_muted = column not in {Column.NAME, Column.STATE}
        return muted_text(self._palette) if is_muted else None


def _shown(record: FileRecord, column: Column) -> str:
    return _TEXTS[column](record)


def _name(record: FileRecord) -> str:
    return shown_line(os.path.basename(record.path))  # noqa: PTH119 - may hold undecodable bytes


def _reason(record: FileRecord) -> str:
    sentence = "" if record.state in _PLAIN_STATES else record.state.sentence
    return shown_line(record.reason or sentence)


def _passages(record: FileRecord) -> str:
    return QLocale().toString(record.chunks) if record.chunks else ""


def _modified(record: FileRecord) -> str:
    return shown_moment(record.mtime_ns / 1e9)


_TEXTS: dict[Column, Callable[[FileRecord], str]] = {
    Column.NAME: _name,
    Column.STATE: lambda record: state_word(record.state),
    Column.REASON: _reason,
    Column.SIZE: lambda record: format_bytes(record.size_bytes),
    Column.PASSAGES: _passages,
    Column.MODIFIED: _modified,
    Column.FOLDER: lambda record: shown_folder(record.path),
}


def _tooltip(record: FileRecord, column: Column) -> str:
    if column in {Column.STATE, Column.REASON}:
        return shown_tooltip(record.reason or record.state.sentence)
    return shown_tooltip(record.path) if column in {Column.NAME, Column.FOLDER} else ""


def _spoken(record: FileRecord, column: Column) -> str:
    return f"{column.title}: {_shown(record, column) or 'none'}"


def _distance(home: int) -> Callable[[int], int]:
    return lambda page: abs(page - home)

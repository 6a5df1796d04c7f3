"""The owner bands as rows of numbers: of the present, or before and after a cleanup."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QPalette

from vext_desktop.readings import (
    Band,
    ProcessRole,
    ProgramBands,
    format_bytes,
)
from vext_desktop.window.band_colours import BandPaint, paints_for, swatch

NOW_COLUMNS = ("Owner", "Window", "Engine", "Reader", "All", "Share")
CHANGE_COLUMNS = ("Owner", "Before", "After", "Change")
DASH = "\N{EN DASH}"
ABSENT = "not told here"
INDENT = " " * 8
SUM_MEANING = "Resident memory, as the system counts it: the sum of all owners."
FAMILY_MEANING = "Code and data of this family of libraries."

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class BandRow:
    """One row.

    Attributes:
        name: The band, a family of libraries, or the sum.
        meaning: What it is, in a sentence.
        cells: What stands in the other columns.
        band: The band, for its colour and for choosing it; None for the others.
        is_family: Whether it is one family of the libraries above it.
    """

    name: str
    meaning: str
    cells: tuple[str, ...]
    band: Band | None = None
    is_family: bool = False


class BandModel(QAbstractTableModel):
    """Rows in the order of the stack, from its top; bands that cannot be told are absent."""

    def __init__(self, palette: QPalette, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[str, ...] = NOW_COLUMNS
        self._rows: list[BandRow] = []
        self._swatches = _swatches(paints_for(palette))
        self._bold = QFont()
        self._bold.setBold(True)

    def set_palette(self, palette: QPalette) -> None:
        """Show the samples for a light or a dark window."""
        self._swatches = _swatches(paints_for(palette))

    def show_picture(self, picture: ProgramBands, *, with_families: bool) -> None:
        """Show one picture; the libraries with their families if wanted."""
        self._show(NOW_COLUMNS, _rows_of(picture, with_families=with_families))

    def show_change(self, before: ProgramBands, after: ProgramBands) -> None:
        """Show two pictures and what lies between them."""
        self._show(CHANGE_COLUMNS, _rows_between(before, after))

    def row_at(self, row: int) -> BandRow | None:
        """What a row stands for; None where there is none."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, band: Band) -> int | None:
        """The row of a band; None where it is absent."""
        rows = (number for number, row in enumerate(self._rows) if row.band is band)
        return next(rows, None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """The bands that can be told, and their sum."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """The name and its numbers."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text, sample, and what a screen reader and the tool tip say of it."""
        row, column = self._rows[index.row()], index.column()
        text = (row.name, *row.cells)[column]
        spoken = ABSENT if text == DASH else text
        is_sum, is_name = row.meaning is SUM_MEANING, column == 0
        answers: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: INDENT + text if row.is_family and is_name else text,
            Qt.ItemDataRole.AccessibleTextRole: (
                text if is_name else f"{row.name}, {self._columns[column]}: {spoken}"
            ),
            Qt.ItemDataRole.ToolTipRole: row.meaning,
            Qt.ItemDataRole.AccessibleDescriptionRole: row.meaning,
            Qt.ItemDataRole.TextAlignmentRole: _side(column),
            Qt.ItemDataRole.FontRole: self._bold if is_sum else None,
            Qt.ItemDataRole.DecorationRole: (
                self._swatches[row.band] if is_name and row.band is not None else None
            ),
        }
        return answers.get(role)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The names of the columns."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        return _side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _show(self, columns: tuple[str, ...], rows: list[BandRow]) -> None:
        """Take over rows; where their names stay, so do selection and place of the view."""
        names = [row.name for row in rows]
        if columns == self._columns and names == [row.name for row in self._rows]:
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))
            return
        self.beginResetModel()
        self._columns, self._rows = columns, rows
        self.endResetModel()


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _swatches(paints: Mapping[Band, BandPaint]) -> dict[Band, object]:
    return {band: swatch(paint) for band, paint in paints.items()}


def _rows_of(picture: ProgramBands, *, with_families: bool) -> list[BandRow]:
    processes = [picture.of(role) for role in ProcessRole]
    rows = []
    for band in picture.bands:
        sizes = [None if each is None else each.bands.get(band) for each in processes]
        rows.append(BandRow(band.label, band.meaning, _cells(picture, sizes), band))
        if band is Band.LIBRARIES and with_families:
            rows += _family_rows(picture)
    whole = [None if each is None else each.rss_bytes for each in processes]
    return [*rows, BandRow("Sum (RSS)", SUM_MEANING, _cells(picture, whole))]


def _family_rows(picture: ProgramBands) -> list[BandRow]:
    processes = [picture.of(role) for role in ProcessRole]
    sizes: dict[str, list[int | None]] = {}
    for number, process in enumerate(processes):
        for family, size in process.libraries.items() if process else ():
            sizes.setdefault(family, [None] * len(processes))[number] = size
    largest = sorted(sizes, key=lambda family: -sum(size or 0 for size in sizes[family]))
    return [
        BandRow(family, FAMILY_MEANING, _cells(picture, sizes[family]), is_family=True)
        for family in largest
    ]


def _cells(picture: ProgramBands, sizes: list[int | None]) -> tuple[str, ...]:
    whole = sum(size for size in sizes if size is not None)
    share = f"{whole / picture.rss_bytes:.0%}" if picture.rss_bytes else DASH
    return (*(_words(size) for size in sizes), format_bytes(whole), share)


def _rows_between(before: ProgramBands, after: ProgramBands) -> list[BandRow]:
    old, new = before.bands, after.bands
    rows = [
        BandRow(band.label, band.meaning, _change(old.get(band), new.get(band)), band)
        for band in Band
        if band in old or band in new
    ]
    return [*rows, BandRow("Sum (RSS)", SUM_MEANING, _change(before.rss_bytes, after.rss_bytes))]


def _change(old: int | None, new: int | None) -> tuple[str, ...]:
    if old is None or new is None:
        return _words(old), _words(new), DASH
    sign = "\N{MINUS SIGN}" if new < old else "+"
    # Under half a megabyte nothing has changed that the other columns would show.
    changed = f"{sign}{format_bytes(abs(new - old))}" if abs(new - old) >= 500_000 else "0"
    return _words(old), _words(new), changed


def _words(size: int | None) -> str:
    return DASH if size is None else format_bytes(size)

"""The owner bands as rows of numbers: of the present, or before and after a cleanup."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QFont, QPalette

from vext_desktop.readings import Band, ProcessRole, ProgramBands
from vext_desktop.window.band_colours import BandPaint, paints_for, swatch
from vext_desktop.window.column_model import ColumnModel, Index

NOW_COLUMNS = ("Owner", "Window", "Engine", "Reader", "All", "Share")
CHANGE_COLUMNS = ("Owner", "Before", "After", "Change")
DASH = "\N{EN DASH}"
ABSENT = "not told here"
INDENT = " " * 8
SMALLEST_BYTES = 50_000
ROUNDED_FROM_BYTES = 9_950_000
SUM = "Sum (RSS)"
SUM_MEANING = "Resident memory, as the system counts it: the sum of all owners."
FAMILY_MEANING = "Code and data of this family of libraries."


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


class BandModel(ColumnModel):
    """The sum, then its parts in the order of the stack; what cannot be told is absent."""

    def __init__(self, palette: QPalette, parent: QObject | None = None) -> None:
        super().__init__(NOW_COLUMNS, parent=parent)
        self._rows: list[BandRow] = []
        self._paints = paints_for(palette)
        self._swatches = _swatches(self._paints)
        self._bold = QFont()
        self._bold.setBold(True)

    def set_palette(self, palette: QPalette) -> None:
        """Show the samples for a light or a dark window."""
        paints = paints_for(palette)
        if paints is not self._paints:  # a palette comes with each new owner, mostly the same
            self._paints = paints
            self._swatches = _swatches(paints)

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

    def text_at(self, row: int, column: int) -> str:
        """What stands in a cell."""
        return self._rows[row].cells[column - 1] if column else self._rows[row].name

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """The bands that can be told, and their sum."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text, sample, and what a screen reader and the tool tip say of it."""
        row, column = self._rows[index.row()], index.column()
        answer: object = None
        # As numbers: a cell is painted from several answers, and a table has many cells.
        match int(role):
            case ColumnModel.DISPLAY:
                text = self.text_at(index.row(), column)
                answer = INDENT + text if row.is_family and column == 0 else text
            case ColumnModel.SPOKEN:
                text = self.text_at(index.row(), column)
                spoken = ABSENT if text == DASH else text
                answer = f"{row.name}, {self._titles[column]}: {spoken}" if column else text
            case ColumnModel.TOOL_TIP | ColumnModel.DESCRIPTION:
                answer = row.meaning
            case ColumnModel.SIDE:
                answer = self.side_of(column)
            case ColumnModel.FONT if row.name is SUM:
                answer = self._bold
            case ColumnModel.ICON if column == 0 and row.band is not None:
                answer = self._swatches[row.band]
        return answer

    def _show(self, columns: tuple[str, ...], rows: list[BandRow]) -> None:
        """Take over rows; where their names stay, so do selection and place of the view."""
        names = [row.name for row in rows]
        if columns == self._titles and names == [row.name for row in self._rows]:
            self._replace_cells(rows)
            return
        self.beginResetModel()
        self._titles, self._rows = columns, rows
        self.endResetModel()

    def _replace_cells(self, rows: list[BandRow]) -> None:
        """Take over the same rows with other numbers."""
        old, self._rows = self._rows, rows
        self.announce_changes([row.cells for row in old], [row.cells for row in rows], left=1)


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
    return [BandRow(SUM, SUM_MEANING, _cells(picture, whole)), *rows]


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
    share = round(100 * whole / picture.rss_bytes) if picture.rss_bytes else 0
    return (*(_words(size) for size in sizes), _words(whole), f"{share} %")


def _rows_between(before: ProgramBands, after: ProgramBands) -> list[BandRow]:
    old, new = before.bands, after.bands
    rows = [
        BandRow(band.label, band.meaning, _change(old.get(band), new.get(band)), band)
        for band in Band
        if band in old or band in new
    ]
    return [BandRow(SUM, SUM_MEANING, _change(before.rss_bytes, after.rss_bytes)), *rows]


def _change(old: int | None, new: int | None) -> tuple[str, ...]:
    if old is None or new is None:
        return _words(old), _words(new), DASH
    change = _words(new - old)
    return _words(old), _words(new), f"+{change}" if new - old >= SMALLEST_BYTES else change


def _words(size: int | None) -> str:
    """Megabytes, so that a column can be compared at a glance; small ones with a decimal."""
    if size is None:
        return DASH
    if abs(size) < SMALLEST_BYTES:
        return "0 MB"
    number = f"{abs(size) / 1e6:.{1 if abs(size) < ROUNDED_FROM_BYTES else 0}f} MB"
    return f"\N{MINUS SIGN}{number}" if size < 0 else number

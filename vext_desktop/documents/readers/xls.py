"""XLS and XLSB: the sheets of workbooks in the formats of before and beside XLSX."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from vext_desktop.documents.readers.rows import TableRows
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section, too_many_pages
from vext_desktop.documents.section_builder import SectionBuilder
from vext_desktop.outcomes import Outcome

Cell = int | float | str | bool | time | date | datetime | timedelta


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield the rows of each sheet under its name, hidden sheets too.

    Raises:
        ReadFailure: LOCKED, DAMAGED or TOO_LARGE.
    """
    try:
        yield from _sheets(path, limits)
    except PasswordError as error:
        raise ReadFailure(Outcome.LOCKED) from error
    except CalamineError as error:
        raise ReadFailure(Outcome.DAMAGED) from error
    except BaseException as error:
        # Rust's panic comes as no Exception; there is no type to name it by.
        if type(error).__name__ == "PanicException":
            raise ReadFailure(Outcome.DAMAGED) from error
        raise


def _sheets(path: Path, limits: ReadLimits) -> Iterator[Section]:
    sections = SectionBuilder()
    with CalamineWorkbook.from_path(path) as workbook:
        names = workbook.sheet_names
        if len(names) > limits.max_pages:
            raise too_many_pages(len(names), limits)
        for name in names:
            sections.turn_to(None, name)
            rows = TableRows(sections, name)
            for cells in workbook.get_sheet_by_name(name).iter_rows():
                rows.add([_shown(cell) for cell in cells])
                yield from sections.take()
    yield from sections.take_rest()


def _shown(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        is_day = cell.time() == time()
        return cell.strftime("%Y-%m-%d" if is_day else "%Y-%m-%d %H:%M")
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return str(cell)

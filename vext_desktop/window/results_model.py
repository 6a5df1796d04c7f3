"""The hits of one answer as rows: grouped by file, with everything prepared for painting."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from vext_desktop.index.search_request import SearchHit
from vext_desktop.window.plain_text import (
    Ranges,
    shown_folder,
    shown_line,
    shown_marks,
    shown_place,
    shown_tooltip,
)

# What can be seen of a snippet in a list; a longer one only costs time to lay out.
MAX_SNIPPET = 600
# A first match further in than this would fall off the visible lines: the snippet starts later.
LATE_MATCH = 110
LEAD_IN = 40


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One hit, with its texts as they are shown (plain, on one line, nothing hostile in them).

    Attributes:
        marks: Ranges of characters in `snippet` that match the query.
        share: The score as a share of the best one, 0 to 1.
        is_first_of_file: Whether the name of the file stands above this passage.
        place_in_list: "2 of 14", for screen readers.
    """

    hit: SearchHit
    name: str
    kind: str
    place: str
    folder: str
    snippet: str
    marks: Ranges
    share: float
    is_first_of_file: bool
    place_in_list: str


class ResultsModel(QAbstractListModel):
    """A flat list of passages; those of one file stand together."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: list[tuple[SearchHit, bool]] = []
        self._rows: dict[int, ResultRow] = {}
        self._best = 0.0

    def show_hits(self, hits: Sequence[SearchHit]) -> None:
        """Replace all rows; each is prepared when it is first seen."""
        self.beginResetModel()
        self._hits = _by_file(hits)
        self._rows = {}
        self._best = max((hit.score for hit in hits), default=0.0)
        self.endResetModel()

    def row_at(self, index: QModelIndex | QPersistentModelIndex) -> ResultRow | None:
        """The row that an index stands for; None for no index."""
        if not index.isValid():
            return None
        number = index.row()
        row = self._rows.get(number)
        if row is None:
            hit, is_first = self._hits[number]
            place = f"{number + 1} of {len(self._hits)}"
            row = self._rows[number] = _to_row(hit, is_first, self._best, place)
        return row

    def is_first_of_file(self, row: int) -> bool:
        """Whether the name of the file stands above this passage."""
        return self._hits[row][1]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many passages."""
        return 0 if parent.isValid() else len(self._hits)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Words for screen readers, tool tips and type-ahead; the delegate takes `row_at`."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return shown_tooltip(f"{row.hit.path}\nScore {row.hit.score:.4g}")
        return None


def _by_file(hits: Sequence[SearchHit]) -> list[tuple[SearchHit, bool]]:
    """Those of one file together, and of each whether it is the first of its file."""
    by_file: dict[str, list[SearchHit]] = {}
    for hit in hits:
        by_file.setdefault(hit.path, []).append(hit)
    return [(hit, hit is group[0]) for group in by_file.values() for hit in group]


def _to_row(hit: SearchHit, is_first: bool, best: float, place_in_list: str) -> ResultRow:
    name = os.path.basename(hit.path) or hit.path  # noqa: PTH119 - may hold undecodable bytes
    snippet, marks = _shortened(*shown_marks(hit.snippet, hit.marks))
    return ResultRow(
        hit=hit,
        name=shown_line(name),
        kind=shown_line(os.path.splitext(name)[1].lstrip("."))[:5].upper(),  # noqa: PTH122 - as above
        place=shown_place(hit.page, hit.heading),
        folder=shown_folder(hit.path),
        snippet=snippet,
        marks=marks,
        share=min(1.0, max(0.0, hit.score / best)) if best > 0 else 0.0,
        is_first_of_file=is_first,
        place_in_list=place_in_list,
    )


def _shortened(snippet: str, marks: Ranges) -> tuple[str, Ranges]:
    """Begin the snippet shortly before its first match, so that the match is in sight."""
    first = marks[0][0] if marks else 0
    if first > LATE_MATCH:
        space = snippet.rfind(" ", first - 2 * LEAD_IN, first - LEAD_IN)
        cut = space if space >= 0 else first - LEAD_IN
        snippet = "…" + snippet[cut:]
        marks = tuple((start - cut + 1, end - cut + 1) for start, end in marks)
    snippet = snippet[:MAX_SNIPPET]
    return snippet, tuple(
        (start, min(end, MAX_SNIPPET)) for start, end in marks if start < MAX_SNIPPET
    )


def _spoken(row: ResultRow) -> str:
    parts = [f"{row.name}, {row.place}" if row.place else row.name, f"in {row.folder}"]
    return f"{', '.join(parts)}. {row.snippet} Result {row.place_in_list}."

"""A search as it is asked for, and as it is answered: words that the window knows at its start."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class SearchMode(StrEnum):
    """How passages are found."""

    HYBRID = "hybrid"
    VECTOR = "vector"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to look for, and where.

    Attributes:
        query: As typed; phrases in quotes.
        limit: How many hits, at most.
        mode: By meaning, by words, or both.
        group_by: "file": one hit for each file, its best passage. "chunk": passages.
        folder: Only what lies beneath this folder, or this one file.
        suffixes: Only these kinds, such as ".pdf"; all if empty.
        modified_after: Only files changed at this time or later, in s since 1970.
        modified_before: Only files changed before this time, in s since 1970.
    """

    query: str
    limit: int = 20
    mode: SearchMode = SearchMode.HYBRID
    group_by: Literal["file", "chunk"] = "file"
    folder: str | None = None
    suffixes: tuple[str, ...] = ()
    modified_after: float | None = None
    modified_before: float | None = None

    @property
    def has_filter(self) -> bool:
        """Whether not all files are searched."""
        times = (self.modified_after, self.modified_before)
        return bool(self.folder or self.suffixes) or any(at is not None for at in times)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A passage that was found.

    Attributes:
        file_id: Its file in the ledger.
        path: Where the file lies.
        page: Page of the document, from 1; None where there are no pages.
        heading: The heading it stands under, or "".
        start: First character in the document's joined text.
        end: One after the last.
        score: Higher is better; comparable within one answer only.
        snippet: The part of the passage where the query's words stand.
        marks: Ranges of the matching words in `snippet`.
        text: The whole passage.
        is_offline: Whether the file's drive or folder could not be reached at the last look.
    """

    file_id: int
    path: str
    page: int | None
    heading: str
    start: int
    end: int
    score: float
    snippet: str
    marks: tuple[tuple[int, int], ...]
    text: str
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """All hits of one request, best first.

    Attributes:
        query: As typed.
        mode: How it was really answered.
        seconds: How long that took.
        hits: Best first.
        notice: A sentence, when the answer is not all that was asked for; else "".
    """

    query: str
    mode: SearchMode
    seconds: float
    hits: tuple[SearchHit, ...]
    notice: str = ""

"""What the engine answers when it is asked how things stand, or what readers see."""

from dataclasses import dataclass

from vext_desktop.documents.section import Section
from vext_desktop.index.records import RootRecord
from vext_desktop.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How the index stands.

    Attributes:
        counts: Files by state.
        rows: Chunks in the store.
        bytes_on_disk: Of the store.
        fragments: Pieces that the store's table lies in.
        reclaimable_bytes: What maintenance would give back.
        model: The model that the index is made with.
        roots: The folders and files that were added.
        notice: A sentence when something needs attention, else "".
    """

    counts: dict[Outcome, int]
    rows: int
    bytes_on_disk: int
    fragments: int
    reclaimable_bytes: int
    model: str
    roots: tuple[RootRecord, ...]
    notice: str = ""


@dataclass(frozen=True, slots=True)
class ExtractedDocument:
    """What the readers see in one file.

    Attributes:
        path: The file.
        outcome: INDEXED when it can be read, else why not.
        reason: A sentence, when it cannot be read.
        sections: Its text.
        chunks: How many chunks it would give.
    """

    path: str
    outcome: Outcome
    reason: str
    sections: tuple[Section, ...]
    chunks: int

"""What the engine answers when it is asked how things stand, or what readers see."""

from dataclasses import dataclass, field

from vext_desktop.documents.section import Section
from vext_desktop.index.disk_use import DiskUse
from vext_desktop.index.edition_reader import KeptIndex, RebuildProgress
from vext_desktop.index.rebuild_cost import RebuildCost, count, number
from vext_desktop.index.records import RootRecord
from vext_desktop.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class RebuildStatus:
    """How a change of model or chunking stands.

    Attributes:
        change: What is new, as in "the model X"; "" when nothing is being rebuilt.
        progress: How far a rebuild is; None when there is none.
        pending: What it takes to do what the settings ask for and nobody has begun yet.
        kept: The indexes beside the one that serves and the one that is worked on.
        can_undo: Whether the index of before can serve again.
    """

    change: str = ""
    progress: RebuildProgress | None = None
    pending: RebuildCost | None = None
    kept: tuple[KeptIndex, ...] = ()
    can_undo: bool = False

    @property
    def sentence(self) -> str:
        """How far a rebuild is; "" when there is none."""
        if self.progress is None:
            return ""
        done, total = self.progress.files_done, count(self.progress.files_total, "file")
        offline, failed = self.progress.files_offline, self.progress.files_failed
        if self.progress.is_to_be_decided and self.progress.lacks_much:
            return (
                f"The index for {self.change} could not take in {count(failed, 'file')} that the "
                "old one holds (see Set aside), so that search goes on with the old one."
            )
        if self.progress.is_to_be_decided:
            return (
                f"The index for {self.change} is complete but for {count(offline, 'file')} on a "
                "drive or in a folder that is not connected; search uses the old one until then."
            )
        return (
            f"Rebuilding the index for {self.change}: {number(done)} of {total}; search uses the "
            "old one until it is complete."
        )


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
        rebuild: How a change of model or chunking stands.
        works_on: What computed in the last run that needed the model, and on what; "" before.
        disk: What the data folder takes, by part.
    """

    counts: dict[Outcome, int]
    rows: int
    bytes_on_disk: int
    fragments: int
    reclaimable_bytes: int
    model: str
    roots: tuple[RootRecord, ...]
    notice: str = ""
    rebuild: RebuildStatus = RebuildStatus()
    works_on: str = ""
    disk: DiskUse = field(default_factory=lambda: DiskUse(()))


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

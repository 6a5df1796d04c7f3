"""What a run tells of accidents: of those that were, and of one that would come."""

from dataclasses import dataclass

from vext_desktop.readings import format_bytes


@dataclass(frozen=True, slots=True)
class RoomShort:
    """What is to be indexed will probably not fit on the disk.

    Attributes:
        folder: The data folder's store.
        needed_bytes: What the run will need, about.
        free_bytes: What is free.
    """

    folder: str
    needed_bytes: int
    free_bytes: int

    @property
    def sentence(self) -> str:
        """All of it for people."""
        return (
            f"The index will probably not fit on its disk: about {format_bytes(self.needed_bytes)} "
            f"are needed in {self.folder}, and {format_bytes(self.free_bytes)} are free. Indexing "
            "begins all the same; if the disk is nearly full, it halts, and what is indexed by "
            "then is safe."
        )


@dataclass(frozen=True, slots=True)
class IndexMended:
    """The index did not hold all that it should, and the run makes it whole.

    Attributes:
        files: Files that are read again.
        passages: How many passages were missing.
    """

    files: int
    passages: int

    @property
    def sentence(self) -> str:
        """All of it for people."""
        files = "1 file was" if self.files == 1 else f"{self.files} files were"
        return (
            f"{files} not whole in the index, as happens when the power fails or the data folder "
            "is copied while it is in use. They are read again now; your documents are untouched."
        )

"""What a run tells of another index that takes the place of the present one."""

from dataclasses import dataclass

from vext_desktop.readings import format_bytes


@dataclass(frozen=True, slots=True)
class IndexSwapped:
    """Another index is complete and answers searches from now on.

    Attributes:
        model: What made it.
        previous_model: What made the one before, which is kept.
        files: Files in it.
        passages: Passages in it.
        kept_bytes: What the one before takes on disk.
        kept_days: How long it is kept; 0: until it is removed.
        seconds: How long the swap took.
    """

    model: str
    previous_model: str
    files: int
    passages: int
    kept_bytes: int
    kept_days: int
    seconds: float

    @property
    def sentence(self) -> str:
        """All of it for people."""
        size = f"{_spaced(self.files)} files, {_spaced(self.passages)} passages"
        days = f"for {self.kept_days} days" if self.kept_days else "until you remove it"
        return (
            f"The new index ({self.model}, {size}) is complete and is used from now on. The old "
            f"one is kept {days} ({format_bytes(self.kept_bytes)}), so that the change can be "
            "undone."
        )


@dataclass(frozen=True, slots=True)
class RebuildHeld:
    """A run has done all it can for a new index, which does not serve yet; `sentence` says why."""

    sentence: str


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")

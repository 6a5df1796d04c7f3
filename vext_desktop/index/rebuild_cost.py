"""What a change of model or chunking costs: told before anything of it begins."""

from dataclasses import dataclass
from pathlib import Path

from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.ledger_reader import LedgerReader
from vext_desktop.index.table_names import table_bytes
from vext_desktop.readings import format_bytes, format_seconds

# A rate over less than this says more about the loading of the model.
_MIN_CHUNKS_FOR_RATE = 50
_BYTES_IN_FLOAT16 = 2


@dataclass(frozen=True, slots=True)
class RebuildTarget:
    """What the index shall be made with.

    Attributes:
        index_key: Names model and chunking.
        model: The model's name.
        dimension: Numbers in its vectors; 0 where a service has to be asked for that first.
        chunk_size: Characters in a passage, at most.
    """

    index_key: str
    model: str
    dimension: int
    chunk_size: int


@dataclass(frozen=True, slots=True)
class RebuildCost:
    """What it takes until another index is complete.

    Attributes:
        model: What makes it.
        present_model: What made the index that serves.
        files: Files to read.
        passages: Passages to embed, about.
        seconds: How long that takes at the rate of the last run; None if there was none.
        extra_bytes: What the second index takes on disk beside the first, about; None where the
            length of its vectors is not known yet.
        files_done: Files that an earlier start of it has done already.
    """

    model: str
    present_model: str
    files: int
    passages: int
    seconds: float | None
    extra_bytes: int | None
    files_done: int = 0

    @property
    def sentence(self) -> str:
        """All of it for people."""
        if self.model == self.present_model:
            change = "Another cutting into passages"
        else:
            present = short_name(self.present_model, self.model)
            change = f"Changing the model from {present} to "
            change += short_name(self.model, self.present_model)
        again = " more" if self.files_done else ""
        cost = f"{count(self.files, 'file')}{again}, about {count(self.passages, 'passage')}"
        took = f", about {format_seconds(self.seconds)}" if self.seconds is not None else ""
        room = "room for a second index on the disk"
        if self.extra_bytes is not None:
            room = f"{format_bytes(self.extra_bytes)} of disk"
        return (
            f"{change} means that a new index is built: {cost}{took}, and {room} while both are "
            "kept. Searches use the present index until the new one is complete."
        )


def estimate_rebuild(
    ledger: LedgerReader, store_folder: Path, target: RebuildTarget, chunk_size: int
) -> RebuildCost | None:
    """What it takes to change the index to a target; None when nothing is to be built.

    Args:
        ledger: Knows the index as it is.
        store_folder: Where its tables lie.
        target: What it shall be.
        chunk_size: Of the index that serves.
    """
    serving = ledger.editions.serving()
    if serving is None or serving.index_key == target.index_key:
        return None
    files, passages = ledger.editions.files(serving), ledger.editions.passages(serving)
    if not files:
        return None
    there = ledger.editions.find_key(target.index_key)
    if there is not None and there.is_complete:
        return None  # kept since it was replaced: it only has to catch up
    done = min(files, ledger.editions.files(there)) if there is not None else 0
    share = (files - done) / files
    wanted = round(passages * share * chunk_size / target.chunk_size)
    rate = last_rate(ledger)
    return RebuildCost(
        model=target.model,
        present_model=serving.model,
        files=files - done,
        passages=wanted,
        seconds=wanted / rate if rate else None,
        extra_bytes=_extra_bytes(store_folder, serving, target.dimension, passages),
        files_done=done,
    )


def last_rate(ledger: LedgerReader) -> float | None:
    """Passages embedded in a second by the last run that tells; None before there was one."""
    for run in ledger.runs():
        chunks, rate = run.summary.get("chunks"), run.summary.get("chunks_per_second")
        is_long = isinstance(chunks, int) and chunks >= _MIN_CHUNKS_FOR_RATE
        if is_long and isinstance(rate, int | float) and rate > 0:
            return float(rate)
    return None


def short_name(model: str, other: str | None) -> str:
    """A model's name without its fingerprint, unless that is what tells it from another."""
    plain = model.partition(" (")[0]
    return plain if other is None or other.partition(" (")[0] != plain else model


def number(value: int) -> str:
    """1840 as "1 840", with a space that does not break."""
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")


def count(value: int, noun: str) -> str:
    """1840 and "file" as "1 840 files"."""
    return f"{number(value)} {noun}{'' if value == 1 else 's'}"


def _extra_bytes(folder: Path, serving: Edition, dimension: int, passages: int) -> int | None:
    if not dimension:
        return None
    wider = (dimension - serving.dimension) * _BYTES_IN_FLOAT16 * passages
    return max(0, table_bytes(folder, serving.table_name) + wider)

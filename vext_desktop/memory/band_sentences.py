"""What the owner bands say, in sentences for people. No Qt."""

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.curves import TOTAL
from vext_desktop.memory.event_marks import describe_moment
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import describe_batch
from vext_desktop.readings import (
    Band,
    CleanupReceipt,
    ProgramBands,
    format_bytes,
    format_seconds,
)

# A band that a cleanup changed by less is not worth a word.
LEAST_CHANGE_BYTES = 1_000_000
MOST_CHANGES = 3
AGE_STEP_S = 5


def describe_band(
    history: MemoryHistory, bands: BandHistory, line: str, band: Band, time_s: float
) -> str:
    """How much one band held at a moment, of how much, with the batch and file in hand.

    Args:
        history: Knows the batches.
        bands: Knows the owners.
        line: A process, or all of them.
        band: Which owner.
        time_s: Seconds since the origin.
    """
    nearest = bands.nearest(time_s)
    if not len(nearest):
        return f"At {describe_moment(time_s)}: nobody measured who owned the memory."
    time_s = float(nearest.times_s[0])
    when = f"At {describe_moment(time_s)}"
    whose = "all processes" if line == TOTAL else f"the {line} process"
    value = float(nearest.values_mb(line, band)[0])
    whole = float(nearest.stack(line)[1][-1, 0]) if nearest.bands(line) else 0.0
    if value != value or whole <= 0:  # noqa: PLR0124 - NaN is the one unequal to itself
        return f"{when}: {band.label} of {whose} is not known."
    share = f"{value / whole:.0%} of the {whole:.0f} MB of {whose}"
    return f"{when}: {band.label} {value:.0f} MB, {share}; {describe_batch(history, time_s)}."


def describe_picture(picture: ProgramBands, now_s: float | None) -> str:
    """How much of a picture is explained and, where there is a present, how old it is."""
    explained = f"{picture.explained_share:.1%} explained"
    if now_s is None:
        return f"{explained}, at the last measurement."
    # In steps: words that change every second are not read, and cost a new layout each time.
    age_s = (now_s - picture.at_s) // AGE_STEP_S * AGE_STEP_S
    age = f"{describe_moment(age_s)} ago" if age_s > 0 else "just now"
    return f"{explained}. Measured {age}, in {format_seconds(picture.seconds)}."


def describe_changes(receipt: CleanupReceipt) -> str:
    """The bands that a cleanup changed most; empty where the owners were not measured."""
    before, after = receipt.bands_before, receipt.bands_after
    if before is None or after is None:
        return ""
    held = [(band, before.bands.get(band, 0), after.bands.get(band, 0)) for band in Band]
    changed = [each for each in held if abs(each[1] - each[2]) >= LEAST_CHANGE_BYTES]
    changed.sort(key=lambda each: -abs(each[1] - each[2]))
    arrow = "\N{RIGHTWARDS ARROW}"
    words = [
        f"{band.label} {format_bytes(old)} {arrow} {format_bytes(new)}"
        for band, old, new in changed[:MOST_CHANGES]
    ]
    return f"{', '.join(words)}." if words else "No owner changed by 1 MB or more."

"""Where the budget and the warnings stand on the memory plots. No Qt."""

from dataclasses import dataclass

from vext_desktop.memory.curves import Measure
from vext_desktop.readings import format_bytes

# Two lines nearer than this share of their height would cover each other's labels.
SAME_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """One horizontal line: its height in MB, its label, and whether crossing it is serious."""

    height_mb: float
    label: str
    is_limit: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit that the plots show; None where there is none yet.

    Attributes:
        budget_bytes: What all our processes together may hold.
        soft_bytes: From here on indexing slows down.
        warn_rss_bytes: A warning is given above it.
        heap_line_bytes: A heap above it after the next batch gives a warning.
        native_line_bytes: Native buffers above it give a warning.
    """

    budget_bytes: int | None = None
    soft_bytes: int | None = None
    warn_rss_bytes: int | None = None
    heap_line_bytes: int | None = None
    native_line_bytes: int | None = None

    def lines(self, measure: Measure) -> list[ThresholdLine]:
        """The lines on one plot, the most serious first."""
        if measure is Measure.HEAP:
            return _line(self.heap_line_bytes, "warning {}", is_limit=True)
        if measure is Measure.NATIVE:
            return _line(self.native_line_bytes, "engine: warning {}", is_limit=True)
        budget, warning = self.budget_bytes, self.warn_rss_bytes
        slow = _line(self.soft_bytes, "slows down {}", is_limit=False)
        if budget and warning and abs(budget - warning) <= SAME_SHARE * budget:
            return _line(budget, "budget and warning {}", is_limit=True) + slow
        return (
            _line(budget, "budget {}", is_limit=True)
            + _line(warning, "warning {}", is_limit=True)
            + slow
        )


def _line(height_bytes: int | None, label: str, *, is_limit: bool) -> list[ThresholdLine]:
    if height_bytes is None:
        return []
    return [ThresholdLine(height_bytes / 1e6, label.format(format_bytes(height_bytes)), is_limit)]

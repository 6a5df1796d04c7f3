"""The axes of the memory plots: time since the window opened, and megabytes."""

import math

import pyqtgraph

STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200)
LABEL_WIDTH_PX = 50


class TimeAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """An axis whose ticks stand on whole seconds, minutes and hours."""

    def tickSpacing(self, lowest: float, highest: float, size: float) -> list[tuple[float, float]]:
        """The smallest step that leaves room for its labels; `size` is in pixels."""
        room = max(1.0, size / LABEL_WIDTH_PX)
        shortest_s = (highest - lowest) / room
        step_s = next((step for step in STEPS_S if step >= shortest_s), None)
        if step_s is None:
            days = int(shortest_s // 86400) + 1
            return [(days * 86400.0, 0.0)]
        return [(float(step_s), 0.0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002 - Qt-like override
        """One label for each tick, as exact as the spacing asks for."""
        return [describe_tick(value, spacing) for value in values]


class MegabyteAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """An axis whose every label names the unit."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002 - pyqtgraph's
        """Whole numbers, with decimals only where ticks are nearer than 1 MB."""
        places = max(0, math.ceil(-math.log10(spacing)))
        return [f"{value:.{places}f} MB" for value in values]


def describe_tick(time_s: float, spacing_s: float) -> str:
    """A tick's label: 30 s, 2:30, 12 min, 1 h, 1:30 h."""
    whole = round(time_s)
    if whole < 60:
        return f"{whole} s"
    if spacing_s < 60:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 3600:
        return f"{whole // 60} min"
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02d} h" if minutes else f"{hours} h"

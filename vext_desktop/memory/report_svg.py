"""Plots as inline SVG: axes, curves, stacked areas, marks with tooltips. No Qt, no script."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vext_desktop.memory.curves import Floats
from vext_desktop.memory.event_marks import EventKind, describe_moment
from vext_desktop.memory.report_markup import escaped

LEFT, RIGHT, ABOVE, BELOW = 52.0, 12.0, 14.0, 22.0
# Room above the highest value, for symbols and names.
HEADROOM = 1.12
# A limit this many times higher than all curves would squash them: it stays away.
FARTHEST_LIMIT = 2.5
_TIME_STEPS_S = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    172800, 604800,
)  # fmt: skip
# On an axis "2 min 0 s" is "2 min".
_ZERO_PART = re.compile(r"(?<=\w) 0 (s|min)$")
# An area this high has room for its name.
NAMED_HEIGHT = 11.0
# Shapes around (0, 0), so that no mark is known by its colour alone.
MARK_SHAPES = {
    EventKind.CLEANUP: ("cleanup", "M-5,-4H5L0,5Z"),
    EventKind.RELOAD: ("reload", "M0,-6L6,0L0,6L-6,0Z"),
    EventKind.PROCESS_START: ("start", "M-4,-5V5L5,0Z"),
    EventKind.PAUSE: ("pause", "M-4,-4H4V4H-4Z"),
    EventKind.WARNING: ("warning", "M-5,4H5L0,-5Z"),
    EventKind.VERDICT: ("cleanup", "M-5,0A5,5 0 1 0 5,0A5,5 0 1 0 -5,0Z"),
    EventKind.CRASH: ("crash", "M-5,-3L-3,-5L0,-2L3,-5L5,-3L2,0L5,3L3,5L0,2L-3,5L-5,3L-2,0Z"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a plot that holds its data.

    Attributes:
        start: What stands at the left edge, in seconds or batches.
        end: What stands at the right edge.
        top: MB at the upper edge; 0 is the lower one.
        width: Of the whole plot, in units of the drawing.
        height: The same.
    """

    start: float
    end: float
    top: float
    width: float = 900.0
    height: float = 210.0

    def across(self, value: float) -> float:
        """Where a moment stands."""
        share = (value - self.start) / max(self.end - self.start, 1e-9)
        return LEFT + share * (self.width - LEFT - RIGHT)

    def up(self, value: float) -> float:
        """Where a number of MB stands."""
        return self.height - BELOW - value / self.top * (self.height - ABOVE - BELOW)


@dataclass(frozen=True, slots=True)
class Curve:
    """One line; `kind` is its class in the style sheet, NaN makes a gap."""

    name: str
    kind: str
    places: Floats
    values_mb: Floats


@dataclass(frozen=True, slots=True)
class Spot:
    """The mark of an event, with what it says when pointed at."""

    kind: EventKind
    place: float
    value_mb: float
    tip: str


def fitting_top(curves: Iterable[Curve], limits_mb: Iterable[float] = ()) -> float:
    """A round number of MB above everything that is drawn."""
    peaks = [float(np.nanmax(each.values_mb)) for each in curves
             if np.isfinite(each.values_mb).any()]  # fmt: skip
    highest = max([*peaks, 1.0])
    near = [limit for limit in limits_mb if limit <= FARTHEST_LIMIT * highest]
    wanted = HEADROOM * max([highest, *near])
    power = 10.0 ** np.floor(np.log10(wanted))
    steps = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)
    return float(next(step * power for step in steps if wanted <= step * power * (1 + 1e-9)))


def drawing(frame: Frame, label: str, *parts: str) -> str:
    """A whole plot."""
    return (
        f'<svg viewBox="0 0 {frame.width:.0f} {frame.height:.0f}" role="img" '
        f'aria-label="{escaped(label)}">\n{"".join(parts)}</svg>\n'
    )


def axes(frame: Frame, name_of: Callable[[float], str], steps: Sequence[float]) -> str:
    """Grid, MB at the left, moments below."""
    parts = []
    for value in np.linspace(0, frame.top, 5):
        height = frame.up(float(value))
        parts.append(
            f'<path class="grid" d="M{LEFT:.0f},{height:.1f}H{frame.width - RIGHT:.0f}"/>'
            f'<text x="{LEFT - 6:.0f}" y="{height + 4:.1f}" text-anchor="end">{value:.4g}</text>'
        )
    parts.append(f'<text x="{LEFT - 6:.0f}" y="9" text-anchor="end">MB</text>')
    for value in _ticks(frame, steps):
        place = frame.across(value)
        anchor = "end" if place > frame.width - 60 else "middle"
        parts.append(
            f'<path class="tick" d="M{place:.1f},{frame.height - BELOW:.1f}v4"/>'
            f'<text x="{place:.1f}" y="{frame.height - 6:.1f}" text-anchor="{anchor}">'
            f"{escaped(name_of(value))}</text>"
        )
    return "".join(parts) + "\n"


def time_axes(frame: Frame) -> str:
    """Axes of a plot over time."""
    return axes(frame, lambda time_s: _ZERO_PART.sub("", describe_moment(time_s)), _TIME_STEPS_S)


def batch_axes(frame: Frame) -> str:
    """Axes of a plot over batches."""
    steps = [step * 10.0**power for power in range(8) for step in (1, 2, 5)]
    return axes(frame, lambda batch: f"{batch:,.0f}".replace(",", "\N{NO-BREAK SPACE}"), steps)


def lines(frame: Frame, curves: Iterable[Curve]) -> str:
    """The curves, each saying its name when pointed at."""
    return "".join(
        f'<path class="curve {curve.kind}" d="{_path(frame, curve)}">'
        f"<title>{escaped(curve.name)}</title></path>\n"
        for curve in curves
    )


def limit_line(frame: Frame, value_mb: float, name: str) -> str:
    """A limit, if it is inside of the frame."""
    if not 0 < value_mb <= frame.top:
        return ""
    height = frame.up(value_mb)
    return (
        f'<path class="limit" d="M{LEFT:.0f},{height:.1f}H{frame.width - RIGHT:.0f}"/>'
        f'<text class="limit-name" x="{frame.width - RIGHT:.0f}" y="{height - 3:.1f}" '
        f'text-anchor="end">{escaped(name)}</text>\n'
    )


def spots(frame: Frame, marks: Iterable[Spot]) -> str:
    """Marks of events: symbols on the curve, ticks at the head for files."""
    parts = []
    for mark in marks:
        place, tip = frame.across(mark.place), f"<title>{escaped(mark.tip)}</title>"
        if mark.kind not in MARK_SHAPES:
            parts.append(f'<path class="tick" d="M{place:.1f},{ABOVE:.0f}v-7">{tip}</path>')
            continue
        colour, shape = MARK_SHAPES[mark.kind]
        value = mark.value_mb if np.isfinite(mark.value_mb) else frame.top / 2
        parts.append(
            f'<path class="mark" style="fill:var(--{colour})" d="{shape}" '
            f'transform="translate({place:.1f} {frame.up(value):.1f})">{tip}</path>'
        )
    return "".join(parts) + "\n"


def hovers(frame: Frame, places: Sequence[float], tips: Sequence[str]) -> str:
    """Strips across the plot that say what was there when pointed at."""
    middles = ((one + other) / 2 for one, other in pairwise(places))
    edges = [frame.start, *middles, frame.end]
    parts = []
    for (left, right), tip in zip(pairwise(edges), tips, strict=True):
        start, end = frame.across(left), frame.across(right)
        parts.append(
            f'<rect class="hover" x="{start:.1f}" y="{ABOVE:.0f}" width="{end - start:.1f}" '
            f'height="{frame.height - ABOVE - BELOW:.0f}"><title>{escaped(tip)}</title></rect>'
        )
    return "".join(parts) + "\n"


def stack(
    frame: Frame, places: Floats, edges_mb: Floats, kinds: Sequence[str], names: Sequence[str]
) -> str:
    """Areas on top of each other; `edges_mb` has the upper edge of each, shape (areas, n)."""
    if not len(places):
        return ""
    if len(places) == 1:  # a single moment is drawn as a narrow bar
        half = 0.004 * (frame.end - frame.start)
        places = np.clip(places[0] + np.array([-half, half]), frame.start, frame.end)
        edges_mb = np.repeat(edges_mb, 2, axis=1)
    parts, labels = [], []
    below = np.zeros_like(edges_mb[0])
    for edge, kind, name in zip(edges_mb, kinds, names, strict=True):
        outline = [*_points(frame, places, edge), *reversed(_points(frame, places, below))]
        parts.append(
            f'<path class="band" style="fill:var(--{kind})" d="M{"L".join(outline)}Z">'
            f"<title>{escaped(name)}</title></path>\n"
        )
        if frame.up(float(below[0])) - frame.up(float(edge[0])) >= NAMED_HEIGHT:
            height = frame.up(float(below[0] + edge[0]) / 2) + 3.5
            short = escaped(name.partition(":")[0])
            place = frame.across(float(places[0])) + 6
            labels.append(f'<text class="name" x="{place:.1f}" y="{height:.1f}">{short}</text>\n')
        below = edge
    return "".join(parts + labels)


def _path(frame: Frame, curve: Curve) -> str:
    known = np.isfinite(curve.values_mb)
    pieces, piece = [], []
    for place, value, is_known in zip(curve.places, curve.values_mb, known, strict=True):
        if is_known:
            piece.append(f"{frame.across(place):.1f},{frame.up(value):.1f}")
        elif piece:
            pieces.append(piece)
            piece = []
    pieces.append(piece)
    return "".join("M" + "L".join(each) for each in pieces if each)


def _points(frame: Frame, places: Floats, values: Floats) -> list[str]:
    return [
        f"{frame.across(place):.1f},{frame.up(value):.1f}"
        for place, value in zip(places.tolist(), values.tolist(), strict=True)
    ]


def _ticks(frame: Frame, steps: Sequence[float]) -> Iterator[float]:
    span = frame.end - frame.start
    step = next((step for step in steps if span / step <= 8), steps[-1])
    value = np.ceil(frame.start / step) * step
    while value <= frame.end:
        yield float(value)
        value += step

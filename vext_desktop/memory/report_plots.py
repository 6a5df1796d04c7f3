"""The plots of a report: the three curves over time, and the owners of memory stacked."""

from collections.abc import Iterator

import numpy as np

from vext_desktop.memory.band_history import BandCurves
from vext_desktop.memory.curves import LINES, TOTAL, Measure, MemoryCurves
from vext_desktop.memory.event_marks import MARK_NAMES, EventKind
from vext_desktop.memory.mark_writer import describe_mark, describe_point
from vext_desktop.memory.report_markup import escaped
from vext_desktop.memory.report_svg import (
    MARK_SHAPES,
    Curve,
    Frame,
    Spot,
    drawing,
    fitting_top,
    hovers,
    limit_line,
    lines,
    spots,
    stack,
    time_axes,
)
from vext_desktop.memory.run_record import RunTimeline
from vext_desktop.memory.run_record_levels import band_history_of
from vext_desktop.readings import Band

MEASURE_TITLES = {
    Measure.RSS: ("RSS", "resident memory, as the system counts it"),
    Measure.HEAP: ("Heap", "live Python objects"),
    Measure.NATIVE: ("Native buffers", "what libraries have allocated and not freed"),
}
# As many as can be told apart in 900 units across.
MOST_POINTS = 500
MOST_MARKS = 60
MOST_STRIPS = 60
SHORTEST_S = 1.0


def plot_sections(timeline: RunTimeline) -> str:
    """The three plots with their key."""
    end_s = duration_of(timeline)
    drawn = timeline.history.curves_between(0, end_s, MOST_POINTS)
    figures = [_measure_figure(timeline, measure, drawn, end_s) for measure in Measure]
    return _key(timeline) + "".join(figures)


def band_sections(timeline: RunTimeline) -> str:
    """The owners of memory over time: all processes, then each; "" where none were told."""
    history = band_history_of(timeline)
    if not len(history):
        return ""
    end_s = duration_of(timeline)
    drawn = history.curves_between(0, end_s, MOST_POINTS // 2)
    told = [line for line in LINES if drawn.bands(line)]
    key = "".join(
        f'<li><svg viewBox="0 0 28 12" aria-hidden="true"><rect width="28" height="12" '
        f'style="fill:var(--{band.value})"/></svg>{escaped(band.label)}</li>'
        for band in drawn.bands(TOTAL)
    )
    figures = (_band_figure(drawn, line, end_s) for line in told)
    return f'<ul class="key">{key}</ul>\n{"".join(figures)}'


def duration_of(timeline: RunTimeline) -> float:
    """Seconds from the start to the last sample or picture; what the plots are as wide as."""
    times = timeline.history.curves.times_s
    last_s = float(times[-1]) if len(times) else 0.0
    return max(last_s, timeline.heading.seconds, SHORTEST_S)


def curves_of(
    drawn: MemoryCurves, measure: Measure, places: np.ndarray | None = None
) -> list[Curve]:
    """The curves of one measure that were ever known, the sum last and so above the others."""
    where = drawn.times_s if places is None else places
    return [
        Curve("all processes" if line == TOTAL else f"{line} process", line, where, values)
        for line in reversed(LINES)
        if np.isfinite(values := drawn.values_mb(measure, line)).any()
    ]


def _measure_figure(
    timeline: RunTimeline, measure: Measure, drawn: MemoryCurves, end_s: float
) -> str:
    title, meaning = MEASURE_TITLES[measure]
    curves = curves_of(drawn, measure)
    if not curves:
        return (
            f"<h3>{title}</h3><p class='quiet'>This system does not tell {escaped(meaning)}.</p>\n"
        )
    limits = dict(_limits(timeline)) if measure is Measure.RSS else {}
    frame = Frame(0.0, end_s, fitting_top(curves, limits))
    inner = [
        time_axes(frame),
        *(limit_line(frame, value, name) for value, name in limits.items()),
        lines(frame, curves),
        _strips(timeline, measure, frame),
        spots(frame, _spots(timeline, measure, end_s)),
    ]
    label = f"{title} of each process and of all together over time, in MB"
    return (
        f"<figure><h3>{title}</h3>{drawing(frame, label, *inner)}"
        f"<figcaption>{escaped(meaning[0].upper() + meaning[1:])}.</figcaption></figure>\n"
    )


def _limits(timeline: RunTimeline) -> Iterator[tuple[float, str]]:
    context = timeline.context
    if context.budget_bytes is not None:
        yield context.budget_bytes / 1e6, "budget"
    if context.soft_bytes is not None:
        yield context.soft_bytes / 1e6, "slows down"


def _spots(timeline: RunTimeline, measure: Measure, end_s: float) -> Iterator[Spot]:
    history = timeline.history
    total = history.curves.values_mb(measure, TOTAL)
    for mark in history.marks_between(0.0, end_s, MOST_MARKS):
        if mark.kind is EventKind.BATCH:
            continue
        time_s = history.time_of(mark)
        row = history.row_at(time_s)
        value = float("nan") if row is None else float(total[row])
        yield Spot(mark.kind, time_s, value, describe_mark(history, mark))


def _strips(timeline: RunTimeline, measure: Measure, frame: Frame) -> str:
    history = timeline.history
    times = history.curves.times_s
    chosen = np.unique(np.linspace(0, len(times) - 1, min(MOST_STRIPS, len(times))).astype(int))
    places = [float(times[row]) for row in chosen]
    return hovers(frame, places, [describe_point(history, measure, place) for place in places])


def _band_figure(drawn: BandCurves, line: str, end_s: float) -> str:
    bands, edges = drawn.stack(line)
    outline = Curve(line, line, drawn.times_s, edges[-1])
    frame = Frame(0.0, end_s, fitting_top([outline]), height=210.0 if line == TOTAL else 130.0)
    parts = [time_axes(frame)]
    for piece in drawn.pieces():
        names = [f"{band.label}: {_range(drawn, line, band)}. {band.meaning}" for band in bands]
        parts.append(
            stack(frame, drawn.times_s[piece], edges[:, piece], [b.value for b in bands], names)
        )
    title = "All processes" if line == TOTAL else f"{line.capitalize()} process"
    label = f"Owners of the memory of {title.lower()} over time, stacked, in MB"
    return f"<figure><h3>{title}</h3>{drawing(frame, label, *parts)}</figure>\n"


def _range(drawn: BandCurves, line: str, band: Band) -> str:
    values = drawn.values_mb(line, band)
    return f"{np.nanmin(values):.0f} to {np.nanmax(values):.0f} MB"


def _key(timeline: RunTimeline) -> str:
    kinds = [kind for kind in MARK_SHAPES if timeline.history.marks(kind)]
    items = [
        f'<svg viewBox="0 0 28 12" aria-hidden="true"><path class="curve {line}" d="M0,6H28"/>'
        f"</svg>{'all processes' if line == TOTAL else f'{line} process'}"
        for line in LINES
    ]
    items += [
        f'<svg viewBox="-14 -6 28 12" aria-hidden="true"><path class="mark" d="{shape}" '
        f'style="fill:var(--{colour})"/></svg>{MARK_NAMES[kind]}'
        for kind, (colour, shape) in ((kind, MARK_SHAPES[kind]) for kind in kinds)
    ]
    listed = "".join(f"<li>{item}</li>" for item in items)
    return (
        '<p class="quiet">Point at a curve, a symbol or any place to read its numbers, batch and '
        f'file. Ticks at the head are files that were begun.</p><ul class="key">{listed}</ul>\n'
    )

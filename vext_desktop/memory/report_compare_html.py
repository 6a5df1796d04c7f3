"""Two runs side by side as a page that stands by itself."""

from vext_desktop.memory.curves import Measure
from vext_desktop.memory.report_html import conditions_part, describe_run, started_at
from vext_desktop.memory.report_markup import Cell, escaped, page, paragraph, section, table
from vext_desktop.memory.report_plots import (
    MEASURE_TITLES,
    MOST_POINTS,
    curves_of,
    duration_of,
)
from vext_desktop.memory.report_svg import Curve, Frame, batch_axes, drawing, fitting_top, lines
from vext_desktop.memory.run_record import RunHeading, RunTimeline
from vext_desktop.memory.run_record_compare import RunComparison
from vext_desktop.memory.run_record_levels import batches_at


def comparison_page(comparison: RunComparison) -> str:
    """The whole page: the main differences, the curves by batch, all figures, the conditions."""
    names = run_names(comparison)
    body = (
        f"<h1>{escaped(names[0])} and {escaped(names[1])}</h1>\n"
        f'<div class="answer">{paragraph(comparison.sentence)}</div>\n'
        + paragraph(f"First: {describe_run(comparison.first)}", "quiet")
        + paragraph(f"Second: {describe_run(comparison.second)}", "quiet")
        + section("Memory by batch", _plots(comparison))
        + section("Figures", figures_part(comparison))
        + section("What else differs", _differences(comparison))
        + section(f"Conditions of {names[0]}", conditions_part(comparison.first))
        + section(f"Conditions of {names[1]}", conditions_part(comparison.second))
    )
    return page(f"{names[0]} and {names[1]}", body)


def run_names(comparison: RunComparison) -> tuple[str, str]:
    """The two runs by name, with their moments where the names are the same."""
    first, second = comparison.first.heading, comparison.second.heading
    if first.title != second.title:
        return first.title, second.title
    return _dated(first), _dated(second)


def figures_part(comparison: RunComparison) -> str:
    """All figures with their differences, group by group."""
    first, second = run_names(comparison)
    parts = []
    for group in dict.fromkeys(figure.group for figure in comparison.figures):
        rows = [
            (
                figure.name,
                figure.unit,
                Cell(figure.show(figure.first)),
                Cell(figure.show(figure.second)),
                Cell(figure.difference_text),
            )
            for figure in comparison.figures
            if figure.group == group
        ]
        parts.append(table((group, "Unit", first, second, "Difference"), rows))
    return "".join(parts)


def _differences(comparison: RunComparison) -> str:
    first, second = run_names(comparison)
    rows = [(text.group, text.name, text.first, text.second) for text in comparison.texts]
    if not rows:
        return paragraph("Settings, versions, machine and verdicts are the same.")
    return table(("", "What", first, second), rows)


def _plots(comparison: RunComparison) -> str:
    """Each measure of both runs on the same scales."""
    runs = (comparison.first, comparison.second)
    end = max(1.0, *(float(each.heading.batches) for each in runs))
    parts = [
        paragraph(
            "Both plots of a row have the same scales. Solid: all processes together; dashed: "
            "window; dashes and dots: engine; dots: reader.",
            "quiet",
        )
    ]
    for measure in Measure:
        curves = [_curves_by_batch(each, measure) for each in runs]
        if not any(curves):
            continue
        top = fitting_top([curve for each in curves for curve in each])
        frame = Frame(0.0, end, top, width=470.0, height=200.0)
        title = MEASURE_TITLES[measure][0]
        figures = "".join(
            f"<figure><h3>{escaped(f'{title}, {name}')}</h3>"
            + drawing(
                frame, f"{title} of {name} by batch, in MB", batch_axes(frame), lines(frame, each)
            )
            + "</figure>"
            for name, each in zip(run_names(comparison), curves, strict=True)
        )
        parts.append(f'<div class="beside">{figures}</div>\n')
    return "".join(parts)


def _curves_by_batch(timeline: RunTimeline, measure: Measure) -> list[Curve]:
    drawn = timeline.history.curves_between(0, duration_of(timeline), MOST_POINTS // 2)
    return curves_of(drawn, measure, batches_at(timeline, drawn.times_s))


def _dated(heading: RunHeading) -> str:
    return f"{heading.title} of {started_at(heading)}"

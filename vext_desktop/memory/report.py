"""Reports of recorded runs as texts: HTML for people, CSV and JSON for programs."""

import contextlib
import csv
import io
import json
import os
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import numpy as np

from vext_desktop.errors import VextError
from vext_desktop.memory.curves import LINES, Measure
from vext_desktop.memory.report_compare_html import comparison_page
from vext_desktop.memory.report_html import run_page
from vext_desktop.memory.report_redaction import redact
from vext_desktop.memory.run_record import RunTimeline
from vext_desktop.memory.run_record_compare import RunComparison, compare_runs
from vext_desktop.memory.run_record_json import heading_to_json, sections_of
from vext_desktop.memory.run_record_levels import batches_at

JSON_VERSION = 1


class ReportFormat(StrEnum):
    """What a report can be written as; the value is the suffix of its file."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"

    @property
    def label(self) -> str:
        """What it is for, for people."""
        return {
            ReportFormat.HTML: "HTML page, to read and to print",
            ReportFormat.CSV: "CSV table of the samples, for a spreadsheet",
            ReportFormat.JSON: "JSON, everything, for programs",
        }[self]


def report_of(timeline: RunTimeline, form: ReportFormat, *, is_redacted: bool = False) -> str:
    """A report of one run.

    Args:
        timeline: The run.
        form: What to write.
        is_redacted: Without paths, names and texts, for somebody who helps.
    """
    if is_redacted:
        timeline = redact(timeline)
    match form:
        case ReportFormat.HTML:
            return run_page(timeline)
        case ReportFormat.CSV:
            return "".join(_samples(timeline))
        case ReportFormat.JSON:
            return _json({"report": "run", **_content(timeline)})


def comparison_report(
    first: RunTimeline, second: RunTimeline, form: ReportFormat, *, is_redacted: bool = False
) -> str:
    """A report of two runs and how they differ; the CSV has the differences, not the samples."""
    if is_redacted:
        first, second = redact(first), redact(second)
    comparison = compare_runs(first, second)
    match form:
        case ReportFormat.HTML:
            return comparison_page(comparison)
        case ReportFormat.CSV:
            return "".join(_differences(comparison))
        case ReportFormat.JSON:
            return _json(_comparison_content(comparison))


def write_report(text: str, path: Path) -> None:
    """Write a report, readable by its owner alone, in one atomic step.

    Raises:
        VextError: It cannot be written there.
    """
    draft = ""
    try:
        number, draft = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        with os.fdopen(number, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
        Path(draft).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(draft).unlink()
        raise VextError(
            f"The report could not be written to {path} ({error.strerror}).",
            "Choose another place for it.",
        ) from error


def _content(timeline: RunTimeline) -> dict[str, object]:
    heading = heading_to_json(timeline.heading)
    return {"version": JSON_VERSION, "heading": heading, **dict(sections_of(timeline))}


def _json(content: object) -> str:
    # Undecodable bytes of file names are lone surrogates, which only ASCII can carry.
    return json.dumps(content, ensure_ascii=True, allow_nan=False, indent=1, default=list) + "\n"


def _samples(timeline: RunTimeline) -> Iterator[str]:
    """One row for each sample; of a long run each older row holds the highest of several."""
    history = timeline.history
    curves = history.curves
    columns = [(measure, line) for measure in Measure for line in LINES]
    yield _row(
        [
            "time_s",
            "batch",
            "samples_in_row",
            *(f"{line}_{measure.value}_mb" for measure, line in columns),
        ]
    )
    times = curves.times_s
    batches = batches_at(timeline, times)
    values = [curves.values_mb(measure, line) for measure, line in columns]
    for row in range(len(history)):
        samples = history.samples_per_old_row if row < history.folded_rows else 1
        cells = [_cell(float(column[row])) for column in values]
        yield _row([f"{times[row]:.3f}", str(int(batches[row])), str(samples), *cells])


def _differences(comparison: RunComparison) -> Iterator[str]:
    yield _row(["group", "name", "unit", "first", "second", "difference", "per_cent"])
    for figure in comparison.figures:
        numbers = (figure.first, figure.second, figure.difference, figure.per_cent)
        cells = ["" if number is None else f"{number:.3f}" for number in numbers]
        yield _row([figure.group, figure.name, figure.unit, *cells])
    for text in comparison.texts:
        yield _row([text.group, text.name, "", _inert(text.first), _inert(text.second), "", ""])


def _comparison_content(comparison: RunComparison) -> dict[str, object]:
    return {
        "report": "comparison",
        "version": JSON_VERSION,
        "sentence": comparison.sentence,
        "first": heading_to_json(comparison.first.heading),
        "second": heading_to_json(comparison.second.heading),
        "figures": [
            {
                "group": figure.group,
                "name": figure.name,
                "unit": figure.unit,
                "first": figure.first,
                "second": figure.second,
                "difference": figure.difference,
                "per_cent": figure.per_cent,
            }
            for figure in comparison.figures
        ],
        "differences": [
            {
                "group": text.group,
                "name": text.name,
                "first": text.first,
                "second": text.second,
            }
            for text in comparison.texts
        ],
    }


def _cell(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.3f}"


def _inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _row(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()

"""Reports of recorded runs: complete for their owner, without a path or a word for support."""

import csv
import dataclasses
import io
import json
import re
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from made_runs import CONTEXT, Clock, events, record, recorder

from vext_desktop.errors import VextError
from vext_desktop.events import BatchRetried, RunHalted, RunStarted, StoreMaintained
from vext_desktop.memory.report import ReportFormat, comparison_report, report_of, write_report
from vext_desktop.memory.report_redacted_events import FileAliases
from vext_desktop.memory.report_redaction import redact
from vext_desktop.memory.run_record import RunTimeline
from vext_desktop.memory.run_record_compare import compare_runs
from vext_desktop.readings import OwnerBands

SECRET = "Lighthouse"
# Tags that have no end.
VOID = {"meta"}


@pytest.fixture
def timeline(tmp_path: Path) -> RunTimeline:
    return record(tmp_path / "runs")


def planted(value: Any) -> Any:
    """The value with the secret in place of every text in it, and as one more name in mappings."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return f"signal SIGKILL: /home/{SECRET}/{SECRET} minutes.{SECRET}"
    if isinstance(value, tuple | list):
        return type(value)(map(planted, value))
    if isinstance(value, dict):
        return {name: planted(each) for name, each in value.items()} | {f"lib{SECRET}.so": 5}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        if isinstance(value, OwnerBands):
            fields.pop("bands")  # its names are all ours
        return dataclasses.replace(value, **{name: planted(each) for name, each in fields.items()})
    return value


def planted_run(folder: Path) -> RunTimeline:
    clock = Clock()
    recording = recorder(folder, clock)
    recording._context = dataclasses.replace(
        CONTEXT,
        settings={"model": f"/home/{SECRET}/model", "engine": "torch", SECRET: 1, "batch_size": 8},
        versions={"vext-desktop": "0.1.0", "system": f"Linux 6.1.0-{SECRET}"},
        machine={"cores": 2, "architecture": SECRET},
        budget_owner=SECRET,
    )
    for event in [*events(clock), BatchRetried(50, 2, 8, ""), StoreMaintained(1.5)]:
        recording.note(planted(event))
    return recording.timeline


class Links(HTMLParser):
    """Everything in a page that could load something or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "link", "iframe", "img", "object", "embed", "base", "form", "a"}:
            self.found.append(tag)
        self.found += [
            name for name, _ in attrs if name.startswith("on") or name in {"src", "href", "action"}
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("form", ReportFormat)
def test_nothing_of_the_run_survives_in_a_redacted_report(
    tmp_path: Path, form: ReportFormat
) -> None:
    timeline = planted_run(tmp_path)
    open_one = report_of(timeline, form)
    assert (SECRET in open_one) is (form is not ReportFormat.CSV)
    closed = report_of(timeline, form, is_redacted=True)
    assert SECRET.lower() not in closed.lower()
    assert "/home" not in closed
    compared = comparison_report(timeline, timeline, form, is_redacted=True)
    assert SECRET.lower() not in compared.lower()


def test_a_redacted_report_still_tells_what_helps(timeline: RunTimeline) -> None:
    closed = report_of(timeline, ReportFormat.HTML, is_redacted=True)
    for told in (
        "Memory in use is steady.",
        "file 13 (.pdf)",
        "It ended unexpectedly: signal SIGKILL. It held 500 MB.",
        "Native buffers in use grew by 61 MB above their settled level; the line is 50 MB.",
        "Free memory gave back 60 MB in 20 ms",
        "Linux 6.1.0",
        "Paths, names and texts have been left out of this report.",
    ):
        assert told in closed, told


def test_a_redacted_run_has_the_same_samples_and_marks(timeline: RunTimeline) -> None:
    closed = redact(timeline)
    np.testing.assert_array_equal(closed.history.curves.table, timeline.history.curves.table)
    assert len(closed.events) == len(timeline.events)
    assert redact(closed) is closed


def test_a_file_keeps_its_number_and_shows_only_a_suffix_that_is_known() -> None:
    aliases = FileAliases()
    assert aliases.of("/a/one.PDF") == "file 1 (.pdf)"
    assert aliases.of("/a/two.miller") == "file 2"
    assert aliases.of("/a/one.PDF") == "file 1 (.pdf)"
    assert aliases.of("") == ""


def test_the_page_stands_by_itself_and_is_well_formed(timeline: RunTimeline) -> None:
    for text in (
        report_of(timeline, ReportFormat.HTML),
        comparison_report(timeline, timeline, ReportFormat.HTML),
    ):
        links = Links()
        links.feed(text)
        assert links.found == []
        assert links.open == []
        assert "url(" not in text
        assert "default-src 'none'" in text
        assert "prefers-color-scheme: dark" in text
        for drawn in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
            ET.fromstring(drawn)


def test_the_page_tells_what_happened(timeline: RunTimeline) -> None:
    text = report_of(timeline, ReportFormat.HTML)
    for told in (
        "Memory of run 12",
        "Memory in use is steady.",
        "At most 700 MB of memory in all processes together, 58 % of the budget of 1.2 GB.",
        "The engine process, 10 s, batch 50",
        "signal SIGKILL",
        "Traceback: the lighthouse keeper",
        "Free memory gave back 60 MB in 20 ms",
        "Native buffers grew by 61 MB (batch 50, /home/ada/Reports/report 12.pdf).",
        "Of all resident memory 90.0 % had an owner in the last picture.",
        "/home/ada/Reports/locked.pdf",
        "glibc",
    ):
        assert told in text, told


def test_texts_are_shown_and_never_taken_for_markup(tmp_path: Path) -> None:
    clock = Clock()
    recording = recorder(tmp_path, clock)
    recording.note(RunStarted(1, ("/docs/<script>alert(1)</script>\u202e\x1b[2J\udce9",)))
    for event in events(clock, 4):
        recording.note(event)
    text = report_of(recording.timeline, ReportFormat.HTML)
    recording.note(RunStarted(1, ("/docs/<script>alert(1)</script>\u202e\x1b[2J\udce9",)))
    text = report_of(recording.timeline, ReportFormat.HTML)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd\ufffd[2J\ufffd" in text
    text.encode()


def test_a_run_without_a_single_sample_has_a_report_too(tmp_path: Path) -> None:
    recording = recorder(tmp_path, Clock())
    recording.note(RunHalted("No model.", "Install it."))
    for form in ReportFormat:
        text = report_of(recording.timeline, form)
        assert "nan" not in text.lower()
    assert "No model. Install it." in report_of(recording.timeline, ReportFormat.HTML)


def test_the_csv_has_one_row_for_each_sample_and_names_its_units(timeline: RunTimeline) -> None:
    rows = list(csv.DictReader(io.StringIO(report_of(timeline, ReportFormat.CSV))))
    assert len(rows) == len(timeline.history) == 102
    last = rows[-1]
    assert last["time_s"] == "20.100"
    assert last["batch"] == "100"
    assert last["samples_in_row"] == "1"
    assert float(last["total_rss_mb"]) == 600
    assert float(last["engine_native_mb"]) == 200


def test_the_json_has_everything_and_names_its_units(timeline: RunTimeline) -> None:
    told = json.loads(report_of(timeline, ReportFormat.JSON))
    assert told["heading"]["run_id"] == 12
    assert told["summary"]["batches"] == 100
    assert told["history"]["curves_kb"]["engine.rss"][-1] == 400_000
    assert {event[0] for event in told["events"]} >= {"ChildDied", "CleanupFinished"}
    assert told["context"]["settings"]["engine"] == "torch"
    assert len(told["pictures"]) == 5


def test_two_runs_are_compared_figure_by_figure(tmp_path: Path) -> None:
    first = record(tmp_path, engine_mb=400, run_id=1)
    second = record(tmp_path, engine_mb=600, run_id=2)
    second = dataclasses.replace(
        second,
        context=dataclasses.replace(
            CONTEXT, settings={"engine": "torch", "batch_size": 16, "model": ""}
        ),
    )
    comparison = compare_runs(first, second)
    figures = {figure.name: figure for figure in comparison.figures}
    peak = figures["RSS of the engine, highest"]
    assert (peak.first, peak.second, peak.difference) == (450, 600, 150)
    assert peak.difference_text == "+150.0 (+33 %)"
    assert figures["RSS of all, settled"].difference_text == "+200.0 (+33 %)"
    assert figures["Engine, native"].difference_text == "+0.00"
    assert figures["Given back by them"].first == 60
    assert [(text.group, text.name, text.first, text.second) for text in comparison.texts] == [
        ("Settings", "batch size", "8", "16")
    ]
    assert comparison.sentence == (
        "The second run was as fast (within 5 %) and 14 % higher in its peak of memory, with one "
        "condition that differs: batch size."
    )


def test_nothing_is_said_of_the_speed_of_a_run_of_few_batches(tmp_path: Path) -> None:
    first = record(tmp_path, run_id=1)
    update = dataclasses.replace(first.heading, batches=1, chunks=1, chunks_per_second=76.2)
    comparison = compare_runs(first, dataclasses.replace(first, heading=update))
    assert comparison.sentence == (
        "The second run was as high in its peak of memory (within 5 %), under the same "
        "settings and versions. A run this short says nothing of speed."
    )


def test_a_figure_that_one_run_lacks_has_no_difference(tmp_path: Path) -> None:
    first = record(tmp_path)
    second = dataclasses.replace(first, summary={})
    figures = {figure.name: figure for figure in compare_runs(first, second).figures}
    slope = figures["Engine, native"]
    assert (slope.second, slope.difference, slope.difference_text) == (None, None, "")
    text = comparison_report(first, second, ReportFormat.CSV)
    assert "Engine, native" in text


def test_a_spreadsheet_takes_no_text_for_a_formula(tmp_path: Path) -> None:
    first = record(tmp_path)
    context = dataclasses.replace(CONTEXT, settings={"model": '=HYPERLINK("x")'})
    second = dataclasses.replace(first, context=context)
    rows = list(csv.reader(io.StringIO(comparison_report(first, second, ReportFormat.CSV))))
    cells = [cell for row in rows for cell in row]
    assert not any(cell.startswith(("=", "@")) for cell in cells)


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_report("told \udce9", tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == "told ?"
    with pytest.raises(VextError, match="could not be written"):
        write_report("told", tmp_path / "nowhere" / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]

"""Records of runs on disk: written in one step, read with suspicion, few enough to keep.

A record is a gzip file of JSON lines: first the heading, by which a list knows it without reading
on, then one section a line. Samples are whole numbers (ms and kB), which take a third of the
room of floats and no time to write. Whoever cannot read a newer version says so.
"""

import contextlib
import gzip
import json
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from vext_desktop.errors import RunRecordError
from vext_desktop.memory.json_pieces import json_pieces
from vext_desktop.memory.run_record import RunHeading, RunTimeline
from vext_desktop.memory.run_record_json import (
    heading_from_json,
    heading_to_json,
    sections_of,
    timeline_from_sections,
)

FORMAT = "vext-run"
VERSION = 1
SUFFIX = ".vextrun.gz"
KEPT_RUNS = 100
# Ten times what the largest record unpacks to; a damaged file may claim anything.
MOST_BYTES = 64_000_000
# Level 6 takes thrice as long for 5 % less.
LEVEL = 4
_DAMAGES = (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, IndexError)
_HARMLESS = "Your documents and the index are not affected."


def record_path(folder: Path, record_id: str) -> Path:
    """Where the record of that name lies."""
    return folder / f"{record_id}{SUFFIX}"


def save_run(timeline: RunTimeline, folder: Path) -> Path:
    """Write a record, readable by its owner alone, in one atomic step.

    Raises:
        RunRecordError: It cannot be written.
    """
    path = record_path(folder, timeline.heading.record_id)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _replacing(path) as file, gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
            for section in _lines(timeline):
                # Undecodable bytes of file names become question marks: it is for reading only.
                for piece in json_pieces(section):
                    packed.write(piece.encode("utf-8", "replace"))
                packed.write(b"\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RunRecordError(
            f"The record of this run could not be saved in {folder} ({reason}). {_HARMLESS}",
            "Check that there is room on the disk and that the folder may be written to.",
        ) from error
    return path


def load_run(path: Path) -> RunTimeline:
    """Read a whole record.

    Raises:
        RunRecordError: It is missing, damaged or newer than this program.
    """
    with _told(path), gzip.open(path, "rb") as file:
        heading = _read_heading(file)
        text = file.read(MOST_BYTES)
        sections: dict[str, Any] = {}
        for line in text.splitlines():
            sections |= json.loads(line)
        return timeline_from_sections(heading, sections)


def read_heading(path: Path) -> RunHeading:
    """Read what a list shows of a record; a fraction of a millisecond.

    Raises:
        RunRecordError: As `load_run`, as far as the heading shows it.
    """
    with _told(path), gzip.open(path, "rb") as file:
        return _read_heading(file)


def list_runs(folder: Path) -> list[tuple[RunHeading, Path]]:
    """The readable records of a folder, newest first; a damaged one is left out."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(RunRecordError):
            found.append((read_heading(path), path))
    return sorted(found, key=lambda entry: entry[0].started_at, reverse=True)


def prune_runs(folder: Path, keep: int = KEPT_RUNS) -> None:
    """Drop all but the latest records, by the time of their last change."""
    dated = []
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(OSError):  # another program prunes too
            dated.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(dated, reverse=True)[keep:]:
        with contextlib.suppress(OSError):
            path.unlink()


def _lines(timeline: RunTimeline) -> Iterator[Mapping[str, object]]:
    yield {
        "format": FORMAT,
        "version": VERSION,
        "heading": heading_to_json(timeline.heading),
    }
    for name, content in sections_of(timeline):
        yield {name: content}


def _read_heading(file: gzip.GzipFile) -> RunHeading:
    first = json.loads(file.readline(MOST_BYTES))
    if first["format"] != FORMAT:
        raise ValueError("the record of something else")
    if first["version"] > VERSION:
        raise RunRecordError(
            "This record was written by a newer Vext Desktop and cannot be opened here.",
            "Install the newer program to open it.",
        )
    return heading_from_json(first["heading"])


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn everything that may be wrong with a record into a sentence."""
    try:
        yield
    except FileNotFoundError:
        raise RunRecordError(
            f"There is no record {path.name} of a run.",
            "Of the runs only the latest are kept; choose another one.",
        ) from None
    except PermissionError:
        raise RunRecordError(
            f"The record {path.name} may not be read.", f"Check the permissions of {path}."
        ) from None
    except _DAMAGES as error:
        raise RunRecordError(
            f"The record {path.name} is damaged and cannot be opened. {_HARMLESS}",
            f"Choose another run; the damaged file is {path}.",
        ) from error


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when all of it is written."""
    number, draft = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
        Path(draft).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(draft).unlink()
        raise

"""What the log says went wrong of late, with or without the words that may name files."""

import re
from collections.abc import Iterator
from pathlib import Path

MAX_READ_BYTES = 300_000
MAX_RECORDS = 20
MAX_LINES_OF_ONE = 60
_RECORD = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ (\w+) +([\w.]+): (.*)")
_WORTH = frozenset({"WARNING", "ERROR", "CRITICAL"})
# Of a traceback: our own frames, and the kind of the exception. All else may quote a document.
_FRAME = re.compile(r'\s*File ".*[/\\](vext_desktop[/\\][\w/\\]+\.py)", line (\d+), in (\w+)')
_EXCEPTION = re.compile(r"([A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit|Warning))(:.*)?")


def last_troubles(log_file: Path, *, with_names: bool) -> list[str]:
    """The last warnings and errors of a log, oldest first, as lines for reading.

    Args:
        log_file: Need not exist.
        with_names: Whether the messages are quoted, which may hold paths and names of files;
            otherwise it is told when, how bad, and in which part of the program.
    """
    records = list(_records(_read_end(log_file)))[-MAX_RECORDS:]
    return [line for record in records for line in _told(record, with_names=with_names)]


def traces_of(text: str, *, with_names: bool) -> list[str]:
    """The lines of a report of a crash; without names only our frames and kinds of exceptions."""
    lines = text.strip().splitlines()[-MAX_LINES_OF_ONE:]
    return lines if with_names else list(_own_traces(lines))


def _records(text: str) -> Iterator[list[str]]:
    record: list[str] = []
    for line in text.splitlines():
        if _RECORD.match(line) is None:
            if record:
                record.append(line)  # more of the same: a traceback
            continue
        if record:
            yield record
        found = _RECORD.match(line)
        record = [line] if found is not None and found.group(2) in _WORTH else []
    if record:
        yield record


def _told(record: list[str], *, with_names: bool) -> Iterator[str]:
    first, *rest = record
    found = _RECORD.match(first)
    if found is None:
        return
    moment, level, part, message = found.groups()
    yield f"{moment} {level} {part}" + (f": {message}" if with_names else "")
    shown = rest if with_names else list(_own_traces(rest))
    for line in shown[-MAX_LINES_OF_ONE:]:
        yield f"    {line.strip()}"


def _own_traces(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if frame := _FRAME.match(line):
            yield f"{frame.group(1)}:{frame.group(2)} in {frame.group(3)}".replace("\\", "/")
        elif exception := _EXCEPTION.fullmatch(line.strip()):
            yield exception.group(1)


def _read_end(log_file: Path) -> str:
    try:
        with log_file.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - MAX_READ_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""

"""Events without paths, names and texts: each sentence is made anew from its numbers."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

from vext_desktop.events import (
    ChildDied,
    ChunkSetAside,
    CleanupFinished,
    MemoryJudged,
    MemoryWarned,
    RunHalted,
    WarningKind,
)
from vext_desktop.memory.library_family import FAMILIES, OTHER_LIBRARIES
from vext_desktop.memory.run_record import NotableEvent
from vext_desktop.readings import ProgramBands, format_bytes

# A suffix may be part of a name ("minutes.miller"), so only those of well-known kinds are shown.
KNOWN_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        "txt", "md", "rst", "html", "htm", "xml", "pdf", "doc", "docx", "odt", "rtf", "xls",
        "xlsx", "ods", "csv", "tsv", "ppt", "pptx", "odp", "epub", "eml", "msg", "mbox", "json",
        "yaml", "yml", "toml", "ini", "cfg", "log", "tex", "py", "js", "ts", "java", "c", "cc",
        "cpp", "h", "hpp", "cs", "go", "rs", "rb", "php", "sh", "sql", "ipynb",
    )
)  # fmt: skip
Changes = dict[str, Any]
_TRIGGERS = frozenset({"you", "budget", "pressure", "retry", "idle", "run_end"})
# How the program says that a process ended; what may stand behind it is not repeated.
_CAUSE = re.compile(
    r"signal (?:SIG[A-Z]{2,8}|\d{1,3})|exit code (?:0x[0-9a-f]{1,8}|-?\d{1,10})"
    r"|no answer for \d{1,6} s|reason unknown"
)
_WARNINGS = {
    WarningKind.RSS_OVER_LIMIT: "Memory reached {measured}; the line is {limit}.",
    WarningKind.NATIVE_GROWTH: (
        "Native buffers in use grew by {measured} above their settled level; the line is {limit}."
    ),
    WarningKind.HEAP_GROWTH: (
        "Heap and native buffers in use grew by {measured} with one batch; the line is {limit}."
    ),
}


class FileAliases:
    """Gives every path a number, by its first appearance, and always the same."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, path: str) -> str:
        """The path as "file 12 (.pdf)"; "" for none."""
        if not path:
            return ""
        number = self._numbers.setdefault(path, len(self._numbers) + 1)
        suffix = PurePath(path).suffix.lower()
        return f"file {number} ({suffix})" if suffix in KNOWN_SUFFIXES else f"file {number}"


def redact_event(event: NotableEvent, aliases: FileAliases) -> NotableEvent:
    """An event made anew from its numbers; a text that nobody here knows of becomes empty."""
    change = _CHANGES.get(type(event))
    changes = change(event, aliases) if change is not None else {}
    return dataclasses.replace(event, **{**_blanks(event), **changes})


def redact_bands(bands: ProgramBands) -> ProgramBands:
    """Owner bands with the families of libraries that the program knows, and one for the rest."""
    processes = tuple(
        dataclasses.replace(process, libraries=_known_families(process.libraries))
        for process in bands.processes
    )
    return dataclasses.replace(bands, processes=processes)


def _known_families(libraries: Mapping[str, int]) -> dict[str, int]:
    known: dict[str, int] = {}
    for family, count in libraries.items():
        name = family if family in FAMILIES else OTHER_LIBRARIES
        known[name] = known.get(name, 0) + count
    return known


def _blanks(value: Any) -> Changes:
    """Empty texts for all fields that hold texts; words of the program (enums) are none."""
    blanks: Changes = {}
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if isinstance(content, str) and not isinstance(content, Enum):
            blanks[field.name] = ""
        elif isinstance(content, tuple) and any(isinstance(each, str) for each in content):
            blanks[field.name] = ()
    return blanks


def _warning(event: MemoryWarned, aliases: FileAliases) -> Changes:
    message = _WARNINGS[event.kind].format(
        measured=format_bytes(event.measured_bytes), limit=format_bytes(event.limit_bytes)
    )
    return {"path": aliases.of(event.path), "message": message}


def _verdict(event: MemoryJudged, aliases: FileAliases) -> Changes:
    del aliases
    if event.verdict == "steady":
        return {"verdict": "steady", "message": "Memory in use is steady."}
    if event.verdict != "growing":
        message = "Whether memory in use grows is not yet known."
        return {"verdict": "unknown", "message": message}
    what = event.owner.label if event.owner else "Memory in use"
    who = f" of the {event.role} process" if event.role else ""
    since = f" since batch {event.since_batch}" if event.since_batch is not None else ""
    left = f"; {event.batches_left} batches to the limit" if event.batches_left is not None else ""
    return {"verdict": "growing", "message": f"{what}{who} grows{since}{left}."}


def _death(event: ChildDied, aliases: FileAliases) -> Changes:
    known = _CAUSE.search(event.cause)
    return {
        "cause": known.group() if known else "reason left out",
        "files": tuple(map(aliases.of, event.files)),
    }


def _receipt(event: CleanupFinished, aliases: FileAliases) -> Changes:
    del aliases
    receipt = event.receipt
    before, after = receipt.bands_before, receipt.bands_after
    changes: Changes = {
        "trigger": receipt.trigger if receipt.trigger in _TRIGGERS else "other",
        "bands_before": before and redact_bands(before),
        "bands_after": after and redact_bands(after),
    }
    return {"receipt": dataclasses.replace(receipt, **{**_blanks(receipt), **changes})}


def _chunk(event: ChunkSetAside, aliases: FileAliases) -> Changes:
    reason = "The model could not process this passage."
    return {"path": aliases.of(event.path), "reason": reason}


def _halt(event: RunHalted, aliases: FileAliases) -> Changes:
    del event, aliases
    return {"message": "The run could not go on by itself."}


# What of each event is known here; its other texts are left out.
_CHANGES: dict[type, Callable[[Any, FileAliases], Changes]] = {
    ChildDied: _death,
    ChunkSetAside: _chunk,
    CleanupFinished: _receipt,
    MemoryJudged: _verdict,
    MemoryWarned: _warning,
    RunHalted: _halt,
}

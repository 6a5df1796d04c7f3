"""Diagnostics: what somebody who helps needs to know, as plain text; never a key.

Without names it is made of numbers and of words that are the program's own, so that nothing has
to be searched for and replaced.
"""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from vext_desktop.about.log_lines import last_troubles, traces_of
from vext_desktop.about.versions import versions
from vext_desktop.paths import Paths
from vext_desktop.readings import ProgramReading, format_bytes
from vext_desktop.settings import LoadedSettings, Settings

MAX_CRASH_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class DiagnosticFacts:
    """What is known in the program at the moment of asking.

    Attributes:
        loaded: The settings in force, and where they come from.
        paths: The data folder; its log is read.
        model: The model and its state, in a sentence.
        reading: What the processes hold; None before the first sample.
        budget_bytes: What they may hold; None where it is not known yet.
        display: What the window stands on ("Qt", "platform", ...), by name.
        counts: How many files there are in each state, and passages; empty if not known.
    """

    loaded: LoadedSettings
    paths: Paths
    model: str
    reading: ProgramReading | None = None
    budget_bytes: int | None = None
    display: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def write_diagnostics(facts: DiagnosticFacts, *, with_names: bool) -> str:
    """The whole text; reads the log and the crash report.

    Args:
        facts: What is known.
        with_names: Whether paths, addresses and messages of the log are in it.
    """
    parts = (
        ("", [time.strftime("Diagnostics of Vext Desktop, %Y-%m-%d %H:%M")]),
        ("Versions", [f"{name}: {each or 'not there'}" for name, each in versions().items()]),
        ("Machine", list(_machine(facts.display))),
        ("Model", [_model(facts, with_names=with_names)]),
        ("Memory now", list(_memory(facts))),
        ("Index", [f"{name}: {count}" for name, count in facts.counts.items()] or ["not known"]),
        ("Data folder", list(_data_folder(facts.paths, with_names=with_names))),
        ("Settings that were changed", list(_settings(facts.loaded, with_names=with_names))),
        ("Last warnings and errors", _troubles(facts.paths.log_file, with_names=with_names)),
        ("Last crash report", _crash(facts.paths.crash_log, with_names=with_names)),
    )
    return "\n\n".join("\n".join(filter(None, (title, *lines))) for title, lines in parts) + "\n"


def _model(facts: DiagnosticFacts, *, with_names: bool) -> str:
    # Of a folder that the user has chosen, both its name and what is wrong with it tell a path.
    is_chosen = bool(facts.loaded.settings.model)
    return "another one than the default" if is_chosen and not with_names else facts.model


def _machine(display: Mapping[str, str]) -> Iterator[str]:
    memory = psutil.virtual_memory()
    yield f"processors: {os.cpu_count()}"
    yield f"memory: {format_bytes(memory.total)}, of which {format_bytes(memory.available)} free"
    for name, value in display.items():
        yield f"{name}: {value}"


def _memory(facts: DiagnosticFacts) -> Iterator[str]:
    if facts.reading is None:
        yield "not measured yet"
        return
    for process in facts.reading.processes:
        figures = (
            ("resident", process.rss_bytes),
            ("heap", process.heap_bytes),
            ("native", process.native_bytes),
        )
        known = ", ".join(f"{name} {format_bytes(n)}" for name, n in figures if n is not None)
        yield f"{process.role.value}: {known}"
    limit = "" if facts.budget_bytes is None else f" of {format_bytes(facts.budget_bytes)}"
    yield f"together: {format_bytes(facts.reading.rss_bytes)}{limit}"


def _data_folder(paths: Paths, *, with_names: bool) -> Iterator[str]:
    if with_names:
        yield str(paths.data_dir)
    try:
        free = psutil.disk_usage(str(paths.data_dir)).free
    except OSError as error:
        yield f"cannot be looked at: {error.strerror}"
    else:
        yield f"{format_bytes(free)} free on its drive"


def _settings(loaded: LoadedSettings, *, with_names: bool) -> Iterator[str]:
    for name, info in Settings.model_fields.items():
        value = getattr(loaded.settings, name)
        if value == info.default:
            continue
        origin = loaded.origins.get(name)
        source = f" ({origin.source.value})" if origin is not None else ""
        yield f"{name} = {_say_value(name, value, with_names=with_names)}{source}"
    for notice in loaded.notices:
        yield f"not taken: {notice.name}" + (f": {notice.message}" if with_names else "")


def _say_value(name: str, value: object, *, with_names: bool) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) if with_names else f"{len(value)} entries"
    if not isinstance(value, str):
        return str(value)
    if name.endswith("_url"):
        return _without_credentials(value) if with_names else "another address"
    # A choice among words of the program's own needs no cover; free text may be a path.
    is_choice = getattr(Settings.model_fields[name].annotation, "__origin__", None) is not None
    return value if with_names or is_choice else "another one"


def _without_credentials(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _troubles(log_file: Path, *, with_names: bool) -> list[str]:
    return last_troubles(log_file, with_names=with_names) or ["none in the log"]


def _crash(crash_log: Path, *, with_names: bool) -> list[str]:
    try:
        text = crash_log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    if not text.strip():
        return ["none"]
    traces = traces_of(text[-MAX_CRASH_CHARACTERS:], with_names=with_names)
    return traces or ["there is one, whose words may name files"]

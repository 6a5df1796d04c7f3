"""Every setting, declared once: type, default, limits, label, environment name, what it costs."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

# The ancestor's own names, which its users have in their `.env` files.
ANCESTOR_NAMES = {
    "EMBEDDING_PROVIDER": "provider",
    "CHUNK_SIZE": "chunk_size",
    "CHUNK_OVERLAP": "chunk_overlap",
}
OWN_PREFIX = "VEXT_"
# Names with our prefix that are not settings of the program but of where it looks for them.
# The last one is for tests: the engine process leaks.
NOT_SETTINGS = {"VEXT_DATA_DIR", "VEXT_TEST_LEAK"}
COMMAND_LINE = "the command line"
# Settings that limit each other: see `Settings._check_pairs`.
_PAIRS = (("chunk_size", "chunk_overlap"), ("delay_min_ms", "delay_max_ms"))


def _setting(default: Any, label: str, *, reindexes: bool = False, **limits: Any) -> Any:
    """A field with its label; `reindexes` marks what makes the present index out of date."""
    return Field(default, title=label, json_schema_extra={"reindexes": reindexes}, **limits)


class Settings(BaseModel):
    """What the user can choose. Frozen: a change is a new object."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: Literal["huggingface"] = _setting(
        "huggingface", "Where texts are embedded (huggingface: on this computer)", reindexes=True
    )
    engine: Literal["onnx", "torch"] = _setting(
        "onnx", "Local engine (onnx: small and fast; torch: the reference)"
    )
    model: str = _setting(
        "", "Folder of a sentence-transformers model (empty: the shipped one)", reindexes=True
    )
    isolation: Literal["process", "thread"] = _setting(
        "process", "Where the model runs (process: its memory can be given back)"
    )
    idle_unload_minutes: int = _setting(5, "Idle minutes until the model unloads (0: never)", ge=0)
    unload_between_runs: bool = _setting(False, "Unload the model after each run")
    engine_threads: int = _setting(0, "Processor threads of the engine (0: all)", ge=0, le=256)
    batch_size: int = _setting(8, "Texts in a batch", ge=1, le=256)
    chunk_size: int = _setting(
        1000, "Characters in a passage, at most", reindexes=True, ge=50, le=20_000
    )
    chunk_overlap: int = _setting(
        200, "Characters that neighbouring passages share", reindexes=True, ge=0, le=10_000
    )

    memory_cap_mb: int = _setting(
        1200, "Memory for all our processes together, in MB", ge=200, le=1_000_000
    )
    memory_share: float = _setting(
        0.8, "Share of the memory still free on this machine that may be used", gt=0, le=1
    )
    soft_share: float = _setting(
        0.75, "Share of the budget at which indexing slows down", gt=0, lt=1
    )
    delay_min_ms: int = _setting(300, "Delay when memory pressure begins, in ms", ge=0, le=60_000)
    delay_max_ms: int = _setting(800, "Delay at the memory budget, in ms", ge=0, le=60_000)
    warn_rss_mb: int = _setting(1200, "Warn when memory exceeds, in MB", ge=1)
    warn_native_growth_mb: int = _setting(
        50, "Warn when native buffers grow above their settled level by, in MB", ge=1
    )
    warn_heap_growth_mb: int = _setting(
        100, "Warn when the heap grows between two batches by, in MB", ge=1
    )

    batch_retries: int = _setting(3, "Tries for a failed batch before it is halved", ge=1, le=10)
    batch_timeout_s: float = _setting(120.0, "Time limit for one batch, in s", gt=0, le=3600)
    engine_start_timeout_s: float = _setting(
        180.0, "Time limit for loading the model, in s", gt=0, le=3600
    )

    max_file_mb: int = _setting(100, "Largest file that is read, in MB", ge=1, le=1_000_000)
    max_pages: int = _setting(10_000, "Pages read of one document, at most", ge=1)
    max_characters: int = _setting(20_000_000, "Characters read of one file, at most", ge=1000)
    reader_timeout_s: float = _setting(
        30.0, "Time limit for one step of reading a file, in s", gt=0, le=3600
    )
    reader_memory_mb: int = _setting(1500, "Memory limit of the reader, in MB", ge=200)
    include_hidden: bool = _setting(False, "Index hidden files and folders")
    skip_folders: tuple[str, ...] = _setting(
        (
            ".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox",
            ".mypy_cache", ".cache", "$RECYCLE.BIN", "System Volume Information",
        ),
        "Folders that are never indexed",
    )  # fmt: skip

    rows_per_write: int = _setting(512, "Passages written to the index at once", ge=8, le=100_000)

    @model_validator(mode="after")
    def _check_pairs(self) -> "Settings":
        if self.chunk_overlap * 2 > self.chunk_size:
            raise ValueError("chunk_overlap must be at most half of chunk_size")
        if self.delay_max_ms < self.delay_min_ms:
            raise ValueError("delay_max_ms must not be below delay_min_ms")
        return self


@dataclass(frozen=True, slots=True)
class SettingNotice:
    """A setting that could not be taken as it was written; `message` is a sentence."""

    name: str
    source: str
    message: str


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings in force, and what had to be left out on the way to them."""

    settings: Settings
    notices: tuple[SettingNotice, ...]


def load_settings(
    settings_file: Path | None = None,
    dotenv_files: tuple[Path, ...] = (),
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> LoadedSettings:
    """Combine all sources: flag over environment over `.env` over settings file over default.

    Args:
        settings_file: JSON object written by `save_settings`; need not exist.
        dotenv_files: `.env` files, the first one winning; need not exist.
        environment: Environment variables; the process's own if None.
        flags: Values from the command line, by setting name; None values are left out.

    Returns:
        The settings, and a notice for each unknown name and each value that cannot be used.
        A bad value falls back to what the sources below it say; a variable that is set to
        nothing counts as not set. Of two settings that exclude each other, the one from the
        higher source stands.
    """
    notices: list[SettingNotice] = []
    layers: list[tuple[str, Mapping[str, object]]] = []
    if settings_file is not None:
        layers.append((settings_file.name, _read_json(settings_file, notices)))
    layers += [
        (str(path), _named(_read_dotenv(path, notices), str(path), notices))
        for path in reversed(dotenv_files)
    ]
    environment = os.environ if environment is None else environment
    layers.append(("the environment", _named(environment, "the environment", notices)))
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    layers.append((COMMAND_LINE, given))

    stacks: dict[str, list[_Given]] = {}
    for rank, (source, layer) in enumerate(layers):
        for name, value in layer.items():
            taken = _check_alone(name, value, source, notices)
            if taken is not None:
                stacks.setdefault(name, []).append(_Given(taken, source, rank))
    for pair in _PAIRS:
        _settle_pair(pair, stacks, notices)
    values = {name: stack[-1].value for name, stack in stacks.items() if stack}
    return LoadedSettings(Settings.model_validate(_completed(values)), tuple(notices))


def save_settings(settings: Settings, settings_file: Path) -> None:
    """Write what differs from the defaults, as a JSON object, in one atomic step."""
    changed = settings.model_dump(mode="json", exclude_defaults=True)
    settings_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = settings_file.with_suffix(".tmp")
    draft.write_text(json.dumps(changed, indent=2) + "\n", encoding="utf-8")
    draft.replace(settings_file)


def reindexing_names() -> frozenset[str]:
    """Names of the settings whose change makes the present index out of date."""
    found = set()
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("reindexes"):
            found.add(name)
    return frozenset(found)


def _read_dotenv(path: Path, notices: list[SettingNotice]) -> dict[str, str]:
    """The variables of a `.env` file, taken literally; none and a notice if it is no text."""
    if not path.is_file():
        return {}
    try:
        found = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        notices.append(SettingNotice("", str(path), f"{path} could not be read ({error})."))
        return {}
    return {name: value for name, value in found.items() if value is not None}


def _read_json(path: Path, notices: list[SettingNotice]) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        notices.append(
            SettingNotice("", path.name, f"{path.name} could not be read ({error}): left out.")
        )
        return {}
    if isinstance(found, dict):
        return found
    notices.append(SettingNotice("", path.name, f"{path.name} is not a JSON object: left out."))
    return {}


def _named(
    variables: Mapping[str, str], source: str, notices: list[SettingNotice]
) -> dict[str, object]:
    found: dict[str, object] = {}
    for variable, value in variables.items():
        if not value:
            continue
        if variable in ANCESTOR_NAMES:
            found.setdefault(ANCESTOR_NAMES[variable], value)
        elif variable.startswith(OWN_PREFIX) and variable not in NOT_SETTINGS:
            name = variable.removeprefix(OWN_PREFIX).lower()
            if name in Settings.model_fields:
                found[name] = value
            else:
                notices.append(_unknown(variable, source))
    return found


def _unknown(name: str, source: str) -> SettingNotice:
    return SettingNotice(name, source, f"{name} in {source} is not a setting: left out.")


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that is valid by itself; a source with a higher rank wins."""

    value: object
    source: str
    rank: int


def _check_alone(
    name: str, value: object, source: str, notices: list[SettingNotice]
) -> object | None:
    """The value as the setting's own type, or None and a notice."""
    field = Settings.model_fields.get(name)
    if field is None:
        notices.append(_unknown(name, source))
        return None
    if isinstance(value, str) and field.annotation == tuple[str, ...]:
        value = tuple(part.strip() for part in value.split(",") if part.strip())
    try:
        checked: object = TypeAdapter(field.rebuild_annotation()).validate_python(value)
    except ValidationError as error:
        notices.append(_left_out(name, _Given(value, source, 0), error))
        return None
    return checked


def _settle_pair(
    pair: tuple[str, str], stacks: dict[str, list[_Given]], notices: list[SettingNotice]
) -> None:
    """Take back values until the two settings go together; the lower source gives way."""
    while present := [name for name in reversed(pair) if stacks.get(name)]:
        try:
            Settings.model_validate(_completed({name: stacks[name][-1].value for name in present}))
        except ValidationError as error:
            loser = min(present, key=lambda name: stacks[name][-1].rank)
            notices.append(_left_out(loser, stacks[loser].pop(), error))
        else:
            return


def _left_out(name: str, given: _Given, error: ValidationError) -> SettingNotice:
    reason = error.errors()[0]["msg"].removeprefix("Value error, ")
    message = f"{name} = {given.value!r} in {given.source} is left out: {reason}."
    return SettingNotice(name, given.source, message)


def _completed(values: dict[str, object]) -> dict[str, object]:
    """Adapt the default of one half of a pair where only the other half was given."""
    defaults = Settings.model_construct()
    added: dict[str, object] = {}
    size = values.get("chunk_size")
    if isinstance(size, int) and size < 2 * defaults.chunk_overlap:
        added["chunk_overlap"] = size // 5
    low, high = values.get("delay_min_ms"), values.get("delay_max_ms")
    if isinstance(low, int) and low > defaults.delay_max_ms:
        added["delay_max_ms"] = low
    if isinstance(high, int) and high < defaults.delay_min_ms:
        added["delay_min_ms"] = high
    return added | values

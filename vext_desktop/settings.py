"""Every setting, declared once: type, default, limits, label, environment name, what it costs."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


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


def reindexing_names() -> frozenset[str]:
    """Names of the settings whose change makes the present index out of date."""
    found = set()
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("reindexes"):
            found.add(name)
    return frozenset(found)

"""Every setting, declared once: type, default, limits, label, group, what a change costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import model_validator

from vext_desktop.settings.declaration import Acts, Group, setting, setting_extra
from vext_desktop.settings.reading import ReadingSettings


class Settings(ReadingSettings):
    """What the user can choose. Frozen: a change is a new object."""

    engine: Literal["onnx-int8", "onnx", "torch"] = setting(
        "onnx-int8",
        "Local engine (onnx-int8: fastest and smallest; onnx: exact; torch: the reference)",
        "What computes the model on this computer. All three make vectors that can be compared "
        "with each other, so the index stays as it is; those of onnx-int8 are rounded, which "
        "hardly changes what is found.",
        group=Group.MODEL,
        acts=Acts.ENGINE,
    )
    model: str = setting(
        "",
        "Model: a folder or a hub name that is here already (empty: the shipped one)",
        "Passages and questions are only comparable when the same model has read them.",
        group=Group.MODEL,
        reindexes=True,
        picks="folder",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = setting(
        "auto",
        "What the torch engine computes on (auto: a graphics card if torch can use one)",
        "cuda: an NVIDIA card; mps: Apple's. It changes the speed, not the index.",
        group=Group.MODEL,
        acts=Acts.ENGINE,
    )
    keep_old_index_days: int = setting(
        14,
        "Days that the index of before a change is kept (0: until you remove it)",
        "As long as it is there, the change can be undone.",
        group=Group.PASSAGES,
        acts=Acts.NOW,
        ge=0,
        le=3650,
    )
    isolation: Literal["process", "thread"] = setting(
        "process",
        "Where the model runs (process: its memory can be given back)",
        "In a thread of the program it is there for comparison only.",
        acts=Acts.START,
    )
    idle_unload_minutes: int = setting(
        5,
        "Idle minutes until the model unloads (0: never)",
        "The next search loads it again.",
        group=Group.MEMORY,
        acts=Acts.NOW,
        ge=0,
    )
    unload_between_runs: bool = setting(
        False, "Unload the model after each run", group=Group.MEMORY, acts=Acts.NOW
    )
    engine_threads: int = setting(
        0,
        "Processor threads of the engine (0: all)",
        "Fewer leave more of the processor to other programs.",
        group=Group.MODEL,
        acts=Acts.ENGINE,
        ge=0,
        le=256,
    )
    engine_priority: Literal["low", "normal"] = setting(
        "low",
        "Priority of engine and reader (low: other programs come first)",
        "Low costs nothing while nobody else wants the processor.",
        group=Group.MODEL,
        acts=Acts.ENGINE,
    )
    batch_size: int = setting(
        8,
        "Texts in a batch",
        "Larger batches need more memory and are hardly faster.",
        ge=1,
        le=256,
    )
    chunk_size: int = setting(
        1000,
        "Characters in a passage, at most",
        "A passage is what a search finds; it also ends where the model's limit is reached.",
        group=Group.PASSAGES,
        reindexes=True,
        ge=50,
        le=20_000,
    )
    chunk_overlap: int = setting(
        200,
        "Characters that neighbouring passages share",
        "So that a sentence on the border is found whole. At most half of a passage.",
        group=Group.PASSAGES,
        reindexes=True,
        ge=0,
        le=10_000,
    )

    memory_cap_mb: int = setting(
        1200,
        "Memory for all our processes together, in MB",
        "Near it indexing slows down, over it memory is freed and the model reloaded.",
        group=Group.MEMORY,
        acts=Acts.NOW,
        ge=200,
        le=1_000_000,
    )
    memory_share: float = setting(
        0.8,
        "Share of the memory still free on this machine that may be used",
        "The lower of this and the limit above counts.",
        group=Group.MEMORY,
        acts=Acts.NOW,
        gt=0,
        le=1,
    )
    soft_share: float = setting(
        0.75,
        "Share of the budget at which indexing slows down",
        group=Group.MEMORY,
        acts=Acts.NOW,
        gt=0,
        lt=1,
    )
    delay_min_ms: int = setting(
        300,
        "Delay when memory pressure begins, in ms",
        "After each batch. Without pressure there is no delay.",
        group=Group.MEMORY,
        acts=Acts.NOW,
        ge=0,
        le=60_000,
    )
    delay_max_ms: int = setting(
        800,
        "Delay at the memory budget, in ms",
        group=Group.MEMORY,
        acts=Acts.NOW,
        ge=0,
        le=60_000,
    )
    warn_rss_mb: int = setting(1200, "Warn when memory exceeds, in MB", group=Group.MEMORY, ge=1)
    warn_native_growth_mb: int = setting(
        50,
        "Warn when native buffers grow above their settled level by, in MB",
        group=Group.MEMORY,
        ge=1,
    )
    warn_heap_growth_mb: int = setting(
        100, "Warn when the heap grows between two batches by, in MB", group=Group.MEMORY, ge=1
    )

    batch_retries: int = setting(3, "Tries for a failed batch before it is halved", ge=1, le=10)
    batch_timeout_s: float = setting(
        120.0, "Time limit for one batch, in s", acts=Acts.ENGINE, gt=0, le=3600
    )
    engine_start_timeout_s: float = setting(
        180.0, "Time limit for loading the model, in s", acts=Acts.ENGINE, gt=0, le=3600
    )

    include_hidden: bool = setting(False, "Index hidden files and folders", group=Group.FILES)
    skip_folders: tuple[str, ...] = setting(
        (
            ".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox",
            ".mypy_cache", ".cache", "$RECYCLE.BIN", "System Volume Information",
        ),
        "Folders that are never indexed",
        "Names, one on each line, wherever they stand.",
        group=Group.FILES,
    )  # fmt: skip
    ignore_patterns: tuple[str, ...] = setting(
        (),
        "Files and folders that are left out, as patterns",
        "One on each line, as in a .gitignore file: *.log, drafts/, !keep.log. Patterns for one "
        "folder: right-click it in the library, or put a file .vextignore into it.",
        group=Group.FILES,
        picks="patterns",
    )
    one_file_system: bool = setting(
        False,
        "Leave out other drives that are mounted within a folder",
        "A network or removable drive inside a folder is then not looked into.",
        group=Group.FILES,
    )
    watch_folders: bool = setting(
        True,
        "Watch the folders, and index what changes in them",
        "Otherwise changes are found when you choose Look for changes.",
        group=Group.FILES,
        acts=Acts.NOW,
    )
    rescan_minutes: int = setting(
        60,
        "Minutes between looks at all folders, while they are watched (0: never)",
        "Finds what watching has missed, as on network drives. Nothing is read that has not "
        "changed.",
        group=Group.FILES,
        acts=Acts.NOW,
        ge=0,
        le=10_000,
    )

    check_for_updates: bool = setting(
        False,
        "Ask pypi.org for a newer version, once a day",
        "Off, the program asks nobody. On, it sends that one request and nothing about you, this "
        "computer or your documents; the answer stands in Help, About Vext Desktop.",
        acts=Acts.NOW,
    )
    rows_per_write: int = setting(512, "Passages written to the index at once", ge=8, le=100_000)

    @model_validator(mode="after")
    def _check_pairs(self) -> "Settings":
        if self.chunk_overlap * 2 > self.chunk_size:
            raise ValueError("chunk_overlap must be at most half of chunk_size")
        if self.delay_max_ms < self.delay_min_ms:
            raise ValueError("delay_max_ms must not be below delay_min_ms")
        return self


class Source(StrEnum):
    """Where the value of a setting can come from, weakest first."""

    DEFAULT = "default"
    FILE = "file"
    DOTENV = "dotenv"
    ENVIRONMENT = "environment"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value in force comes from; `words` go into a sentence ("CHUNK_SIZE in ...")."""

    source: Source
    words: str

    @property
    def is_held(self) -> bool:
        """Whether the settings file cannot change the value, because a stronger source has it."""
        return self.source in {Source.DOTENV, Source.ENVIRONMENT, Source.FLAG}


@dataclass(frozen=True, slots=True)
class SettingNotice:
    """A setting that could not be taken as it was written; `message` is a sentence."""

    name: str
    source: str
    message: str


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings in force, and what had to be left out on the way to them.

    Attributes:
        settings: The settings in force.
        notices: What could not be taken.
        origins: Where each value comes from that is not the default.
    """

    settings: Settings
    notices: tuple[SettingNotice, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)


def reindexing_names() -> frozenset[str]:
    """Names of the settings whose change makes the present index out of date."""
    return frozenset(
        name for name, info in Settings.model_fields.items() if setting_extra(info)["reindexes"]
    )

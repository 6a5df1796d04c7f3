"""Under which conditions a run is made: settings, versions, machine. Cheap; imports no engine."""

import importlib.metadata
import os
import platform
from typing import Literal, get_origin

import psutil

from vext_desktop import __version__
from vext_desktop.memory.run_record import RunContext
from vext_desktop.settings import Settings

# What decides how much memory a run takes and how fast it is.
LIBRARIES = (
    "torch",
    "sentence-transformers",
    "onnxruntime",
    "tokenizers",
    "lancedb",
    "pyarrow",
    "numpy",
)
# Texts of any kind that a record may hold all the same; all other ones could be keys.
_NAMED_TEXTS = ("model",)


def read_context(
    settings: Settings,
    budget_bytes: int | None = None,
    soft_bytes: int | None = None,
    budget_owner: str = "",
) -> RunContext:
    """The conditions as they are now.

    Args:
        settings: Of these, numbers, switches and choices are kept, and the model's folder.
        budget_bytes: What all our processes together may hold.
        soft_bytes: Above it indexing slows down.
        budget_owner: Where the budget comes from, in words.
    """
    return RunContext(
        settings={
            name: getattr(settings, name)
            for name, field in Settings.model_fields.items()
            if _may_be_kept(name, field.annotation)
        },
        versions=_read_versions(),
        machine=_read_machine(),
        budget_bytes=budget_bytes,
        soft_bytes=soft_bytes,
        budget_owner=budget_owner,
    )


def _may_be_kept(name: str, kind: object) -> bool:
    return kind in {bool, int, float} or get_origin(kind) is Literal or name in _NAMED_TEXTS


def _read_versions() -> dict[str, str]:
    versions = {
        "vext-desktop": __version__,
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }
    library, library_version = platform.libc_ver()
    if library:  # told for Linux only
        versions[library] = library_version
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _read_machine() -> dict[str, int | str]:
    machine: dict[str, int | str] = {
        "architecture": platform.machine(),
        "memory_bytes": int(psutil.virtual_memory().total),
    }
    cores = os.cpu_count()
    if cores is not None:
        machine["cores"] = cores
    if hasattr(os, "sched_getaffinity"):  # where a process can be told to use fewer
        machine["cores_usable"] = len(os.sched_getaffinity(0))
    return machine

"""Versions of the program and of what it stands on."""

import importlib.metadata
import platform

from vext_desktop import __version__

# The distributions whose versions matter in a report of a problem.
LIBRARIES = (
    "onnxruntime",
    "onnx",
    "torch",
    "sentence-transformers",
    "tokenizers",
    "lancedb",
    "pyarrow",
    "numpy",
    "PySide6-Essentials",
    "pyqtgraph",
    "pypdfium2",
    "lxml",
    "selectolax",
)


def versions() -> dict[str, str | None]:
    """Versions of the program and of what it stands on; None for what is not installed."""
    return {
        "vext-desktop": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        **{name: version_of(name) for name in LIBRARIES},
    }


def version_of(distribution: str) -> str | None:
    """The version of an installed distribution; None if it is not there."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None

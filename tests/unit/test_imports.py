"""Who may import whom, and that nothing heavy is imported before it is needed."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "lancedb", "PySide6", "pyarrow", "numpy", "pydantic", "rich")


def test_the_layers_hold() -> None:
    # In a process of its own: it configures logging anew, and silences every logger there is.
    program = (
        "import sys; from importlinter.cli import lint_imports as l; sys.exit(l(no_cache=True))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["index", "--help"], ["--version"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from vext_desktop.__main__ import main\n"
        f"code = main({arguments!r})\n"
        f"sys.exit(code or ' '.join({{*{HEAVY!r}}} & {{*sys.modules}}) or None)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout


def test_every_package_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = (path.parent for path in (ROOT / "vext_desktop").rglob("__init__.py"))
    found = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert {*project["tool"]["setuptools"]["packages"]} == found | {"vext_desktop.resources"}

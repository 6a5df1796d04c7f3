"""The Debian package, installed and used where there is nothing else: minutes, and root's rights.

`python packaging/build.py smoke` does the same by hand. The package is built first if it is not
there; what was found lies in build/installers/smoke afterwards.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build" / "installers" / "smoke"
# The recipes are no part of the program, and lie outside of what tests can import.
_MISSING = (
    "import sys; sys.path.insert(0, 'packaging'); from smoke.run import what_is_missing; "
    "print(', '.join(what_is_missing()))"
)
LIMIT_S = 3600

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The figures of one run; the run itself checks each step, and ends at the first failure."""
    missing = subprocess.run(
        [sys.executable, "-c", _MISSING], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    if missing:
        pytest.skip(f"the smoke test needs {missing}")
    done = subprocess.run(
        [sys.executable, "packaging/build.py", "smoke"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    report: dict[str, Any] = json.loads((RESULTS / "report.json").read_text(encoding="utf-8"))
    return report


def test_the_installed_program_is_used_and_removed_cleanly(found: dict[str, Any]) -> None:
    log = (RESULTS / "log.txt").read_text(encoding="utf-8")
    assert "NOT SO" not in log
    assert log.rstrip().endswith("all is as it must be")


def test_the_installed_program_takes_less_than_700_mb(found: dict[str, Any]) -> None:
    assert found["installed_bytes"] < 700_000_000


def test_nothing_is_written_into_the_home_beside_the_data_folder(found: dict[str, Any]) -> None:
    assert found["left_in_home_beside_the_data"] == []

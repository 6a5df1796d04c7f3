"""Where things lie: one data folder, and nothing is ever written outside it."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

DATA_DIR_VARIABLE = "VEXT_DATA_DIR"


@dataclass(frozen=True, slots=True)
class Paths:
    """The places inside one data folder; asking for a place does not create it."""

    data_dir: Path

    @property
    def store(self) -> Path:
        """The LanceDB folder."""
        return self.data_dir / "store"

    @property
    def ledger(self) -> Path:
        """The SQLite file with the state of every file and run."""
        return self.data_dir / "ledger.sqlite"

    @property
    def lock(self) -> Path:
        """Held by the one program that may write to this data folder."""
        return self.data_dir / "writer.lock"

    @property
    def settings(self) -> Path:
        """The user's choices."""
        return self.data_dir / "settings.json"

    @property
    def window_state(self) -> Path:
        """Geometry and the like; apart from the settings, since no choice is in it."""
        return self.data_dir / "window.ini"

    @property
    def verified_models(self) -> Path:
        """Which model files have been checked against their SHA-256, and when."""
        return self.data_dir / "verified_models.json"

    @property
    def logs(self) -> Path:
        """Log files of the program and its children."""
        return self.data_dir / "logs"

    @property
    def crash_log(self) -> Path:
        """Written when the window process itself breaks; offered at the next start."""
        return self.logs / "crash.log"

    def create(self) -> None:
        """Make the data folder and its log folder, readable by their owner alone."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True, mode=0o700)


def find_paths(data_dir: str | Path | None = None) -> Paths:
    """The data folder: the one named, else `VEXT_DATA_DIR`, else the system's usual place."""
    chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Paths(Path(chosen).expanduser().absolute())
    return Paths(user_data_path("vext-desktop", appauthor=False))

"""Where things lie: one data folder, and nothing is ever written outside it."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from platformdirs import user_data_path

from vext_desktop.errors import VextError

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
    def window_socket(self) -> Path:
        """Where the window that is open hears of second starts; not there without one."""
        return self.data_dir / "window.socket"

    @property
    def reserve(self) -> Path:
        """Room kept back for the ledger's last word on a full disk."""
        return self.data_dir / "reserve"

    @property
    def safe(self) -> Path:
        """Copies of the small files without which the large ones are lost; see `Safekeeping`."""
        return self.data_dir / "safe"

    @property
    def runs(self) -> Path:
        """One file for each recorded run: its samples, events and figures."""
        return self.data_dir / "runs"

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
    def prepared_models(self) -> Path:
        """What the onnx engine made of model files, once; can be deleted at any time."""
        return self.data_dir / "prepared_models"

    @property
    def consents(self) -> Path:
        """To which services text may go."""
        return self.data_dir / "consents.json"

    @property
    def service_models(self) -> Path:
        """What was learnt of the models of services by asking them."""
        return self.data_dir / "service_models.json"

    @property
    def release_check(self) -> Path:
        """When it was last asked for a newer version; only there if the user wants that."""
        return self.data_dir / "release_check.json"

    @property
    def logs(self) -> Path:
        """Log files of the program and its children."""
        return self.data_dir / "logs"

    @property
    def log_file(self) -> Path:
        """What the one program that may write logs."""
        return self.logs / "vext-desktop.log"

    @property
    def crash_log(self) -> Path:
        """Written when the window process itself breaks; offered at the next start."""
        return self.logs / "crash.log"

    @property
    def last_moments(self) -> Path:
        """What a run has in hand, for the report if the program breaks off in it."""
        return self.logs / "last-moments.txt"

    def create(self) -> None:
        """Make the data folder and its log folder, readable by their owner alone.

        Raises:
            VextError: They cannot be made there.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise VextError(
                f"The data folder {self.data_dir} cannot be made: {error.strerror}.",
                f"Choose another one with --data-dir or {DATA_DIR_VARIABLE}.",
            ) from error
        with contextlib.suppress(OSError):  # without logs the program works all the same
            self.logs.mkdir(exist_ok=True, mode=0o700)


def find_paths(data_dir: str | Path | None = None, dotenv_file: Path | None = None) -> Paths:
    """Find the data folder; asking for it does not create it.

    Args:
        data_dir: The folder named by the user, if any.
        dotenv_file: A `.env` file that may name it with `VEXT_DATA_DIR`; need not exist.

    Returns:
        The folder named; else that of the environment, of the `.env` file, or the system's
        usual place for a program's data.
    """
    chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE) or _named_in(dotenv_file)
    if chosen:
        return Paths(Path(chosen).expanduser().absolute())
    return Paths(user_data_path("vext-desktop", appauthor=False))


def _named_in(dotenv_file: Path | None) -> str | None:
    if dotenv_file is None or not dotenv_file.is_file():
        return None
    try:
        return dotenv_values(dotenv_file, interpolate=False).get(DATA_DIR_VARIABLE)
    except (OSError, UnicodeDecodeError):
        return None  # the settings are read from the same file, and leave a notice

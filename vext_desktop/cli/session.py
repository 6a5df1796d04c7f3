"""What every command starts from: settings, places, streams, and a way to the engine."""

import argparse
import contextlib
import difflib
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from vext_desktop.engine import Engine
    from vext_desktop.paths import Paths
    from vext_desktop.settings import LoadedSettings, Settings

EngineFactory = Callable[["Settings", "Paths", threading.Event], "Engine"]


@dataclass(frozen=True)
class Session:
    """One command being run.

    Attributes:
        arguments: The parsed command line.
        loaded: The settings in force, and the notices that were printed.
        paths: The data folder.
        create_engine: Builds the engine.
    """

    arguments: argparse.Namespace
    loaded: "LoadedSettings"
    paths: "Paths"
    create_engine: EngineFactory

    @property
    def wants_json(self) -> bool:
        """Whether a program reads our output."""
        return bool(getattr(self.arguments, "json", False))

    def load_again(self) -> "LoadedSettings":
        """The settings as they are now, from all their sources."""
        return _load(self.arguments, self.paths)

    def console(self, *, stderr: bool = False) -> "Console":
        """Where tables (standard output) and progress (standard error) for people go."""
        from rich.console import Console  # noqa: PLC0415 - heavy, and not needed for JSON

        # Texts and names of files are shown as they are: nothing in them is a command to Rich.
        return Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)

    @contextlib.contextmanager
    def open_engine(
        self, *, read_only: bool, cancelled: threading.Event | None = None
    ) -> Iterator["Engine"]:
        """Open the engine, and close it whatever happens.

        Args:
            read_only: Look only, which is allowed beside another program that writes.
            cancelled: When set, every wait of the engine ends at once.
        """
        from vext_desktop.logs import (  # noqa: PLC0415 - see open_session
            faults_logged,
            start_logging,
            stop_logging,
        )

        engine = self.create_engine(
            self.loaded.settings, self.paths, cancelled or threading.Event()
        )
        with contextlib.ExitStack() as undo:
            undo.callback(engine.close)
            engine.open(read_only=read_only)
            if not read_only:  # the log files belong to the one program that writes
                handler = start_logging(self.paths.log_file, debug=self.arguments.debug)
                undo.callback(stop_logging, handler)
                undo.enter_context(faults_logged(self.paths.crash_log))
            yield engine


def open_session(
    arguments: argparse.Namespace, create_engine: EngineFactory | None = None
) -> Session:
    """Find the data folder, load the settings and print what is wrong with them.

    Raises:
        UsageError: The command line itself names a setting or a value that does not exist.
    """
    # pydantic takes 0.1 s, which `--help` need not wait for.
    from vext_desktop.paths import find_paths  # noqa: PLC0415
    from vext_desktop.settings.sources import COMMAND_LINE  # noqa: PLC0415

    paths = find_paths(arguments.data_dir, Path.cwd() / ".env")
    loaded = _load(arguments, paths)
    for notice in loaded.notices:
        if notice.source == COMMAND_LINE:
            raise UsageError(notice.message, _near_settings(notice.name))
        print(f"notice: {notice.message}", file=sys.stderr)
    if arguments.debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
        logging.getLogger("vext").setLevel(logging.DEBUG)
    return Session(arguments, loaded, paths, create_engine or _create_engine)


def _load(arguments: argparse.Namespace, paths: "Paths") -> "LoadedSettings":
    from vext_desktop.settings.sources import load_settings  # noqa: PLC0415 - see open_session

    flags = {
        "engine": arguments.engine,
        "isolation": arguments.isolation,
        "batch_size": arguments.batch_size,
        **_parse_assignments(arguments.assignments),
    }
    return load_settings(
        settings_file=paths.settings,
        dotenv_files=(Path.cwd() / ".env", paths.data_dir / ".env"),
        flags=flags,
    )


def existing_paths(words: Sequence[str]) -> tuple[Path, ...]:
    """The files and folders named on the command line, as absolute paths.

    Raises:
        UsageError: One of them does not exist.
    """
    found = []
    for word in words:
        path = Path(word).expanduser().absolute()
        if not word or not path.exists():
            raise UsageError(f"There is no file or folder {word!r}.", "Check the spelling.")
        found.append(path)
    return tuple(found)


def _create_engine(settings: "Settings", paths: "Paths", cancelled: threading.Event) -> "Engine":
    from vext_desktop.engine import Engine  # noqa: PLC0415 - heavy, first needed here

    return Engine(settings, paths, cancelled=cancelled)


def _parse_assignments(assignments: Sequence[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for assignment in assignments:
        name, separator, value = assignment.partition("=")
        if not separator or not name:
            raise UsageError(f"--set {assignment} has no value.", "Write it as --set NAME=VALUE.")
        values[name.strip().lower().replace("-", "_")] = value
    return values


def _near_settings(name: str) -> str:
    """What a misspelt setting may have meant, or all there are; empty where only its value errs."""
    from vext_desktop.settings import Settings  # noqa: PLC0415 - see open_session

    if name in Settings.model_fields:
        return ""
    if near := difflib.get_close_matches(name, Settings.model_fields, n=3):
        return f"Did you mean {' or '.join(near)}?"
    return f"The settings are {', '.join(Settings.model_fields)}."

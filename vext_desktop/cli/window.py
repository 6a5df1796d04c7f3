"""`vext-desktop [PATH...]`: the window; without a display, its job in the terminal."""

import argparse
import os
import sys
from collections.abc import Mapping

from vext_desktop.cli.output import say
from vext_desktop.cli.session import Session, existing_paths

HELP = "open the window and index PATHs at once (what happens without a command)"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders to index")


def run(session: Session) -> int:
    """Open the window; where there is no display, index in the terminal and sum up."""
    paths = existing_paths(session.arguments.paths)
    if has_display(os.environ, sys.platform):
        from vext_desktop.window.app import run_window  # noqa: PLC0415 - Qt, only for the window

        return run_window(session.loaded, session.paths, paths, load_again=session.load_again)
    from vext_desktop.cli.index import index_paths  # noqa: PLC0415 - see cli.main

    say("There is no display here, so no window can open; the same job runs in the terminal.")
    return index_paths(session, paths)


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window can be shown: on Linux, someone must have said where."""
    if platform in {"win32", "darwin"}:
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))

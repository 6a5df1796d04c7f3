"""The program's commands: picks one, runs it, and turns errors into sentences and exit codes.

Nothing heavy is imported here or at the top of a command's file: `--help` answers at once.
"""

import argparse
import contextlib
import os
import sys
import traceback
from pathlib import Path
from typing import NoReturn, Protocol

from vext_desktop import __version__
from vext_desktop.cli import (
    backup,
    bench,
    consent,
    doctor,
    extract,
    index,
    memory_test,
    rebuild,
    report,
    restore,
    search,
    status,
    tidy,
    window,
)
from vext_desktop.cli.session import EngineFactory, Session, open_session
from vext_desktop.errors import UsageError, VextError


class Command(Protocol):
    """What the file of each command offers."""

    HELP: str

    def add_flags(self, parser: argparse.ArgumentParser) -> None:
        """Declare what only this command takes."""

    def run(self, session: Session) -> int:
        """Do it; returns the exit code."""


EXIT_FAILURE = 1
EXIT_INTERRUPTED = 130
# Without one of these as its first word, a command line means the window.
COMMANDS: dict[str, Command] = {
    "window": window,
    "index": index,
    "search": search,
    "extract": extract,
    "status": status,
    "rebuild": rebuild,
    "memory-test": memory_test,
    "report": report,
    "consent": consent,
    "bench": bench,
    "doctor": doctor,
    "backup": backup,
    "restore": restore,
    "tidy": tidy,
}
VALUE_FLAGS = {
    "--data-dir", "--engine", "--isolation", "--batch-size", "--set", "--retry", "--read-anyway",
    "--map",
}  # fmt: skip
EPILOG = """\
Without a command, a window opens and indexes PATHs at once.
Exit codes: 0 done, 1 failed, 2 the command line makes no sense, 130 interrupted.
"""


class _Parser(argparse.ArgumentParser):
    """Reports mistakes as `UsageError`, like every other error of the program."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


def main(argv: list[str] | None = None, create_engine: EngineFactory | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name; those of the process if None.
        create_engine: Builds the engine that the command talks to; the real one if None.

    Returns:
        The exit code: 0 done, 1 failed, 2 usage, 130 interrupted.
    """
    arguments = sys.argv[1:] if argv is None else argv
    _accept_any_text()
    debug = "--debug" in arguments
    try:
        chosen = build_parser().parse_args(_name_command(arguments))
        return COMMANDS[chosen.command].run(open_session(chosen, create_engine))
    except SystemExit as end:  # argparse has printed a help text or the version
        return int(end.code or 0)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has closed it, as `head` does. Python flushes once more when
        # it ends, and would complain.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILURE
    except VextError as error:
        _report(error.message, error.hint, debug=debug)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last word on a mistake of ours
        _report(
            f"Something unexpected happened: {type(error).__name__}: {error}",
            "This is a mistake in the program. Run it again with --debug and report what it says.",
            debug=debug,
        )
        return EXIT_FAILURE


def build_parser() -> argparse.ArgumentParser:
    """All commands with their flags."""
    parser = _Parser(
        prog="vext-desktop",
        usage="vext-desktop [PATH...] | COMMAND ...",
        description="Search your own documents by meaning, and see where the memory goes.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Vext Desktop {__version__}")
    common = _common_flags()
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", prog="vext-desktop")
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name,
            parents=[common],
            help=module.HELP,
            description=module.HELP,
            allow_abbrev=False,
        )
        module.add_flags(command)
    return parser


def _common_flags() -> _Parser:
    flags = _Parser(add_help=False)
    group = flags.add_argument_group("for every command")
    group.add_argument("--data-dir", metavar="FOLDER", help="where the index and all else is kept")
    group.add_argument(
        "--engine", metavar="NAME", help="what embeds the texts: onnx-int8, onnx or torch"
    )
    group.add_argument("--isolation", metavar="WHERE", help="process or thread")
    group.add_argument("--batch-size", metavar="N", help="texts in a batch")
    group.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other setting, such as chunk_size=800",
    )
    group.add_argument("--debug", action="store_true", help="say more, and show where it failed")
    return flags


def _name_command(arguments: list[str]) -> list[str]:
    """Put the command first: it may stand behind flags, or be left out for the window."""
    place = _first_word(arguments)
    if place is None:
        return arguments if {"-h", "--help", "--version"} & {*arguments} else ["window", *arguments]
    word = arguments[place]
    if word in COMMANDS:
        return [word, *arguments[:place], *arguments[place + 1 :]]
    if not word or not Path(word).expanduser().exists():
        raise UsageError(
            f"{word!r} is neither a command nor an existing file or folder.",
            "See vext-desktop --help.",
        )
    return ["window", *arguments]


def _first_word(arguments: list[str]) -> int | None:
    """Where the first argument stands that is neither a flag nor the value of one."""
    is_value = False
    for place, word in enumerate(arguments):
        if not is_value and not word.startswith("-"):
            return place
        is_value = not is_value and word in VALUE_FLAGS
    return None


def _accept_any_text() -> None:
    """File names need not be printable in the terminal's encoding; say what they hold anyway."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _report(message: str, hint: str, *, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    print(f"error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)

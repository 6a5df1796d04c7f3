"""`vext-desktop restore FILE`: brings a backup back, here or on another computer."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.cli.backup import show_progress
from vext_desktop.cli.output import print_json, say, shown
from vext_desktop.cli.repair import is_agreed
from vext_desktop.cli.session import Session
from vext_desktop.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vext_desktop.assembly.backups import BackupContents

HELP = "bring back an index from a backup, also with its folders at other places"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument("file", metavar="FILE", help="what vext-desktop backup has written")
    parser.add_argument(
        "--map",
        dest="places",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a folder of the backup lies at another place here; may be given several times",
    )
    parser.add_argument("--list", action="store_true", help="only show what is in the backup")
    parser.add_argument(
        "--yes", action="store_true", help="move an index that is there aside without asking"
    )
    parser.add_argument("--json", action="store_true", help="print what was restored as JSON")


def run(session: Session) -> int:
    """Show what is in the backup, ask before an index gives way, restore; 0 when it is done."""
    from vext_desktop.assembly.backups import Backups  # noqa: PLC0415 - not for a help text

    arguments = session.arguments
    file = Path(arguments.file).expanduser().absolute()
    backups = Backups(session.paths)
    contents = backups.contents(file)
    places = read_places(arguments.places, contents.roots)
    if arguments.list:
        _show_contents(session, contents)
        return 0
    for root in contents.roots:
        say(f"{root} -> {_place_of(root, places, contents.separator)}")
    replaces = bool(arguments.yes)
    if backups.would_replace and not replaces:
        say(f"There is an index in {session.paths.data_dir}; it would be moved aside, not deleted.")
        replaces = is_agreed("Restore the backup in its place?")
        if not replaces:
            say("Nothing was changed.")
            return 1
    show_progress(session, backups.restore(file, places, replaces=replaces))
    report = backups.report
    if report is None:
        return 1
    if session.wants_json:
        print_json(
            {
                "files": report.files,
                "passages": report.passages,
                "missing_roots": list(report.missing_roots),
                "aside": str(report.aside) if report.aside else None,
            }
        )
    else:
        print(shown(report.sentence))
        print("To bring it up to date with your documents: vext-desktop index")
    return 0


def read_places(words: "Sequence[str]", roots: "Sequence[str]") -> dict[str, str]:
    """The new places that `--map OLD=NEW` names, by the old ones; a name may hold "=" itself.

    Raises:
        UsageError: One of them has no "=".
    """
    places: dict[str, str] = {}
    for word in words:
        cuts = [place for place, letter in enumerate(word) if letter == "="]
        if not cuts or not word[: cuts[0]] or not word[cuts[-1] + 1 :]:
            raise UsageError(f"--map {word} names no new place.", "Write it as --map OLD=NEW.")
        known = [cut for cut in cuts if word[:cut].rstrip("/\\") in roots]
        cut = known[0] if known else cuts[0]
        places[word[:cut]] = word[cut + 1 :]
    return places


def _place_of(root: str, places: dict[str, str], separator: str) -> str:
    from vext_desktop.assembly.backups import place_of  # noqa: PLC0415 - not for a help text

    place = place_of(root, places, separator)
    return place if Path(place).exists() else f"{place} (not found here: shown as offline)"


def _show_contents(session: Session, contents: "BackupContents") -> None:
    from vext_desktop.readings import format_bytes  # noqa: PLC0415 - not for a help text

    if session.wants_json:
        print_json(
            {
                "roots": list(contents.roots),
                "files": contents.files,
                "passages": contents.passages,
                "model": contents.model,
                "created_at": contents.created_at,
                "program": contents.program,
                "size_bytes": contents.size_bytes,
            }
        )
        return
    print(
        shown(
            f"{contents.passages} passages of {contents.files} files, made with {contents.model}; "
            f"{format_bytes(contents.size_bytes)} when restored."
        )
    )
    for root in contents.roots:
        print(shown(f"  {root}"))

"""`vext-desktop rebuild`: what a change of model or chunking costs, how it stands, its undoing."""

import argparse
from typing import TYPE_CHECKING

from vext_desktop.cli.output import print_json, say
from vext_desktop.cli.session import Session
from vext_desktop.errors import VextError

if TYPE_CHECKING:
    from vext_desktop.engine import Engine
    from vext_desktop.index.answers import RebuildStatus

HELP = "show what a change of model or passages costs and how it stands, or undo it"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--undo", action="store_true", help="go back to the index, and the settings, of before"
    )
    what.add_argument(
        "--remove-old",
        action="store_true",
        help="remove what is kept beside the index in use; that cannot be undone",
    )
    what.add_argument(
        "--use-new",
        action="store_true",
        help="use a new index that only lacks files that cannot be reached now",
    )
    parser.add_argument("--json", action="store_true", help="print how it stands as JSON")


def run(session: Session) -> int:
    """Show or change which index is used; 0 when that could be done."""
    arguments = session.arguments
    changes = arguments.undo or arguments.remove_old or arguments.use_new
    with session.open_engine(read_only=not changes) as engine:
        if arguments.undo:
            _undo(session, engine)
        elif arguments.remove_old:
            _remove_old(engine)
        elif arguments.use_new:
            for event in engine.rebuilding.use_now():
                say(getattr(event, "sentence", ""))
        status = engine.status()
    if session.wants_json:
        print_json({"model": status.model, "rebuild": rebuild_as_json(status.rebuild)})
    elif not changes:
        for line in rebuild_lines(status.rebuild) or [f"The index is as {status.model} made it."]:
            print(line)
    return 0


def _undo(session: Session, engine: "Engine") -> None:
    from vext_desktop.settings import reindexing_names  # noqa: PLC0415 - the engine has it by now
    from vext_desktop.settings.sources import change_settings_file  # noqa: PLC0415 - the same

    present = engine.settings
    settings = engine.rebuilding.undo()
    changed = {
        name: getattr(settings, name)
        for name in sorted(reindexing_names())
        if getattr(settings, name) != getattr(present, name)
    }
    try:
        change_settings_file(session.paths.settings, changed)
    except OSError as error:
        raise VextError(
            f"The old index is used again, but the settings could not be saved ({error.strerror}): "
            "the next run changes the index once more.",
            f"Check that {session.paths.settings} can be written.",
        ) from error
    say(f"The index of {engine.status().model} is used again; the other one is kept.")
    for name in changed:
        origin = session.loaded.origins.get(name)
        if origin is not None and str(origin.source) != "file":
            say(
                f"notice: {name} is still set to the new value by {origin.words}; take it out "
                "there, or the next run changes the index once more."
            )


def _remove_old(engine: "Engine") -> None:
    from vext_desktop.readings import format_bytes  # noqa: PLC0415 - the engine has it by now

    freed_bytes = engine.rebuilding.remove_kept()
    if freed_bytes:
        say(f"Removed; that gave back {format_bytes(freed_bytes)} of disk.")
    else:
        say("Nothing is kept beside the index in use.")


def rebuild_lines(rebuild: "RebuildStatus") -> list[str]:
    """How a change of model or chunking stands, a sentence a line; nothing if there is none."""
    from vext_desktop.cli.progress import USE_NEW  # noqa: PLC0415 - the same
    from vext_desktop.readings import format_bytes  # noqa: PLC0415 - heavy for a help text

    lines = [rebuild.sentence] if rebuild.sentence else []
    if rebuild.progress is not None and rebuild.progress.is_to_be_decided:
        lines.append(USE_NEW)
    if rebuild.pending is not None:
        lines.append(rebuild.pending.sentence)
        lines.append("The next run begins with it: vext-desktop index")
    for kept in rebuild.kept:
        what = "old index" if kept.is_complete else "unfinished index"
        size = format_bytes(kept.bytes_on_disk)
        lines.append(
            f"The {what} of {kept.model} is kept ({size}): vext-desktop rebuild --remove-old"
        )
    if rebuild.can_undo:
        lines.append("The change can be undone: vext-desktop rebuild --undo")
    return lines


def rebuild_as_json(rebuild: "RebuildStatus") -> dict[str, object]:
    """The same as plain JSON values."""
    progress, pending = rebuild.progress, rebuild.pending
    return {
        "change": rebuild.change,
        "progress": None
        if progress is None
        else {
            "files_done": progress.files_done,
            "files_total": progress.files_total,
            "files_offline": progress.files_offline,
        },
        "pending": None
        if pending is None
        else {
            "model": pending.model,
            "files": pending.files,
            "passages": pending.passages,
            "seconds": pending.seconds,
            "extra_bytes": pending.extra_bytes,
            "files_done": pending.files_done,
        },
        "kept": [
            {
                "model": kept.model,
                "bytes_on_disk": kept.bytes_on_disk,
                "is_complete": kept.is_complete,
                "replaced_at": kept.replaced_at,
            }
            for kept in rebuild.kept
        ],
        "can_undo": rebuild.can_undo,
    }

"""The smaller things of a data folder: settings, notes, prepared models, records, room."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from vext_desktop.errors import RunRecordError
from vext_desktop.index.health.finding import Finding, FindingKind, Repair
from vext_desktop.index.room import MIN_FREE_BYTES, free_bytes, say_room_needed
from vext_desktop.memory.run_record_file import SUFFIX, load_run, read_heading
from vext_desktop.paths import Paths
from vext_desktop.readings import format_bytes

_MADE_AGAIN = "A repair moves it aside; it is made again when it is needed."


def check_small(
    paths: Paths, *, thorough: bool, measure_free: Callable[[Path], int] = free_bytes
) -> Iterator[Finding]:
    """What is wrong with everything but the ledger and the store."""
    yield from _check_places(paths)
    yield from _check_settings(paths)
    yield from _check_notes(paths)
    yield from _check_prepared(paths, thorough=thorough)
    yield from _check_records(paths, thorough=thorough)
    yield from _check_room(paths, measure_free)


def _check_places(paths: Paths) -> Iterator[Finding]:
    """A folder where a file belongs, or the other way round, keeps the program from working."""
    folders = (paths.store, paths.logs, paths.runs, paths.prepared_models, paths.safe)
    files = (paths.ledger, paths.lock, paths.settings, paths.window_state)
    wrong = [place for place in folders if place.exists() and not place.is_dir()]
    wrong += [place for place in files if place.exists() and not place.is_file()]
    for place in wrong:
        yield Finding(
            FindingKind.IN_THE_WAY,
            place.name,
            f"{place.name} in the data folder is not what it should be (a file in the place of a "
            "folder, or the reverse), so the program cannot use it.",
            _MADE_AGAIN,
            Repair.ASIDE,
        )


def _check_settings(paths: Paths) -> Iterator[Finding]:
    if not paths.settings.is_file() or _is_object(paths.settings):
        return
    copy = paths.safe / paths.settings.name
    yield Finding(
        FindingKind.SETTINGS_DAMAGED,
        paths.settings.name,
        "The file with your settings is damaged, so the program works with its defaults.",
        "A repair moves it aside and takes the copy of the last run."
        if copy.is_file() and _is_object(copy)
        else "A repair moves it aside; choose your settings anew.",
        Repair.SETTINGS,
    )


def _check_notes(paths: Paths) -> Iterator[Finding]:
    notes = (
        (paths.verified_models, "which model files were checked; they are checked again."),
        (paths.consents, "to which services your text may go; you are asked again."),
        (paths.service_models, "what is known of services' models; they are asked again."),
    )
    for file, what in notes:
        if file.is_file() and not _is_json(file):
            yield Finding(
                FindingKind.NOTE_DAMAGED,
                file.name,
                f"A small file is damaged ({file.name}). It says {what}",
                _MADE_AGAIN,
                Repair.ASIDE,
            )


def _check_prepared(paths: Paths, *, thorough: bool) -> Iterator[Finding]:
    if not paths.prepared_models.is_dir():
        return
    from vext_desktop.embedding.onnx_prepared import (  # noqa: PLC0415 - not for those without any
        MANIFEST_FILE,
        read_manifest,
    )

    for folder in sorted(paths.prepared_models.iterdir()):
        if not folder.is_dir() or not (folder / MANIFEST_FILE).exists():
            continue  # not finished: it is prepared again by itself
        if not thorough or read_manifest(folder) is not None:
            continue
        yield Finding(
            FindingKind.PREPARED_DAMAGED,
            f"{paths.prepared_models.name}/{folder.name}",
            "What was prepared from the model's files is damaged; nothing of your index is lost.",
            "It is prepared again at the next start, in seconds; a repair moves it aside before.",
            Repair.ASIDE,
        )


def _check_records(paths: Paths, *, thorough: bool) -> Iterator[Finding]:
    if not paths.runs.is_dir():
        return
    for file in sorted(paths.runs.glob(f"*{SUFFIX}")):
        try:
            load_run(file) if thorough else read_heading(file)
        except RunRecordError:
            yield Finding(
                FindingKind.RECORD_DAMAGED,
                f"{paths.runs.name}/{file.name}",
                f"The record of a past run is damaged ({file.name}) and cannot be shown; the index "
                "is not affected.",
                "A repair moves it aside.",
                Repair.ASIDE,
            )


def _check_room(paths: Paths, measure_free: Callable[[Path], int]) -> Iterator[Finding]:
    try:
        free = measure_free(paths.data_dir)
    except OSError:
        return
    if free < MIN_FREE_BYTES:
        yield Finding(
            FindingKind.LITTLE_ROOM,
            ".",
            f"The disk of the data folder has only {format_bytes(free)} left, so nothing new can "
            "be indexed; what is indexed is safe.",
            say_room_needed(paths.data_dir),
            Repair.NONE,
        )


def _is_object(file: Path) -> bool:
    try:
        return isinstance(json.loads(file.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError, RecursionError):
        return False


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return True

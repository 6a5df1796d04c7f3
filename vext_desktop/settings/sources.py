"""Where settings come from: which of several sources wins, and what of them cannot be used."""

import difflib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import TypeAdapter, ValidationError

from vext_desktop.safe_file import replace_file
from vext_desktop.settings import LoadedSettings, Origin, SettingNotice, Settings, Source
from vext_desktop.settings.errors import say_wrong

# The ancestor's own names, which its users have in their `.env` files.
ANCESTOR_NAMES = {
    "EMBEDDING_PROVIDER": "provider",
    "CHUNK_SIZE": "chunk_size",
    "CHUNK_OVERLAP": "chunk_overlap",
}
OWN_PREFIX = "VEXT_"
# Names with our prefix that are not settings of the program but of where it looks for them.
# The last one is for tests: the engine process leaks.
NOT_SETTINGS = {"VEXT_DATA_DIR", "VEXT_TEST_LEAK"}
COMMAND_LINE = "the command line"
# Settings that limit each other: see `Settings._check_pairs`.
_PAIRS = (("chunk_size", "chunk_overlap"), ("delay_min_ms", "delay_max_ms"))


def load_settings(
    settings_file: Path | None = None,
    dotenv_files: tuple[Path, ...] = (),
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> LoadedSettings:
    """Combine all sources: flag over environment over `.env` over settings file over default.

    Args:
        settings_file: JSON object written by `change_settings_file`; need not exist.
        dotenv_files: `.env` files, the first one winning; need not exist.
        environment: Environment variables; the process's own if None.
        flags: Values from the command line, by setting name; None values are left out.

    Returns:
        The settings, and a notice for each unknown name and each value that cannot be used.
        A bad value falls back to what the sources below it say; a variable that is set to
        nothing counts as not set. Of two settings that exclude each other, the one from the
        higher source stands.
    """
    notices: list[SettingNotice] = []
    layers: list[_Layer] = []
    if settings_file is not None:
        saved = _unnamed(_read_json(settings_file, notices))
        layers.append(_Layer(Source.FILE, settings_file.name, saved))
    for path in reversed(dotenv_files):
        variables = _read_dotenv(path, notices)
        notices += _misspelt(variables, str(path))
        layers.append(_Layer(Source.DOTENV, str(path), _named(variables, str(path), notices)))
    environment = os.environ if environment is None else environment
    place = "the environment"
    layers.append(_Layer(Source.ENVIRONMENT, place, _named(environment, place, notices)))
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    layers.append(_Layer(Source.FLAG, COMMAND_LINE, _unnamed(given)))

    stacks: dict[str, list[_Given]] = {}
    for rank, layer in enumerate(layers):
        for name, (value, variable) in layer.values.items():
            taken = _check_alone(name, value, layer.place, notices)
            if taken is not None:
                words = f"{variable} in {layer.place}" if variable else layer.place
                origin = Origin(layer.source, words)
                stacks.setdefault(name, []).append(_Given(taken, layer.place, rank, origin))
    for pair in _PAIRS:
        _settle_pair(pair, stacks, notices)
    winners = {name: stack[-1] for name, stack in stacks.items() if stack}
    values = {name: winner.value for name, winner in winners.items()}
    return LoadedSettings(
        Settings.model_validate(_completed(values)),
        tuple(notices),
        {name: winner.origin for name, winner in winners.items()},
    )


def change_settings_file(settings_file: Path, changes: Mapping[str, object]) -> None:
    """Write these values into the file, in one atomic step; the default takes a value out of it.

    What else stands there stays as it is, also what this version does not know.

    Raises:
        OSError: The file cannot be written.
    """
    kept = _read_json(settings_file, [])
    defaults = Settings().model_dump(mode="json")
    values: dict[str, Any] = dict(changes)
    changed = Settings.model_construct(**values).model_dump(mode="json", include=set(values))
    for name, value in changed.items():
        kept.pop(name, None)
        if value != defaults[name]:
            kept[name] = value
    settings_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_file(settings_file, json.dumps(kept, indent=2) + "\n")


def _read_dotenv(path: Path, notices: list[SettingNotice]) -> dict[str, str]:
    """The variables of a `.env` file, taken literally; none and a notice if it is no text."""
    if not path.is_file():
        return {}
    try:
        found = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        notices.append(SettingNotice("", str(path), f"{path} could not be read ({error})."))
        return {}
    return {name: value for name, value in found.items() if value is not None}


def _read_json(path: Path, notices: list[SettingNotice]) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        notices.append(
            SettingNotice("", path.name, f"{path.name} could not be read ({error}): left out.")
        )
        return {}
    if isinstance(found, dict):
        return found
    notices.append(SettingNotice("", path.name, f"{path.name} is not a JSON object: left out."))
    return {}


def _unnamed(values: Mapping[str, object]) -> "_Values":
    return {name: (value, "") for name, value in values.items()}


def _named(variables: Mapping[str, str], source: str, notices: list[SettingNotice]) -> "_Values":
    found: _Values = {}
    for variable, value in variables.items():
        if not value:
            continue
        if variable in ANCESTOR_NAMES:
            found.setdefault(ANCESTOR_NAMES[variable], (value, variable))
        elif variable.startswith(OWN_PREFIX) and variable not in NOT_SETTINGS:
            name = variable.removeprefix(OWN_PREFIX).lower()
            if name in Settings.model_fields:
                found[name] = (value, variable)
            else:
                notices.append(_unknown(variable, source))
    return found


def _misspelt(variables: Iterable[str], source: str) -> list[SettingNotice]:
    """Names in a `.env` file that are nearly the ancestor's; others may be for other programs."""
    found = []
    for variable in variables:
        near = difflib.get_close_matches(variable, ANCESTOR_NAMES, n=1, cutoff=0.85)
        if near and variable not in ANCESTOR_NAMES:
            notice = _unknown(variable, source)
            message = f"{notice.message} Did you mean {near[0]}?"
            found.append(SettingNotice(variable, source, message))
    return found


def _unknown(name: str, source: str) -> SettingNotice:
    if source == COMMAND_LINE:  # there the command ends with it
        return SettingNotice(name, source, f"{name!r} is not a setting.")
    return SettingNotice(name, source, f"{name} in {source} is not a setting: left out.")


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that is valid by itself; a source with a higher rank wins."""

    value: object
    source: str
    rank: int
    origin: Origin


# By the setting's name: the value as it was written, and the variable that gave it ("" if none).
_Values = dict[str, tuple[object, str]]


@dataclass(frozen=True, slots=True)
class _Layer:
    """One source, and what it says."""

    source: Source
    place: str
    values: _Values


def _check_alone(
    name: str, value: object, source: str, notices: list[SettingNotice]
) -> object | None:
    """The value as the setting's own type, or None and a notice."""
    field = Settings.model_fields.get(name)
    if field is None:
        notices.append(_unknown(name, source))
        return None
    if isinstance(value, str) and field.annotation == tuple[str, ...]:
        value = tuple(part.strip() for part in value.split(",") if part.strip())
    try:
        checked: object = TypeAdapter(field.rebuild_annotation()).validate_python(value)
    except ValidationError as error:
        notices.append(_left_out(name, value, source, error))
        return None
    return checked


def _settle_pair(
    pair: tuple[str, str], stacks: dict[str, list[_Given]], notices: list[SettingNotice]
) -> None:
    """Take back values until the two settings go together; the lower source gives way."""
    while present := [name for name in reversed(pair) if stacks.get(name)]:
        try:
            Settings.model_validate(_completed({name: stacks[name][-1].value for name in present}))
        except ValidationError as error:
            loser = min(present, key=lambda name: stacks[name][-1].rank)
            given = stacks[loser].pop()
            notices.append(_left_out(loser, given.value, given.source, error))
        else:
            return


def _left_out(name: str, value: object, source: str, error: ValidationError) -> SettingNotice:
    wrong = say_wrong(error.errors()[0])
    reason = f"it {wrong}" if wrong.startswith("must ") else wrong
    fate = "cannot be used" if source == COMMAND_LINE else f"in {source} is left out"
    message = f"{name} = {value!r} {fate}: {reason}."
    return SettingNotice(name, source, message)


def _completed(values: dict[str, object]) -> dict[str, object]:
    """Adapt the default of one half of a pair where only the other half was given."""
    defaults = Settings.model_construct()
    added: dict[str, object] = {}
    size = values.get("chunk_size")
    if isinstance(size, int) and size < 2 * defaults.chunk_overlap:
        added["chunk_overlap"] = size // 5
    low, high = values.get("delay_min_ms"), values.get("delay_max_ms")
    if isinstance(low, int) and low > defaults.delay_max_ms:
        added["delay_max_ms"] = low
    if isinstance(high, int) and high < defaults.delay_min_ms:
        added["delay_min_ms"] = high
    return added | values

"""Where settings come from: which of several sources wins, and what of them cannot be used."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from pydantic import TypeAdapter, ValidationError

from vext_desktop.settings import LoadedSettings, SettingNotice, Settings

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
        settings_file: JSON object written by `save_settings`; need not exist.
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
    layers: list[tuple[str, Mapping[str, object]]] = []
    if settings_file is not None:
        layers.append((settings_file.name, _read_json(settings_file, notices)))
    layers += [
        (str(path), _named(_read_dotenv(path, notices), str(path), notices))
        for path in reversed(dotenv_files)
    ]
    environment = os.environ if environment is None else environment
    layers.append(("the environment", _named(environment, "the environment", notices)))
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    layers.append((COMMAND_LINE, given))

    stacks: dict[str, list[_Given]] = {}
    for rank, (source, layer) in enumerate(layers):
        for name, value in layer.items():
            taken = _check_alone(name, value, source, notices)
            if taken is not None:
                stacks.setdefault(name, []).append(_Given(taken, source, rank))
    for pair in _PAIRS:
        _settle_pair(pair, stacks, notices)
    values = {name: stack[-1].value for name, stack in stacks.items() if stack}
    return LoadedSettings(Settings.model_validate(_completed(values)), tuple(notices))


def save_settings(settings: Settings, settings_file: Path) -> None:
    """Write what differs from the defaults, as a JSON object, in one atomic step."""
    changed = settings.model_dump(mode="json", exclude_defaults=True)
    settings_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = settings_file.with_suffix(".tmp")
    draft.write_text(json.dumps(changed, indent=2) + "\n", encoding="utf-8")
    draft.replace(settings_file)


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


def _named(
    variables: Mapping[str, str], source: str, notices: list[SettingNotice]
) -> dict[str, object]:
    found: dict[str, object] = {}
    for variable, value in variables.items():
        if not value:
            continue
        if variable in ANCESTOR_NAMES:
            found.setdefault(ANCESTOR_NAMES[variable], value)
        elif variable.startswith(OWN_PREFIX) and variable not in NOT_SETTINGS:
            name = variable.removeprefix(OWN_PREFIX).lower()
            if name in Settings.model_fields:
                found[name] = value
            else:
                notices.append(_unknown(variable, source))
    return found


def _unknown(name: str, source: str) -> SettingNotice:
    return SettingNotice(name, source, f"{name} in {source} is not a setting: left out.")


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that is valid by itself; a source with a higher rank wins."""

    value: object
    source: str
    rank: int


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
        notices.append(_left_out(name, _Given(value, source, 0), error))
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
            notices.append(_left_out(loser, stacks[loser].pop(), error))
        else:
            return


def _left_out(name: str, given: _Given, error: ValidationError) -> SettingNotice:
    reason = error.errors()[0]["msg"].removeprefix("Value error, ")
    message = f"{name} = {given.value!r} in {given.source} is left out: {reason}."
    return SettingNotice(name, given.source, message)


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

"""The settings as somebody sees them who changes them: what each is, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from vext_desktop.settings import Settings
from vext_desktop.settings.declaration import Acts, Group, setting_extra
from vext_desktop.settings.errors import say_wrong


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting, out of its declaration.

    Attributes:
        name: Its name in files and on the command line.
        label: What it is called in the window.
        help_text: A sentence more; may be empty.
        group: Where it stands.
        acts: When a change counts.
        reindexes: Whether a change makes the present index out of date.
        default: Its default.
        kind: bool, int, float, str, or tuple (of words).
        choices: The words it can be; empty when it is free.
        provider: It counts only while this provider is chosen; "" if always.
        picks: "folder" where one can be picked, "patterns" where they can be tried; else "".
    """

    name: str
    label: str
    help_text: str
    group: Group
    acts: Acts
    reindexes: bool
    default: object
    kind: type
    choices: tuple[str, ...]
    provider: str
    picks: str


def describe_settings() -> tuple[SettingInfo, ...]:
    """All settings, in the order of their declaration."""
    found = []
    for name, field in Settings.model_fields.items():
        extra = setting_extra(field)
        annotation: Any = field.annotation
        is_choice = get_origin(annotation) is Literal
        found.append(
            SettingInfo(
                name=name,
                label=field.title or name,
                help_text=field.description or "",
                group=extra["group"],
                acts=extra["acts"],
                reindexes=extra["reindexes"],
                default=field.default,
                kind=str if is_choice else get_origin(annotation) or annotation,
                choices=tuple(map(str, get_args(annotation))) if is_choice else (),
                provider=extra["provider"],
                picks=extra["picks"],
            )
        )
    return tuple(found)


def check_settings(values: Mapping[str, object]) -> tuple[Settings | None, dict[str, str]]:
    """The settings that these values make, or None and a sentence for each that is wrong.

    Two that exclude each other get the same sentence.
    """
    checked = _check(values)
    if isinstance(checked, Settings):
        return checked, {}
    # Pairs are only compared when each half is possible by itself.
    possible = {name: value for name, value in values.items() if name not in checked}
    pairs = _check(possible)
    return None, checked if isinstance(pairs, Settings) else pairs | checked


def _check(values: Mapping[str, object]) -> Settings | dict[str, str]:
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for detail in error.errors():
            if detail["loc"]:
                wrong[str(detail["loc"][0])] = f"It {say_wrong(detail)}."
            else:
                wrong |= _pair_sentence(say_wrong(detail))
        return wrong


def _pair_sentence(message: str) -> dict[str, str]:
    """A sentence about two settings, with what they are called in the window."""
    names = [name for name in Settings.model_fields if name in message.split()]
    for name in names:
        message = message.replace(name, f"“{Settings.model_fields[name].title}”")
    return dict.fromkeys(names, f"{message}.")

"""How a setting is declared: everything that is said of it besides its type and its default."""

from enum import StrEnum
from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo


class Group(StrEnum):
    """The parts of the settings dialog, in its order."""

    MODEL = "Model and engine"
    SERVICE = "Services"
    PASSAGES = "Passages"
    MEMORY = "Memory"
    FILES = "Files"
    ADVANCED = "Advanced"


class Acts(StrEnum):
    """When a change counts; the value is how the dialog says so."""

    NOW = "Counts at once."
    ENGINE = "Counts at once, or when the run that is on has ended; the model is loaded anew."
    RUN = "Counts from the next run on."
    START = "Counts when the program is started again."


def setting(
    default: Any,
    label: str,
    help_text: str = "",
    *,
    group: Group = Group.ADVANCED,
    acts: Acts = Acts.RUN,
    reindexes: bool = False,
    provider: str = "",
    picks: str = "",
    **limits: Any,
) -> Any:
    """A field with its label.

    `reindexes` marks what makes the present index out of date; where a `provider` is named, all
    of it counts only while that one is chosen. `picks` is "folder" where a folder can be picked,
    and "patterns" where they can be tried.
    """
    extra: dict[str, Any] = {
        "reindexes": reindexes,
        "group": group,
        "acts": acts,
        "provider": provider,
        "picks": picks,
    }
    return Field(default, title=label, description=help_text, json_schema_extra=extra, **limits)


def setting_extra(field: FieldInfo) -> dict[str, Any]:
    """What a declaration says beyond pydantic's own: what the keywords of `setting` are."""
    extra = field.json_schema_extra
    if not isinstance(extra, dict):
        raise TypeError(f"the setting {field.title} is not declared with `setting`")
    return dict(extra)

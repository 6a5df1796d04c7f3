"""Models that other programs have fetched from the Hugging Face hub: found here, never fetched."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from vext_desktop.errors import ModelError

# As the hub spells the names of models: "name" or "owner/name".
_NAME = re.compile(r"[\w][\w.-]*(?:/[\w][\w.-]*)?")
# Whose models sentence-transformers means where no owner is named.
_USUAL_OWNER = "sentence-transformers"


def is_hub_name(choice: str) -> bool:
    """Whether a choice can be the name of a model on the hub, and is no folder here."""
    return bool(_NAME.fullmatch(choice)) and not Path(choice).expanduser().is_dir()


def find_in_hub_cache(name: str, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of a model in the hub's local cache.

    Args:
        name: "owner/name", or a name alone for those of sentence-transformers.
        environment: Says where the cache is: `HF_HUB_CACHE`, `HF_HOME`,
            `SENTENCE_TRANSFORMERS_HOME`, `XDG_CACHE_HOME`.

    Raises:
        ModelError: It is not there; says how to get it.
    """
    full_name = name if "/" in name else f"{_USUAL_OWNER}/{name}"
    places = list(_caches(environment))
    for cache in places:
        model = cache / f"models--{full_name.replace('/', '--')}"
        for snapshot in _snapshots(model):
            if (snapshot / "modules.json").is_file():
                return snapshot
    raise ModelError(
        f"The model {full_name} is not on this computer, and Vext Desktop never downloads anything "
        f"by itself (looked in {places[0]}).",
        f"Fetch it once with: hf download {full_name} - or copy its folder here and choose that.",
    )


def _caches(environment: Mapping[str, str]) -> Iterator[Path]:
    def named(variable: str) -> Path | None:
        value = environment.get(variable, "")
        return Path(value).expanduser() if value else None

    yield from filter(
        None,
        (
            named("HF_HUB_CACHE"),
            named("HUGGINGFACE_HUB_CACHE"),
            named("SENTENCE_TRANSFORMERS_HOME"),
        ),
    )
    home = named("HF_HOME") or (named("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface"
    yield home / "hub"


def _snapshots(model: Path) -> Iterator[Path]:
    """The one that `main` means first, then any other."""
    try:
        revision = (model / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        revision = ""
    if revision:
        yield model / "snapshots" / revision
    yield from sorted((model / "snapshots").glob("*"))

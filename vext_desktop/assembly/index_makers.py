"""What makes an index: a model and a way of cutting text, now and in the editions of before."""

import json
from dataclasses import dataclass
from functools import cached_property

from vext_desktop.assembly import wiring
from vext_desktop.assembly.service import chosen_service, is_known, unasked_model
from vext_desktop.embedding.default_model import DEFAULT_MODEL_NAME
from vext_desktop.embedding.model_card import ModelCard
from vext_desktop.embedding.model_folder import ModelFiles
from vext_desktop.errors import ModelError, VextError
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.rebuild_cost import RebuildTarget
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings, reindexing_names


@dataclass(frozen=True, slots=True)
class IndexMaker:
    """A model and a way of cutting text.

    Attributes:
        settings: All settings, with those that re-index as this maker has them.
        model: The model.
        card: What the model says of itself.
    """

    settings: Settings
    model: ModelFiles
    card: ModelCard

    @property
    def target(self) -> RebuildTarget:
        """What an index is that this maker makes."""
        return RebuildTarget(
            wiring.index_key(self.settings, self.model),
            self.model.name,
            self.card.dimension,
            self.settings.chunk_size,
        )

    @property
    def recipe(self) -> str:
        """The settings that re-index, as a JSON object."""
        return recipe_of(self.settings)


class IndexMakers:
    """Finds the maker that the settings choose, and those of editions.

    Args:
        settings: What the user chose.
        paths: Where the data lies.
    """

    def __init__(self, settings: Settings, paths: Paths) -> None:
        self._settings = settings
        self._paths = paths
        self._found: dict[int, IndexMaker] = {}

    @cached_property
    def chosen(self) -> IndexMaker:
        """What the settings choose.

        Raises:
            ModelError: Its model is missing, unusable or changed.
        """
        return find_maker(self._settings, self._paths)

    @property
    def at_hand(self) -> IndexMaker | None:
        """What the settings choose; None if it cannot be used, or a service must be asked first.

        For whoever only looks: a service that does not answer holds up the engine's thread.
        """
        try:
            service = chosen_service(self._settings)
            return self.chosen if service is None or is_known(service, self._paths) else None
        except VextError:
            return None

    @property
    def card(self) -> ModelCard | None:
        """What is known of the chosen model without asking a service; None if nothing is."""
        try:
            return unasked_maker(self._settings, self._paths).card
        except VextError:
            return None

    def settings_of(self, edition: Edition) -> Settings:
        """The settings that made an edition; those that do not re-index are the present ones."""
        return settings_with(self._settings, edition.maker)

    def of(self, edition: Edition) -> IndexMaker:
        """What made an edition.

        Raises:
            ModelError: Its model is not there any more, or is another one by now.
        """
        if edition.edition_id not in self._found:
            maker = find_maker(self.settings_of(edition), self._paths)
            if maker.model.name != edition.model or maker.card.dimension != edition.dimension:
                raise ModelError(
                    f"The index was made with {edition.model}, and that model is no longer where "
                    f"it was: {maker.model.name} is there now.",
                    "Bring it back, or index again: the index is then built with the model that "
                    "the settings choose.",
                )
            self._found[edition.edition_id] = maker
        return self._found[edition.edition_id]


def find_maker(settings: Settings, paths: Paths) -> IndexMaker:
    """The maker that settings choose.

    Raises:
        ModelError: Its model is missing, unusable or changed.
    """
    model = wiring.find_verified_model(settings, paths)
    return IndexMaker(settings, model, wiring.model_card(model))


def unasked_maker(settings: Settings, paths: Paths) -> IndexMaker:
    """The maker that settings choose, without asking a service: see `unasked_model`.

    Raises:
        ModelError: Its model is missing, unusable or changed.
    """
    service = chosen_service(settings)
    if service is None:
        return find_maker(settings, paths)
    model = unasked_model(service, paths)
    return IndexMaker(settings, model, wiring.model_card(model))


def recipe_of(settings: Settings) -> str:
    """The settings that re-index, as a JSON object."""
    return json.dumps(settings.model_dump(mode="json", include=set(reindexing_names())))


def settings_with(settings: Settings, recipe: str) -> Settings:
    """Settings with those that re-index as they stand in a recipe; unknown ones are left out."""
    names = reindexing_names()
    known = {name: value for name, value in json.loads(recipe).items() if name in names}
    return Settings.model_validate({**settings.model_dump(), **known})


def recipe_from_key(
    settings: Settings, index_key: str, chosen_model: str
) -> tuple[str, str] | None:
    """What made the rows of a ledger that does not say so but in its keys.

    Args:
        settings: The present ones, for what the key does not tell.
        index_key: As `wiring.index_key` made it: name, chunker, size, overlap.
        chosen_model: Name of the model that the settings choose.

    Returns:
        The name of the model, and the recipe; None if the key is none that we made.
    """
    parts = index_key.rsplit("|", 3)
    if len(parts) != 4 or not (parts[2].isdigit() and parts[3].isdigit()):
        return None
    name, _, size, overlap = parts
    folder = name.rpartition(" (")[0]
    choice = {DEFAULT_MODEL_NAME: "", chosen_model: settings.model}.get(name, folder)
    known = settings.model_copy(
        update={
            "provider": "huggingface",
            "model": choice,
            "chunk_size": int(size),
            "chunk_overlap": int(overlap),
        }
    )
    return name, recipe_of(known)

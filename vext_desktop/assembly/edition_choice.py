"""Which edition of the index runs work on, and which one answers searches."""

from vext_desktop.assembly.index_makers import (
    IndexMaker,
    IndexMakers,
    recipe_from_key,
    settings_with,
)
from vext_desktop.errors import VextError
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.editions import NewEdition
from vext_desktop.index.ledger_reader import LedgerReader
from vext_desktop.index.rebuild_cost import RebuildCost, estimate_rebuild
from vext_desktop.index.store import Store
from vext_desktop.index.table_names import find_dimension, name_table
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings


class EditionChoice:
    """Chooses editions by what the settings ask for and what is there.

    Args:
        settings: What the user chose.
        paths: Where the data lies.
        folder: The data folder; opened before anything is asked.
    """

    def __init__(self, settings: Settings, paths: Paths, folder: DataFolder) -> None:
        self.makers = IndexMakers(settings, paths)
        self._settings = settings
        self._paths = paths
        self._folder = folder

    def prepare(self, *, rebuilds: bool) -> Edition:
        """The edition that a run works on, begun or taken up if need be.

        Args:
            rebuilds: Whether a new index may be begun, if the settings ask for another than the
                present one; else the present one is kept up to date as it was made.

        Raises:
            VextError: The model that is chosen, or that made the index, cannot be used.
        """
        editions = self._folder.ledger.editions
        known = self._planned(rebuilds=rebuilds)
        if known is not None:
            return editions.work_on(known.edition_id)
        number = 0 if editions.worked_on() is None else editions.next_number()
        return editions.begin(self._new_edition(self.makers.chosen, number))

    def settings_of_run(self, *, rebuilds: bool) -> Settings:
        """The settings that a run works with, before anything of it is begun; see `prepare`."""
        if rebuilds or self.open_edition() is None:
            return self._settings
        known = self._planned(rebuilds=False)
        return self._settings if known is None else self.makers.settings_of(known)

    def _planned(self, *, rebuilds: bool) -> Edition | None:
        """The edition that a run will work on; None for a new one."""
        editions = self._folder.ledger.editions
        worked_on = self.open_edition()
        if worked_on is None:
            return None
        serving = editions.serving() or worked_on
        try:
            key = self.makers.chosen.target.index_key
        except VextError:
            if rebuilds:
                raise
            return serving
        for one in (worked_on, serving):  # the second: changed back, nothing is to be done
            if one.index_key == key:
                return one
        if not rebuilds and self._cost_of(self.makers.chosen) is not None:
            return serving
        return editions.find_key(key)

    def open_edition(self) -> Edition | None:
        """The edition worked on; what a program without editions made becomes one."""
        ledger = self._folder.ledger
        worked_on = ledger.editions.worked_on()
        if worked_on is not None or not self._folder.may_write:
            return worked_on
        key = ledger.main_index_key()
        if key is None:
            return None
        chosen = self.makers.at_hand
        found = recipe_from_key(self._settings, key, chosen.model.name if chosen else "")
        if found is None:
            return None
        name, recipe = found
        dimension = find_dimension(self._paths.store, name)
        if dimension is None:
            return None
        table_name = name_table(name, dimension)
        return ledger.editions.adopt(NewEdition(table_name, key, name, dimension, recipe))

    def serving_maker(self) -> IndexMaker:
        """What questions must be embedded with.

        Raises:
            ModelError: That model is not there any more.
        """
        self.open_edition()
        serving = self._folder.ledger.editions.serving()
        return self.makers.chosen if serving is None else self.makers.of(serving)

    def serving_store(self) -> Store:
        """The table that searches are answered from."""
        self.open_edition()
        serving = self._folder.ledger.editions.serving()
        if serving is not None:
            return self._folder.store_of(serving)
        chosen = self.makers.at_hand
        if chosen is None:  # told by whoever needs the model; there is nothing to be found yet
            return self._folder.store("", 1)
        return self._folder.store(chosen.target.model, chosen.target.dimension)

    def serving_model(self) -> str:
        """Name of the model that searches use; "" where nobody can tell."""
        serving = self._folder.ledger.editions.serving()
        if serving is not None:
            return serving.model
        chosen = self.makers.at_hand
        return chosen.model.name if chosen else ""

    def _cost_of(self, maker: IndexMaker) -> RebuildCost | None:
        """What it takes until the index is as this maker makes it; None if nothing."""
        return estimate_rebuild_of(self._folder.ledger, self._paths, maker)

    @staticmethod
    def _new_edition(maker: IndexMaker, number: int) -> NewEdition:
        target = maker.target
        table_name = name_table(target.model, target.dimension, number)
        return NewEdition(
            table_name, target.index_key, target.model, target.dimension, maker.recipe
        )


def estimate_rebuild_of(
    ledger: LedgerReader, paths: Paths, maker: IndexMaker
) -> RebuildCost | None:
    """What it takes until the index is as this maker makes it; None if nothing."""
    serving = ledger.editions.serving()
    if serving is None:
        return None
    chunk_size = settings_with(maker.settings, serving.maker).chunk_size
    return estimate_rebuild(ledger, paths.store, maker.target, chunk_size)

"""A change of model or chunking: the new index is built beside the old one, and then swapped."""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

from vext_desktop.errors import ModelError, StoreError, UsageError
from vext_desktop.events import IndexEvent, IndexSwapped, RunEnd, RunFinished, RunHalted, RunStarted
from vext_desktop.index.answers import RebuildStatus
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.edition_tables import EditionTables
from vext_desktop.index.editions import NewEdition
from vext_desktop.index.ledger_reader import LedgerReader
from vext_desktop.index.rebuild_cost import RebuildCost, estimate_rebuild
from vext_desktop.index.store import Store
from vext_desktop.index.table_names import find_dimension, name_table
from vext_desktop.index_makers import (
    IndexMaker,
    IndexMakers,
    find_maker,
    recipe_from_key,
    settings_with,
)
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings


class Rebuilding:
    """Decides which edition runs work on and which one answers, and swaps them.

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

    def apply(self, settings: Settings) -> None:
        """Let other settings count from now on; the index follows at the next run."""
        self.makers = IndexMakers(settings, self._paths)
        self._settings = settings

    @property
    def _tables(self) -> EditionTables:
        editions = self._folder.ledger.editions
        return EditionTables(self._paths.store, editions, self._folder.store_of)

    # What runs work on

    def prepare(self, *, rebuilds: bool) -> Edition:
        """The edition that a run works on.

        Args:
            rebuilds: Whether a new index may be begun, if the settings ask for another than the
                present one; else the present one is kept up to date as it was made.

        Raises:
            ModelError: The model that is chosen, or that made the index, cannot be used.
        """
        editions = self._folder.ledger.editions
        chosen = self.makers.chosen
        worked_on = self.open_edition()
        if worked_on is None:
            return editions.begin(self._new_edition(chosen, 0))
        key = chosen.target.index_key
        if worked_on.index_key == key:
            return worked_on
        serving = editions.serving()
        if serving is not None and serving.index_key == key:
            return editions.work_on(serving.edition_id)  # changed back: nothing is to be done
        if not rebuilds and estimate_rebuild_of(self._folder.ledger, self._paths, chosen):
            return worked_on
        known = editions.find_key(key)
        if known is not None:
            return editions.work_on(known.edition_id)
        return editions.begin(self._new_edition(chosen, editions.next_number()))

    def settings_of_run(self, *, rebuilds: bool) -> Settings:
        """The settings that a run works with, before anything of it is begun; see `prepare`."""
        worked_on = None if rebuilds else self.open_edition()
        return self._settings if worked_on is None else self.makers.settings_of(worked_on)

    def open_edition(self) -> Edition | None:
        """The edition worked on; what a program without editions made becomes one."""
        ledger = self._folder.ledger
        worked_on = ledger.editions.worked_on()
        if worked_on is not None or not self._folder.may_write:
            return worked_on
        key = ledger.main_index_key()
        if key is None:
            return None
        try:
            chosen_name = self.makers.chosen.model.name
        except ModelError:
            chosen_name = ""
        found = recipe_from_key(self._settings, key, chosen_name)
        if found is None:
            return None
        name, recipe = found
        dimension = find_dimension(self._paths.store, name)
        if dimension is None:
            return None
        table_name = name_table(name, dimension)
        return ledger.editions.adopt(NewEdition(table_name, key, name, dimension, recipe))

    def swapping(self, run: Generator[IndexEvent, None, None]) -> Generator[IndexEvent, None, None]:
        """A run's events; where it completes another index, that one serves from its end on."""
        editions = self._folder.ledger.editions
        title = ""
        worked_on = editions.worked_on()
        if worked_on is not None and editions.is_rebuilding:
            title = f"Rebuilding the index for {self.describe_change(worked_on)}"
        with closing(run):
            for event in run:
                if isinstance(event, RunStarted) and title:
                    yield replace(event, rebuild=title)
                    continue
                if isinstance(event, RunFinished) and event.end is RunEnd.FINISHED:
                    try:
                        yield from self.swap_if_complete()
                        self._tidy_up()
                    except StoreError as error:
                        yield RunHalted(error.message, error.hint)
                yield event

    def swap_if_complete(self) -> Generator[IndexEvent, None, None]:
        """Let an index serve that was completed, but that a kill has kept from serving.

        Raises:
            StoreError: It is not whole.
        """
        if not self._folder.may_write:
            return
        editions = self._folder.ledger.editions
        progress, worked_on = editions.rebuild_progress(), editions.worked_on()
        if progress is None or worked_on is None or not progress.is_complete:
            return
        yield from self._let_serve(worked_on)

    def _let_serve(self, worked_on: Edition) -> Generator[IndexEvent, None, None]:
        editions = self._folder.ledger.editions
        self._tables.require_whole(worked_on, self._folder.store_of(worked_on))
        started = time.perf_counter()
        earlier = editions.swap()
        seconds = time.perf_counter() - started
        if earlier is None:
            return
        self._folder.close_stores(but=(worked_on.table_name,))
        kept = next(one for one in self._tables.kept() if one.edition_id == earlier.edition_id)
        yield IndexSwapped(
            model=worked_on.model,
            previous_model=earlier.model,
            files=editions.files(worked_on),
            passages=editions.passages(worked_on),
            kept_bytes=kept.bytes_on_disk,
            kept_days=self._settings.keep_old_index_days,
            seconds=seconds,
        )

    def _tidy_up(self) -> None:
        """At the end of a run: what is kept loses removed files, what is too old goes."""
        self._tables.clear_leftovers()
        self._folder.ledger.editions.drop_outdated(self._settings.keep_old_index_days)
        self._tables.remove_dropped()

    # What searches use

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
        try:
            target = self.makers.chosen.target
        except ModelError:  # told by whoever needs the model; there is nothing to be found yet
            return self._folder.store("", 1)
        return self._folder.store(target.model, target.dimension)

    def serving_model(self) -> str:
        """Name of the model that searches use; "" where nobody can tell."""
        serving = self._folder.ledger.editions.serving()
        try:
            return self.makers.chosen.model.name if serving is None else serving.model
        except ModelError:
            return ""

    # What the user decides

    def cost(self, settings: Settings) -> RebuildCost | None:
        """What it takes until the index is as these settings want it; None if nothing.

        Raises:
            ModelError: Their model cannot be used.
        """
        self.open_edition()
        maker = find_maker(settings, self._paths)
        return estimate_rebuild_of(self._folder.ledger, self._paths, maker)

    def status(self) -> RebuildStatus:
        """How a rebuild stands, what is still to be decided, and what is kept."""
        self.open_edition()
        ledger = self._folder.ledger
        progress, worked_on = ledger.editions.rebuild_progress(), ledger.editions.worked_on()
        pending = None
        try:
            if worked_on is None or self.makers.chosen.target.index_key != worked_on.index_key:
                pending = estimate_rebuild_of(ledger, self._paths, self.makers.chosen)
        except ModelError:
            pass  # told by whoever needs the model
        return RebuildStatus(
            change=self.describe_change(worked_on) if worked_on and progress else "",
            progress=progress,
            pending=pending,
            kept=self._tables.kept(),
            can_undo=ledger.editions.to_undo() is not None,
        )

    def use_now(self) -> Generator[IndexEvent, None, None]:
        """Let an index serve that is complete but for what cannot be reached.

        Raises:
            UsageError: There is no rebuild, or files that can be reached are still missing.
        """
        editions = self._folder.ledger.editions
        progress, worked_on = editions.rebuild_progress(), editions.worked_on()
        if progress is None or worked_on is None:
            raise UsageError("No index is being rebuilt.")
        if progress.files_total - progress.files_done > progress.files_offline:
            raise UsageError(
                "The new index is not complete yet.", "Index again: the rebuild then goes on."
            )
        yield from self._let_serve(worked_on)

    def undo(self) -> Settings:
        """Go back to the index of before a change, and to the settings that made it.

        Returns:
            The settings to go on with; to be kept by the caller, or the next run changes the
            index again.

        Raises:
            UsageError: There is nothing to go back to.
        """
        self.open_edition()
        serving = self._folder.ledger.editions.undo()
        if serving is None:
            raise UsageError(
                "There is no earlier index to go back to.", "It may have been removed already."
            )
        self._folder.close_stores(but=(serving.table_name,))
        return settings_with(self._settings, serving.maker)

    def remove_kept(self) -> int:
        """Remove every index that is kept beside the one that serves; never one in use.

        Returns:
            How many bytes of disk that gave back.
        """
        editions = self._folder.ledger.editions
        for edition in editions.kept():
            editions.drop(edition.edition_id)
        used = (editions.serving(), editions.worked_on())
        self._folder.close_stores(but=[edition.table_name for edition in used if edition])
        return self._tables.remove_dropped()

    def describe_change(self, worked_on: Edition) -> str:
        """What the edition worked on has that the serving one has not, as in "the model X"."""
        serving = self._folder.ledger.editions.serving()
        if serving is not None and serving.model == worked_on.model:
            return "other passages"
        return f"the model {worked_on.model}"

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

"""A change of model or chunking: the new index is built beside the old one, and then swapped."""

import time
from collections.abc import Generator
from contextlib import ExitStack, closing
from dataclasses import replace

from vext_desktop.assembly.edition_choice import EditionChoice
from vext_desktop.assembly.index_makers import settings_with, unasked_maker
from vext_desktop.errors import StoreError, UsageError
from vext_desktop.events import (
    ChildStarted,
    IndexEvent,
    IndexSwapped,
    RebuildHeld,
    RunEnd,
    RunFinished,
    RunHalted,
    RunStarted,
)
from vext_desktop.index.answers import RebuildStatus
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.edition_tables import EditionTables
from vext_desktop.index.rebuild_cost import RebuildCost, short_name
from vext_desktop.settings import Settings

# What the ledger calls what computed in the last run that needed a model.
WORKS_ON = "works_on"


class Rebuilding(EditionChoice):
    """Swaps editions when one is complete, and does with them what the user decides."""

    _is_in_run = False

    def require_rest(self) -> None:
        """A run has files in hand; which index is used cannot change under it."""
        if self._is_in_run:
            raise UsageError(
                "That cannot be done while a run is on.", "Stop the run, then try again."
            )

    @property
    def _tables(self) -> EditionTables:
        editions = self._folder.ledger.editions
        return EditionTables(self._paths.store, editions, self._folder.store_of)

    def swapping(self, run: Generator[IndexEvent, None, None]) -> Generator[IndexEvent, None, None]:
        """A run's events; where it completes another index, that one serves from its end on."""
        editions = self._folder.ledger.editions
        title = ""
        worked_on = editions.worked_on()
        if worked_on is not None and editions.is_rebuilding:
            title = f"Rebuilding the index for {self.describe_change(worked_on)}"
        self._is_in_run = True
        with closing(run), ExitStack() as stack:
            stack.callback(self._end_run)
            for event in run:
                if isinstance(event, ChildStarted) and event.works_on:
                    self._folder.ledger.set_meta(WORKS_ON, event.works_on)
                if isinstance(event, RunStarted) and title:
                    yield replace(event, rebuild=title)
                    continue
                if isinstance(event, RunFinished) and event.end is RunEnd.FINISHED:
                    try:
                        yield from self._finish()
                    except StoreError as error:
                        yield RunHalted(error.message, error.hint)
                yield event

    def _end_run(self) -> None:
        self._is_in_run = False

    def _finish(self) -> Generator[IndexEvent, None, None]:
        """All that could be read has been read: swap, or say why not; then tidy up."""
        yield from self.swap_if_complete()
        progress = self._folder.ledger.editions.rebuild_progress()
        if progress is not None and progress.is_to_be_decided:
            yield RebuildHeld(self.status().sentence)
        self._tidy_up()

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
            model=short_name(worked_on.model, earlier.model),
            previous_model=short_name(earlier.model, worked_on.model),
            files=editions.files(worked_on),
            passages=editions.passages(worked_on),
            kept_bytes=kept.bytes_on_disk,
            kept_days=self._settings.keep_old_index_days,
            seconds=seconds,
        )

    def _tidy_up(self) -> None:
        """At the end of a run: what is kept loses removed files, what is too old goes."""
        self._tables.clear_leftovers()
        self._close_kept()
        self._folder.ledger.editions.drop_outdated(self._settings.keep_old_index_days)
        self._tables.remove_dropped()
        self._tables.remove_unknown()

    def cost(self, settings: Settings) -> RebuildCost | None:
        """What it takes until the index is as these settings want it; None if nothing.

        No service is asked for it, whatever the settings choose.

        Raises:
            ModelError: Their model cannot be used.
        """
        self.open_edition()
        return self._cost_of(unasked_maker(settings, self._paths))

    def status(self) -> RebuildStatus:
        """How a rebuild stands, what is still to be decided, and what is kept."""
        self.open_edition()
        ledger = self._folder.ledger
        progress, worked_on = ledger.editions.rebuild_progress(), ledger.editions.worked_on()
        pending, chosen = None, self.makers.at_hand
        if chosen and (worked_on is None or chosen.target.index_key != worked_on.index_key):
            pending = self._cost_of(chosen)
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
        self.require_rest()
        editions = self._folder.ledger.editions
        progress, worked_on = editions.rebuild_progress(), editions.worked_on()
        if progress is None or worked_on is None:
            raise UsageError("No index is being rebuilt.")
        if not progress.is_to_be_decided and not progress.is_complete:
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
        self.require_rest()
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
        self.require_rest()
        editions = self._folder.ledger.editions
        for edition in editions.kept():
            editions.drop(edition.edition_id)
        self._close_kept()
        return self._tables.remove_dropped()

    def _close_kept(self) -> None:
        """Let go of the tables that are not in use."""
        editions = self._folder.ledger.editions
        used = (editions.serving(), editions.worked_on())
        self._folder.close_stores(but=[edition.table_name for edition in used if edition])

    def describe_change(self, worked_on: Edition) -> str:
        """What the edition worked on has that the serving one has not, as in "the model X"."""
        serving = self._folder.ledger.editions.serving()
        if serving is None or serving.model != worked_on.model:
            return f"the model {short_name(worked_on.model, serving.model if serving else None)}"
        return "other passages"

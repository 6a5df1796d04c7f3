"""Asks all volumes as one: full ones by their briefs, and meanwhile LanceDB for the last one."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.beside import Beside
from vext_desktop.index.best_of import best_of, few_of
from vext_desktop.index.briefs.shelf import Answer, Shelf
from vext_desktop.index.hit_texts import with_texts
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.query import ParsedQuery, words_of
from vext_desktop.index.rows import StoreHit
from vext_desktop.index.word_shares import WordShares, boosts_of

Find = Callable[[LanceTable, int], list[StoreHit]]


class VolumeQuestions:
    """Looks in all volumes; for one thread.

    The words of the last volume are LanceDB's, and one question to it takes as long as seven
    briefs: it is asked on a thread of its own while this one reads those. See `Beside` for why no
    table has two users then: briefs are files beside the tables.

    Args:
        shelf: The briefs.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._shares = WordShares()
        self._beside = Beside()

    def close(self) -> None:
        """Let go of everything but the briefs; harmless a second time."""
        self._beside.close()
        self._shares.close()

    def nearest(
        self,
        tables: Sequence[LanceTable],
        vector: NDArray[np.float32],
        depth: int,
        where: str | None,
        file_ids: Sequence[int] | None,
    ) -> list[StoreHit]:
        """See `Volumes.nearest`; the last of the tables is the one that rows are added to."""

        def find(table: LanceTable, few: int) -> list[StoreHit]:
            return table.nearest(vector, few, where)

        def ask_briefs(full: Sequence[LanceTable]) -> Answer:
            return self._shelf.nearest([*full, tables[-1]], vector, depth, file_ids)

        if self._shelf.is_read_only or len(tables) == 1:
            return self._find(tables, find, depth, ask_briefs)
        known, answered = ask_briefs(tables[:-1])
        few = few_of(depth, len(tables))
        asked = [table for table in tables if table.number not in answered]
        return best_of([(each, find(each, few)) for each in asked], find, depth, [known], few)

    def matching(
        self,
        tables: Sequence[LanceTable],
        parsed: ParsedQuery,
        depth: int,
        where: str | None,
        file_ids: Sequence[int] | None,
        *,
        only_indexed: bool,
        known: Sequence[StoreHit],
    ) -> list[StoreHit]:
        """See `Volumes.matching`.

        Args:
            tables: As above.
            parsed: The query.
            depth: How many are wanted.
            where: An SQL condition; None for all rows.
            file_ids: The files whose rows are wanted.
            only_indexed: Whether `known` has all that the text indices do not hold.
            known: What was found elsewhere.
        """
        corrections = self._shares.corrections(tables, words_of(parsed.text))
        boosts: Mapping[int, Mapping[str, float]] = {
            table.number: boosts_of(each) for table, each in zip(tables, corrections, strict=True)
        }

        def find(table: LanceTable, few: int) -> list[StoreHit]:
            own = boosts[table.number]
            return table.matching(parsed, few, where, only_indexed=only_indexed, boosts=own)

        def ask_briefs(full: Sequence[LanceTable]) -> Answer:
            return self._shelf.matching(full, parsed, depth, file_ids)

        return self._find(tables, find, depth, ask_briefs, known)

    def with_texts(self, tables: Sequence[LanceTable], hits: Sequence[StoreHit]) -> list[StoreHit]:
        """See `Volumes.with_texts`; here the tables are all volumes, by their number."""
        last = tables[-1].number
        is_in_last = [hit.place is not None and hit.place[0] == last for hit in hits]
        if all(is_in_last):
            return with_texts(tables, hits)
        own = [hit for hit, is_there in zip(hits, is_in_last, strict=True) if is_there]
        others = [hit for hit, is_there in zip(hits, is_in_last, strict=True) if not is_there]
        if not own:
            return with_texts(tables, self._shelf.with_texts(others))
        with self._beside.asking(partial(with_texts, tables, own)) as told:
            read = self._shelf.with_texts(others)
            of_last = iter(told())
        of_others = iter(with_texts(tables, read))
        return [next(of_last if is_there else of_others) for is_there in is_in_last]

    def _find(
        self,
        tables: Sequence[LanceTable],
        find: Find,
        depth: int,
        ask_briefs: Callable[[Sequence[LanceTable]], Answer],
        known: Sequence[StoreHit] = (),
    ) -> list[StoreHit]:
        *full, last = tables
        few = few_of(depth, len(tables))
        if not full:
            return best_of([(last, find(last, few))], find, depth, [known], few)
        with self._beside.asking(partial(find, last, few)) as found:
            briefly, answered = ask_briefs(full)
            answers = [(last, found())]
        asked = [table for table in full if table.number not in answered]
        answers += [(table, find(table, few)) for table in asked]
        return best_of(answers, find, depth, [known, briefly], few)

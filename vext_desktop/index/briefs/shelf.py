"""The briefs of an index's full volumes: which can be asked, and which are to be made."""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vext_desktop.errors import StoreError
from vext_desktop.index.briefs.answering import MOST_WORDS, Workspace, matching, nearest
from vext_desktop.index.briefs.brief import Brief
from vext_desktop.index.briefs.last_seat import LastSeat
from vext_desktop.index.briefs.layout import BriefError, key_of
from vext_desktop.index.briefs.seats import Near, Seat, latest_brief, take_seat
from vext_desktop.index.briefs.texts import Told
from vext_desktop.index.briefs.word_lists import Stemmer
from vext_desktop.index.briefs.writing import (
    SUFFIX,
    BriefStoppedError,
    remove_drafts,
    write_brief,
)
from vext_desktop.index.fusion import passage_of
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.lance_versions import latest_version
from vext_desktop.index.query import ParsedQuery, words_of
from vext_desktop.index.room import MIN_FREE_BYTES, free_bytes, require_free
from vext_desktop.index.rows import StoreHit
from vext_desktop.index.table_names import BRIEFS

logger = logging.getLogger("vext.store")

# A brief is made anew where more than this share of its passages was deleted.
_MOST_GONE = 0.2
# What an answer of no brief means: all volumes are to be asked themselves.
Answer = tuple[list[StoreHit], frozenset[int]]
NO_ANSWER: Answer = ([], frozenset())
Rows = Sequence[int] | None


class Shelf:
    """Asks the briefs of full volumes; for one thread, but for `write_missing`.

    A brief is compared with its volume whenever that has another version: what was deleted there
    is not found, and a volume with rows that its brief lacks is asked itself.

    Args:
        dimension: Numbers in a vector.
        read_only: To search only: what is damaged is left to the program that writes, and so is
            the last volume, since what that writes is seen a second late.
    """

    def __init__(self, dimension: int, *, read_only: bool = False) -> None:
        self._dimension = dimension
        self.is_read_only = read_only
        self._seats: dict[int, Seat[Brief]] = {}
        # What was looked at: the volume's version and the brief.
        self._seen: dict[int, tuple[str, str]] = {}
        self._stemmer = Stemmer()
        self._space = Workspace()
        self._last = LastSeat(dimension)

    def close(self) -> None:
        """Let go of all files; harmless a second time."""
        for number in list(self._seats):
            self._dismiss(number)
        self._seen.clear()
        self._last.close()
        self._stemmer.close()

    def nearest(
        self, volumes: Sequence[LanceTable], vector: NDArray[np.float32], depth: int, files: Rows
    ) -> Answer:
        """The passages nearest to a vector, and in which volumes they were looked for.

        Args:
            volumes: All; the last is the one that rows are added to.
            vector: Of unit length.
            depth: How many passages at most.
            files: Their files; None for all.
        """
        wanted = _ordered(files)
        *full, last = volumes
        growing: list[Seat[Near]] = []

        def search(seats: Sequence[Seat[Brief]]) -> list[StoreHit]:
            seat = None if self.is_read_only else self._last.of(last)
            growing[:] = [] if seat is None else [seat]
            return nearest([*seats, *growing], vector, depth, wanted, self._space)

        while True:
            try:
                known, answered = self._ask(full, search)
            except BriefError as error:
                self._last.give_up(error)
                continue
            own = [seat.volume for seat in growing if answered]
            return known, answered.union(own)

    def matching(
        self, volumes: Sequence[LanceTable], parsed: ParsedQuery, depth: int, files: Rows
    ) -> Answer:
        """As `nearest`, the passages that hold words; no volume where a query has more than words.

        Briefs know no order of words, so phrases are LanceDB's.
        """
        if not volumes or parsed.phrases or parsed.compounds:
            return NO_ANSWER
        try:
            stems = [(word, self._stemmer.stem(word)) for word in words_of(parsed.text)]
        except sqlite3.Error:  # an SQLite without full-text search: then there are no briefs either
            return NO_ANSWER
        words = [(word, stem) for word, stem in stems if stem is not None]
        if len(words) < len(stems) or not 0 < len(words) <= MOST_WORDS:
            return NO_ANSWER
        return self._ask(volumes, lambda seats: matching(seats, words, depth, _ordered(files)))

    def share_of(self, part: ParsedQuery) -> float | None:
        """What share of the passages in the briefs that were asked last holds a word, from 0 to 1.

        None where there are none, and for what is no single word.
        """
        words = words_of(part.text)
        seats = list(self._seats.values())
        if len(words) != 1 or part.phrases or not seats:
            return None
        try:
            stem = self._stemmer.stem(words[0])
            if stem is None:
                return None
            entries = [seat.brief.find(key_of(stem)) for seat in seats]
        except (BriefError, sqlite3.Error):
            return None
        rows = sum(seat.brief.rows for seat in seats)
        return sum(entry.rows for entry in entries if entry is not None) / rows

    def with_texts(self, hits: Sequence[StoreHit]) -> list[StoreHit]:
        """The same hits, with their texts where a brief has them."""
        found = list(hits)
        for number, seat in list(self._seats.items()):
            try:
                for place, told in self._texts(seat, hits):
                    found[place] = replace(found[place], **told._asdict())
            except BriefError as error:
                self._give_up(number, error)
        return found

    def _texts(self, seat: Seat[Brief], hits: Sequence[StoreHit]) -> Iterator[tuple[int, Told]]:
        """Which of some hits are in a brief, each with its text."""
        wanted = [
            (hit.brief_row, place)
            for place, hit in enumerate(hits)
            if hit.place is not None and hit.place[0] == seat.volume and not hit.text
        ]
        # Another brief may have come since it was found: then it has another key there.
        wanted = [(row, place) for row, place in wanted if 0 <= row < seat.brief.rows]
        if not wanted:
            return
        rows = [row for row, _ in wanted]
        keys = seat.brief.some_passages(rows)
        there = (seat.row_ids[rows] >= 0).tolist()
        told = seat.brief.texts(rows)
        for (_, place), key, is_there, text in zip(wanted, keys, there, told, strict=False):
            if is_there and key == passage_of(hits[place]):
                yield place, text

    def forget(self, volume: LanceTable, pairs: Sequence[tuple[int, int]]) -> None:
        """Find the passages of these (file_id, generation) no more: they were deleted just now."""
        number = volume.number
        seat = self._seats.get(number)
        if seat is None:
            return
        try:
            file_ids, generations, _ = seat.brief.passages()
        except BriefError as error:
            self._give_up(number, error)
            return
        wanted: dict[int, list[int]] = {}
        for file_id, generation in pairs:
            wanted.setdefault(int(generation), []).append(int(file_id))
        for generation, ids in wanted.items():
            seat.row_ids[(generations == generation) & np.isin(file_ids, ids)] = -1
        self._seen[number] = (latest_version(volume.folder), self._seen[number][1])

    def write_missing(
        self, volumes: Sequence[LanceTable], goes_on: Callable[[], bool] = lambda: True
    ) -> None:
        """Make the briefs that full volumes lack; on any thread.

        Where that cannot be done, searches ask the volume itself as before.

        Args:
            volumes: Those that get no more rows.
            goes_on: Asked a few times in a second; what is missing then is left to the next time.
        """
        for volume in volumes:
            if not goes_on():
                return
            folder = volume.folder / BRIEFS
            try:
                if not volume.count() or _is_good(volume, self._dimension):
                    continue
                remove_drafts(folder)
                # It takes less than its volume, and is not worth a full disk.
                require_free(
                    folder, MIN_FREE_BYTES + volume.measure()[2], free_bytes(volume.folder)
                )
                written = write_brief(volume, folder, self._dimension, goes_on)
                for older in folder.glob(f"*{SUFFIX}"):
                    if older != written:
                        with contextlib.suppress(OSError):  # open, on Windows; the next time
                            older.unlink()
            except BriefStoppedError:
                return
            except (OSError, sqlite3.Error, StoreError) as error:
                logger.warning("searches in %s will take longer: %s", volume.folder, error)

    def _ask(
        self,
        volumes: Sequence[LanceTable],
        search: Callable[[Sequence[Seat[Brief]]], list[StoreHit]],
    ) -> Answer:
        while True:
            seats = [seat for seat in map(self._seat, volumes) if seat is not None]
            if not seats:
                return NO_ANSWER
            try:
                return search(seats), frozenset(seat.volume for seat in seats)
            except BriefError as error:
                damaged = [seat.volume for seat in seats if seat.brief.file == error.file]
                if not damaged:
                    raise
                for number in damaged:
                    self._give_up(number, error)

    def _seat(self, volume: LanceTable) -> Seat[Brief] | None:
        """The brief of a volume, if it tells of all that is there now."""
        number = volume.number
        file = latest_brief(volume)
        if file is None:
            return None
        seen = (latest_version(volume.folder), file.name)
        if self._seen.get(number) != seen:
            self._dismiss(number)
            self._seen[number] = seen
            try:
                seat = take_seat(volume, file, self._dimension)
                if seat is not None:
                    self._seats[number] = seat
            except BriefError as error:
                self._give_up(number, error)
        return self._seats.get(number)

    def _give_up(self, number: int, error: BriefError) -> None:
        """Ask the volume itself from now on, and let the next maintenance make another brief."""
        logger.warning("the brief %s cannot be used: %s", error.file, error)
        self._dismiss(number)
        if not self.is_read_only:
            with contextlib.suppress(OSError):
                error.file.unlink(missing_ok=True)

    def _dismiss(self, number: int) -> None:
        seat = self._seats.pop(number, None)
        if seat is not None:
            seat.brief.close()


def _ordered(file_ids: Rows) -> NDArray[np.int64] | None:
    return None if file_ids is None else np.unique(np.asarray(file_ids, np.int64))


def _is_good(volume: LanceTable, dimension: int) -> bool:
    """Whether a volume has a brief of what is there, and of not much more."""
    file = latest_brief(volume)
    if file is None:
        return False
    try:
        seat = take_seat(volume, file, dimension)
    except BriefError as error:
        logger.warning("the brief %s is made anew: %s", file, error)
        return False
    if seat is None:
        return False
    seat.brief.close()
    return float(np.mean(seat.row_ids < 0)) <= _MOST_GONE

"""Searches in briefs: all full volumes as one, in some milliseconds for 200 000 passages."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.briefs.brief import Brief, Entry
from vext_desktop.index.briefs.layout import key_of, to_codes
from vext_desktop.index.briefs.seats import Seat
from vext_desktop.index.rows import StoreHit

# All passages are compared by the signs of their vectors' numbers, so many times what is wanted by
# what those signs make of the question's numbers, and of these the best by the vectors themselves.
# Of 200 000 and a question's 100 nearest, 99.5 % are found, and 100 % of the 10 nearest.
TIMES_ESTIMATED = 15
LEAST_ESTIMATED = 3000
TIMES_COMPARED = 3
LEAST_COMPARED = 600
# BM25 as LanceDB reckons it.
_K1 = 1.2
_B = 0.75
# Each word of a query is a bit of what a passage holds.
MOST_WORDS = 64
_FAR = np.iinfo(np.uint16).max


class Workspace:
    """Room that searches use one after the other.

    Taken anew for each brief it would be given back to the system each time, and taking it again
    costs more than what is done in it.
    """

    def __init__(self) -> None:
        self.codes = np.empty(0, np.uint64)
        self._differing = np.empty(0, np.uint64)
        self._counts = np.empty(0, np.uint8)

    def distances(self, brief: Brief, code: NDArray[np.uint64]) -> NDArray[np.uint16]:
        """In how many bits each vector of a brief differs from one; its codes are in `codes`."""
        if len(self._differing) < brief.rows:
            self.codes = np.empty(len(code) * brief.rows, np.uint64)
            self._differing = np.empty(brief.rows, np.uint64)
            self._counts = np.empty(brief.rows, np.uint8)
        differing, counts = self._differing[: brief.rows], self._counts[: brief.rows]
        far = np.zeros(brief.rows, np.uint16)
        for column, word in zip(brief.read_codes(self.codes), code, strict=True):
            np.bitwise_xor(column, word, out=differing)
            np.bitwise_count(differing, out=counts)
            far += counts
        return far

    def codes_of(self, brief: Brief, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """After `distances`: the codes of some vectors of that brief, as bytes."""
        columns = self.codes[: len(self.codes) // len(self._differing) * brief.rows]
        taken = columns.reshape(-1, brief.rows)[:, rows]
        return np.ascontiguousarray(taken.T).view(np.uint8)


def nearest(
    seats: Sequence[Seat],
    vector: NDArray[np.float32],
    depth: int,
    file_ids: NDArray[np.int64] | None,
    space: Workspace,
) -> list[StoreHit]:
    """The passages nearest to a vector of unit length, best first.

    Raises:
        BriefError: A brief is damaged.
    """
    # Twice its share of each brief, since one may hold all that is near.
    wanted = 2 * max(LEAST_ESTIMATED, TIMES_ESTIMATED * depth) // len(seats)
    estimates = [_estimated(seat, vector, wanted, file_ids, space) for seat in seats]
    starts = _starts(seats)
    rows = np.concatenate([own + start for (own, _), start in zip(estimates, starts, strict=False)])
    promise = np.concatenate([promise for _, promise in estimates])
    compared = max(LEAST_COMPARED, TIMES_COMPARED * depth)
    if len(rows) > compared:
        rows = np.sort(rows[np.argpartition(-promise, compared)[:compared]])
    scores = [
        seat.brief.nearness((own - start).tolist(), vector)
        for seat, start, own in _by_seat(seats, starts, rows)
    ]
    found = np.concatenate(scores) if scores else np.zeros(0, np.float32)
    best = np.argsort(-found, kind="stable")[:depth]
    return _hits(seats, starts, rows[best], found[best])


def _estimated(
    seat: Seat,
    vector: NDArray[np.float32],
    wanted: int,
    file_ids: NDArray[np.int64] | None,
    space: Workspace,
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Passages of one brief that may be among the nearest, in order, and how near they seem."""
    far = space.distances(seat.brief, to_codes(vector[None, :])[0])
    far[~seat.allowed(file_ids)] = _FAR
    rows = _closest(far, max(LEAST_COMPARED, wanted))
    pieces = space.codes_of(seat.brief, rows)
    worth = _worth_of_bytes(vector, pieces.shape[1])
    return rows, worth[np.arange(len(worth)), pieces].sum(axis=1)


def _worth_of_bytes(vector: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """For each byte of a code, and each value of it, the sum of the vector's numbers it has."""
    padded = np.zeros(count * 8, np.float32)
    padded[: len(vector)] = vector
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    return padded.reshape(count, 8) @ bits.T.astype(np.float32)


def matching(
    seats: Sequence[Seat],
    words: Sequence[tuple[str, str]],
    depth: int,
    file_ids: NDArray[np.int64] | None,
) -> list[StoreHit]:
    """The passages that hold words, best first.

    Args:
        seats: Where to look.
        words: Each word with what it is kept as; MOST_WORDS at most.
        depth: How many passages at most.
        file_ids: Of which files, in order; None for all.

    Raises:
        BriefError: A brief is damaged.
    """
    stems = list(dict.fromkeys(stem for _, stem in words))
    entries = [[seat.brief.find(key_of(stem)) for stem in stems] for seat in seats]
    scores, held = _weighed(seats, entries)
    allowed = np.concatenate([seat.allowed(file_ids) for seat in seats])
    found = np.flatnonzero((scores > 0) & allowed)
    if len(found) > depth:
        found = found[np.argpartition(-scores[found], depth - 1)[:depth]]
    found = found[np.argsort(-scores[found], kind="stable")]
    numbers = [(word, stems.index(stem)) for word, stem in words]
    told = [
        " ".join(word for word, number in numbers if int(bits) >> number & 1)
        for bits in held[found]
    ]
    return _hits(seats, _starts(seats), found, scores[found], told)


def _weighed(
    seats: Sequence[Seat], entries: Sequence[Sequence[Entry | None]]
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """What each passage is worth by its words, and which of them it holds, as bits."""
    lengths = [seat.brief.lengths() for seat in seats]
    rows = sum(len(each) for each in lengths)
    mean = max(1.0, sum(int(each.sum()) for each in lengths) / max(1, rows))
    bits = np.min_scalar_type((1 << len(entries[0])) - 1)
    scores, held = np.zeros(rows, np.float32), np.zeros(rows, bits)
    rarity = [
        _rarity(sum(entry.rows for entry in each if entry is not None), rows)
        for each in zip(*entries, strict=True)
    ]
    start = 0
    for seat, own_lengths, own_entries in zip(seats, lengths, entries, strict=True):
        end = start + len(own_lengths)
        own_scores, own_held = scores[start:end], held[start:end]
        norms = np.float32(_K1 * (1 - _B)) + own_lengths * np.float32(_K1 * _B / mean)
        for number, entry in enumerate(own_entries):
            if entry is None:
                continue
            places, counts = seat.brief.read_list(entry)
            often = counts.astype(np.float32)
            own_scores[places] += rarity[number] * often / (often + norms[places])
            own_held[places] |= bits.type(1 << number)
        start = end
    return scores, held


def _rarity(holding: int, rows: int) -> np.float32:
    return np.float32((_K1 + 1) * math.log1p((rows - holding + 0.5) / (holding + 0.5)))


def _closest(distances: NDArray[np.uint16], count: int) -> NDArray[np.intp]:
    """The places of so many of the smallest, and of others as small as the last of them."""
    counts = np.bincount(distances[distances < _FAR])
    if not len(counts):
        return np.zeros(0, np.intp)
    limit = int(np.searchsorted(np.cumsum(counts), min(count, int(counts.sum()))))
    return np.flatnonzero(distances <= limit)


def _starts(seats: Sequence[Seat]) -> NDArray[np.intp]:
    """The number of each brief's first passage among those of all, and of the one after all."""
    return np.cumsum([0, *(seat.brief.rows for seat in seats)])


def _by_seat(
    seats: Sequence[Seat], starts: NDArray[np.intp], rows: NDArray[np.intp]
) -> Iterator[tuple[Seat, int, NDArray[np.intp]]]:
    """Ascending numbers of passages, parted by their briefs."""
    cuts = np.searchsorted(rows, starts)
    for number, seat in enumerate(seats):
        part = rows[cuts[number] : cuts[number + 1]]
        if len(part):
            yield seat, int(starts[number]), part


def _hits(
    seats: Sequence[Seat],
    starts: NDArray[np.intp],
    rows: NDArray[np.intp],
    scores: NDArray[np.float32],
    words: Sequence[str] = (),
) -> list[StoreHit]:
    """Passages as hits, in the order they are given in."""
    hits: list[StoreHit | None] = [None] * len(rows)
    order = np.argsort(rows)
    done = 0
    for seat, start, part in _by_seat(seats, starts, rows[order]):
        own = part - start
        columns = [column[own].tolist() for column in (*seat.brief.passages(), seat.row_ids)]
        for file_id, generation, ordinal, row_id in zip(*columns, strict=True):
            place = int(order[done])
            done += 1
            hits[place] = StoreHit(
                file_id, generation, ordinal, None, "", 0, 0, "", float(scores[place]),
                (seat.volume, row_id), words[place] if words else "",
            )  # fmt: skip
    return [hit for hit in hits if hit is not None]

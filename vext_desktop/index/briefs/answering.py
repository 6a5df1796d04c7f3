"""Searches in briefs: all full volumes as one, in some milliseconds for 200 000 passages."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.briefs.brief import Brief, Entry
from vext_desktop.index.briefs.layout import key_of, to_codes
from vext_desktop.index.briefs.seats import Near, Seat
from vext_desktop.index.rows import StoreHit

# All passages are compared by the signs of their vectors' numbers, so many times what is wanted by
# what those signs make of the question's numbers, and of these the best by the vectors themselves.
# Of 200 000 and a question's 100 nearest, 99.5 % are found, and 99.8 % of the 10 nearest; of a
# question's 200, 97.3 %.
TIMES_ESTIMATED = 11
LEAST_ESTIMATED = 2200
TIMES_COMPARED = 4
LEAST_COMPARED = 800
# BM25 as LanceDB reckons it.
_K1 = 1.2
_B = 0.75
# Each word of a query is a bit of what a passage holds.
MOST_WORDS = 64
_FAR = np.iinfo(np.uint16).max
_BYTE_VALUES = 256


class Workspace:
    """Room that searches use one after the other.

    Taken anew for each brief it would be given back to the system each time, and taking it again
    costs more than what is done in it.
    """

    def __init__(self) -> None:
        self.codes = np.empty(0, np.uint64)
        self._differing = np.empty(0, np.uint64)
        self._counts = np.empty(0, np.uint8)
        self._far = np.empty(0, np.uint16)

    def distances(self, brief: Near, code: NDArray[np.uint64]) -> NDArray[np.uint16]:
        """In how many bits each vector of a brief differs from one; its codes are in `codes`.

        What is returned is room, too: it holds until the next question.
        """
        if len(self._differing) < brief.rows:
            self.codes = np.empty(len(code) * brief.rows, np.uint64)
            self._differing = np.empty(brief.rows, np.uint64)
            self._counts = np.empty(brief.rows, np.uint8)
            self._far = np.empty(brief.rows, np.uint16)
        differing, counts = self._differing[: brief.rows], self._counts[: brief.rows]
        far = self._far[: brief.rows]
        far[:] = 0
        for column, word in zip(brief.read_codes(self.codes), code, strict=True):
            np.bitwise_xor(column, word, out=differing)
            np.bitwise_count(differing, out=counts)
            far += counts
        return far

    def codes_of(self, brief: Near, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """After `distances`: the codes of some vectors of that brief, as bytes."""
        columns = self.codes[: len(self.codes) // len(self._differing) * brief.rows]
        taken = columns.reshape(-1, brief.rows)[:, rows]
        return np.ascontiguousarray(taken.T).view(np.uint8)


def nearest(
    seats: Sequence[Seat[Near]],
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
    code = to_codes(vector[None, :])[0]
    worth = _worth_of_bytes(vector, code.nbytes)
    estimates = [_estimated(seat, code, worth, wanted, file_ids, space) for seat in seats]
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
    seat: Seat[Near],
    code: NDArray[np.uint64],
    worth: NDArray[np.float32],
    wanted: int,
    file_ids: NDArray[np.int64] | None,
    space: Workspace,
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Passages of one brief that may be among the nearest, in order, and how near they seem."""
    far = space.distances(seat.brief, code)
    far[~seat.allowed(file_ids)] = _FAR
    rows = _closest(far, wanted)
    pieces = space.codes_of(seat.brief, rows)
    worths = worth.take(pieces + np.arange(pieces.shape[1]) * _BYTE_VALUES)
    return rows, worths @ np.ones(pieces.shape[1], np.float32)


def _worth_of_bytes(vector: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """For each byte of a code, and each value of it, the sum of the vector's numbers it has.

    All in a row: those of the second byte come after the _BYTE_VALUES of the first.
    """
    padded = np.zeros(count * 8, np.float32)
    padded[: len(vector)] = vector
    values = np.arange(_BYTE_VALUES, dtype=np.uint8)
    bits = np.unpackbits(values[:, None], axis=1, bitorder="little")
    return (padded.reshape(count, 8) @ bits.T.astype(np.float32)).ravel()


def matching(
    seats: Sequence[Seat[Brief]],
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
    rows = sum(seat.brief.rows for seat in seats)
    mean = max(1.0, sum(seat.brief.word_count for seat in seats) / max(1, rows))
    rarity = [
        _rarity(sum(entry.rows for entry in each if entry is not None), rows)
        for each in zip(*entries, strict=True)
    ]
    weighed = [
        _weighed(seat, own_entries, rarity, mean, depth, file_ids)
        for seat, own_entries in zip(seats, entries, strict=True)
    ]
    starts = _starts(seats)
    found = np.concatenate([own[0] + start for own, start in zip(weighed, starts, strict=False)])
    scores, held = (np.concatenate([own[part] for own in weighed]) for part in (1, 2))
    best = np.argsort(-scores, kind="stable")[:depth]
    numbers = [(word, stems.index(stem)) for word, stem in words]
    told = [
        " ".join(word for word, number in numbers if bits >> number & 1)
        for bits in held[best].tolist()
    ]
    return _hits(seats, starts, found[best], scores[best], told)


def _weighed(
    seat: Seat[Brief],
    entries: Sequence[Entry | None],
    rarity: Sequence[np.float32],
    mean: float,
    depth: int,
    file_ids: NDArray[np.int64] | None,
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.uint64]]:
    """Of one brief the passages that are worth most by their words, in order.

    Args:
        seat: The brief.
        entries: Where the list of each word lies.
        rarity: What each word is worth.
        mean: Words of a passage, on the average.
        depth: How many passages at most.
        file_ids: Of which files, in order; None for all.

    Returns:
        Which those are, what each is worth, and which of the words it holds, as bits.
    """
    norms = np.float32(_K1 * (1 - _B)) + seat.brief.lengths() * np.float32(_K1 * _B / mean)
    scores = np.zeros(len(norms), np.float32)
    lists = []
    for number, entry in enumerate(entries):
        if entry is None:
            continue
        places, counts = seat.brief.read_list(entry)
        often = counts.astype(np.float32)
        scores[places] += rarity[number] * often / (often + norms[places])
        lists.append((number, places))
    rows = np.flatnonzero((scores > 0) & seat.allowed(file_ids))
    if len(rows) > depth:
        rows = np.sort(rows[np.argpartition(-scores[rows], depth - 1)[:depth]])
    held = np.zeros(len(rows), np.uint64)
    for number, places in lists:
        wanted = rows.astype(places.dtype)
        spots = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
        held |= (places[spots] == wanted).astype(np.uint64) << np.uint64(number)
    return rows, scores[rows], held


def _rarity(holding: int, rows: int) -> np.float32:
    return np.float32((_K1 + 1) * math.log1p((rows - holding + 0.5) / (holding + 0.5)))


def _closest(distances: NDArray[np.uint16], count: int) -> NDArray[np.intp]:
    """The places of so many of the smallest, and of others as small as the last of them."""
    counts = np.bincount(distances[distances < _FAR])
    if not len(counts):
        return np.zeros(0, np.intp)
    limit = int(np.searchsorted(np.cumsum(counts), min(count, int(counts.sum()))))
    return np.flatnonzero(distances <= limit)


def _starts(seats: Sequence[Seat[Near]]) -> NDArray[np.intp]:
    """The number of each brief's first passage among those of all, and of the one after all."""
    return np.cumsum([0, *(seat.brief.rows for seat in seats)])


def _by_seat(
    seats: Sequence[Seat[Near]], starts: NDArray[np.intp], rows: NDArray[np.intp]
) -> Iterator[tuple[Seat[Near], int, NDArray[np.intp]]]:
    """Ascending numbers of passages, parted by their briefs."""
    cuts = np.searchsorted(rows, starts)
    for number, seat in enumerate(seats):
        part = rows[cuts[number] : cuts[number + 1]]
        if len(part):
            yield seat, int(starts[number]), part


def _hits(
    seats: Sequence[Seat[Near]],
    starts: NDArray[np.intp],
    rows: NDArray[np.intp],
    scores: NDArray[np.float32],
    words: Sequence[str] = (),
) -> list[StoreHit]:
    """Passages as hits, in the order they are given in."""
    hits: list[StoreHit | None] = [None] * len(rows)
    order = np.argsort(rows)
    places, worths, done = order.tolist(), scores.tolist(), 0
    for seat, start, part in _by_seat(seats, starts, rows[order]):
        own = part - start
        keys = seat.brief.some_passages(own.tolist())
        told = zip(keys, own.tolist(), seat.row_ids[own].tolist(), strict=True)
        for (file_id, generation, ordinal), number, row_id in told:
            place = places[done]
            done += 1
            hits[place] = StoreHit(
                file_id, generation, ordinal, None, "", 0, 0, "", worths[place],
                (seat.volume, row_id), words[place] if words else "", number,
            )  # fmt: skip
    return [hit for hit in hits if hit is not None]

"""What several volumes find for one question, as one list."""

from collections.abc import Callable, Sequence

from vext_desktop.index.fusion import passage_of
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.rows import StoreHit

# What is wanted lies in all volumes, or in few of them where those hold one subject.
_LEAST_ASKED = 30
_TIMES_ITS_SHARE = 2


def few_of(depth: int, volumes: int) -> int:
    """How many passages each of so many volumes is asked for at first."""
    return min(depth, max(_LEAST_ASKED, _TIMES_ITS_SHARE * depth // max(1, volumes)))


def best_of(
    answers: Sequence[tuple[LanceTable, list[StoreHit]]],
    find: Callable[[LanceTable, int], list[StoreHit]],
    depth: int,
    known: Sequence[Sequence[StoreHit]],
    few: int,
) -> list[StoreHit]:
    """The best of some volumes and of what is known.

    Each was asked for a few, and is for as many as are wanted if all those were good enough.

    Args:
        answers: The volumes, and what was found in each.
        find: Asks one of them for so many.
        depth: How many are wanted.
        known: What was found elsewhere.
        few: How many each was asked for.
    """
    found = [hits for _, hits in answers]
    best = _merged([*known, *found], depth)
    if few == depth or not best:
        return best
    worst = best[-1].score if len(best) == depth else float("-inf")
    for number, (table, hits) in enumerate(answers):
        if len(hits) == few and hits[-1].score >= worst:
            found[number] = find(table, depth)
    return _merged([*known, *found], depth)


def _merged(lists: Sequence[Sequence[StoreHit]], depth: int) -> list[StoreHit]:
    """The best of several lists; a row that has just been indexed may be in two of them."""
    once = {passage_of(hit): hit for hits in lists for hit in hits}
    return sorted(once.values(), key=lambda hit: -hit.score)[:depth]

"""Two rankings of passages become one: by reciprocal rank, over passages or over files."""

from collections.abc import Callable, Hashable, Sequence

from vext_desktop.index.rows import StoreHit

# The constant of the paper; ranks count from 1.
# Cormack, Clarke, Buettcher: Reciprocal Rank Fusion outperforms Condorcet and individual Rank
# Learning Methods, SIGIR 2009.
RRF_K = 60

Ranking = list[tuple[float, StoreHit]]


def passage_of(hit: StoreHit) -> Hashable:
    """What makes two hits the same passage."""
    return hit.file_id, hit.generation, hit.ordinal


def file_of(hit: StoreHit) -> Hashable:
    """What makes two hits belong to the same file."""
    return hit.file_id


def rank(hits: Sequence[StoreHit], group: Callable[[StoreHit], Hashable]) -> Ranking:
    """One list as it is, with the first hit of each group only."""
    firsts: dict[Hashable, StoreHit] = {}
    for hit in hits:
        firsts.setdefault(group(hit), hit)
    return [(hit.score, hit) for hit in firsts.values()]


def fuse(
    lists: Sequence[Sequence[StoreHit]],
    group: Callable[[StoreHit], Hashable],
    weights: Sequence[Sequence[float]],
) -> Ranking:
    """Several lists as one, best first: the sum of weight / (RRF_K + rank) over the lists.

    Groups are ranked by their best passage in each list; a group is shown by the passage that
    has most of the lists behind it.

    Args:
        lists: Hits, best first.
        group: What belongs together.
        weights: How much each hit of each list is worth, 0 to 1.
    """
    passages = _reciprocal_ranks(lists, passage_of, weights)
    shown: dict[Hashable, StoreHit] = {}
    for hit in (hit for hits in lists for hit in hits):
        other = shown.setdefault(group(hit), hit)
        if passages[passage_of(hit)] > passages[passage_of(other)]:
            shown[group(hit)] = hit
    scores = _reciprocal_ranks(lists, group, weights)
    order = sorted(shown, key=lambda key: -scores[key])
    return [(scores[key], shown[key]) for key in order]


def _reciprocal_ranks(
    lists: Sequence[Sequence[StoreHit]],
    group: Callable[[StoreHit], Hashable],
    weights: Sequence[Sequence[float]],
) -> dict[Hashable, float]:
    scores: dict[Hashable, float] = {}
    for hits, list_weights in zip(lists, weights, strict=True):
        firsts: dict[Hashable, float] = {}
        for hit, weight in zip(hits, list_weights, strict=True):
            firsts.setdefault(group(hit), weight)
        for place, (key, weight) in enumerate(firsts.items(), start=1):
            scores[key] = scores.get(key, 0.0) + weight / (RRF_K + place)
    return scores

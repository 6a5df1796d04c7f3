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
    passages = _reciprocal_ranks([list(map(passage_of, hits)) for hits in lists], weights)
    keys = [list(map(group, hits)) for hits in lists]
    shown: dict[Hashable, tuple[float, StoreHit]] = {}
    for hits, groups in zip(lists, keys, strict=True):
        for hit, key in zip(hits, groups, strict=True):
            behind = passages[passage_of(hit)]
            if key not in shown or behind > shown[key][0]:
                shown[key] = behind, hit
    scores = _reciprocal_ranks(keys, weights)
    order = sorted(shown, key=lambda key: -scores[key])
    return [(scores[key], shown[key][1]) for key in order]


def _reciprocal_ranks(
    lists: Sequence[Sequence[Hashable]], weights: Sequence[Sequence[float]]
) -> dict[Hashable, float]:
    scores: dict[Hashable, float] = {}
    for keys, list_weights in zip(lists, weights, strict=True):
        firsts: dict[Hashable, float] = {}
        for key, weight in zip(keys, list_weights, strict=True):
            firsts.setdefault(key, weight)
        for place, (key, weight) in enumerate(firsts.items(), start=1):
            scores[key] = scores.get(key, 0.0) + weight / (RRF_K + place)
    return scores

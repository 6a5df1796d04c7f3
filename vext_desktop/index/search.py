"""Search: rankings of the store, checked against the ledger, fused, with snippets."""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.coverage import coverages
from vext_desktop.index.fusion import Ranking, file_of, fuse, passage_of, rank
from vext_desktop.index.ledger_reader import LedgerReader
from vext_desktop.index.matching import WordMatcher
from vext_desktop.index.query import parse_query
from vext_desktop.index.records import FileRecord
from vext_desktop.index.rows import StoreHit
from vext_desktop.index.search_request import (
    SearchAnswer,
    SearchHit,
    SearchMode,
    SearchRequest,
)
from vext_desktop.index.snippet import make_snippet
from vext_desktop.index.store import Store
from vext_desktop.outcomes import Outcome

__all__ = [
    "SearchAnswer",
    "SearchHit",
    "SearchMode",
    "SearchRequest",
    "Searcher",
]

# Passages taken from each ranking: more than are shown, since several are of the same file and
# a passage that both rankings know, though late, should be able to win.
CANDIDATES_PER_HIT = 10
MIN_CANDIDATES = 100
# Where most candidates are of few files, more are taken, up to here.
MAX_CANDIDATES = 10_000

NO_MODEL_NOTICE = "The model is not ready: these hits are found by their words alone."
OTHER_MODEL_NOTICE = (
    "The index is being rebuilt with another model, and there is room for one: these hits are "
    "found by their words alone. Pause the run to search by meaning too."
)
NO_FILE_NOTICE = "No indexed document meets the chosen folder, type and date."


class Searcher:
    """Answers requests from the store, showing only what the ledger says is current.

    Args:
        store: Where the passages are.
        ledger: What is known of their files.
    """

    def __init__(self, store: Store, ledger: LedgerReader) -> None:
        self._store = store
        self._ledger = ledger

    def search(
        self, request: SearchRequest, vector: NDArray[np.float32] | None, why_not: str = ""
    ) -> SearchAnswer:
        """Answer one request; any string is a query.

        Args:
            request: What to look for.
            vector: The query's vector, shape (dimension,); without it, words must do.
            why_not: Why there is no vector, in a sentence.

        Raises:
            StoreError: Store or ledger cannot be read.
        """
        started = time.perf_counter()
        notice = ""
        if vector is None and request.mode is not SearchMode.TEXT:
            request, notice = replace(request, mode=SearchMode.TEXT), why_not or NO_MODEL_NOTICE
        file_ids = self._find_files(request) if request.has_filter else None
        ranking: Ranking = []
        if file_ids == []:
            notice = NO_FILE_NOTICE
        elif request.query.strip() and request.limit > 0:
            ranking = self._rank(request, vector, file_ids)[: request.limit]
        records = self._ledger.files_by_id({hit.file_id for _, hit in ranking})
        matcher = WordMatcher(parse_query(request.query).words)
        shown = self._store.with_texts([hit for _, hit in ranking])
        hits = tuple(
            _shown(score, hit, records[hit.file_id], matcher)
            for (score, _), hit in zip(ranking, shown, strict=True)
        )
        return SearchAnswer(
            request.query,
            request.mode,
            time.perf_counter() - started,
            hits,
            notice or _offline_notice(hits),
        )

    def _find_files(self, request: SearchRequest) -> list[int]:
        return self._ledger.find_searchable(
            request.folder, request.suffixes, request.modified_after, request.modified_before
        )

    def _rank(
        self,
        request: SearchRequest,
        vector: NDArray[np.float32] | None,
        file_ids: Sequence[int] | None,
    ) -> Ranking:
        """The best groups; looks deeper while there are too few and more could be found."""
        group = file_of if request.group_by == "file" else passage_of
        depth = max(MIN_CANDIDATES, CANDIDATES_PER_HIT * request.limit)
        while True:
            lists = self._candidates(request, vector, file_ids, depth)
            current = self._current(lists)
            if len(current) > 1:
                current = self._with_words(current, request.limit)
                ranking = fuse(current, group, _weights(request.query, *current))
            else:
                ranking = rank(current[0], group)
            is_all = all(len(hits) < depth for hits in lists)
            if len(ranking) >= request.limit or is_all or depth >= MAX_CANDIDATES:
                return ranking
            depth = min(MAX_CANDIDATES, depth * 4)

    def _with_words(self, lists: Sequence[list[StoreHit]], limit: int) -> list[list[StoreHit]]:
        """The two rankings, with what the query's words are looked for in.

        Those found by words have their texts, or the words of the query that they hold. The best
        by meaning have their texts, too: most will be shown, and asking twice takes longer.
        """
        by_meaning, by_words = lists
        unknown = [hit for hit in by_words if not hit.words]
        told = self._store.with_texts([*by_meaning[:limit], *unknown])
        best, known = told[: len(told) - len(unknown)], iter(told[len(told) - len(unknown) :])
        return [
            [*best, *by_meaning[limit:]],
            [hit if hit.words else next(known) for hit in by_words],
        ]

    def _candidates(
        self,
        request: SearchRequest,
        vector: NDArray[np.float32] | None,
        file_ids: Sequence[int] | None,
        depth: int,
    ) -> list[list[StoreHit]]:
        lists = []
        if vector is not None and request.mode is not SearchMode.TEXT:
            lists.append(self._store.search_vector(vector, depth, file_ids))
        if request.mode is not SearchMode.VECTOR:
            lists.append(self._store.search_text(request.query, depth, file_ids))
        return lists

    def _current(self, lists: Sequence[Sequence[StoreHit]]) -> list[list[StoreHit]]:
        """Without what belongs to older readings, unfinished files, or files that are hidden."""
        shown = self._ledger.shown_generations({hit.file_id for hits in lists for hit in hits})
        return [[hit for hit in hits if shown.get(hit.file_id) == hit.generation] for hits in lists]


def _weights(
    query: str, by_meaning: Sequence[StoreHit], by_words: Sequence[StoreHit]
) -> list[list[float]]:
    """What each hit is worth when the two lists are fused.

    By meaning, its similarity beside that of the best; by words, how much it holds of the query's
    words. Ranks alone know no distance: in a small collection the second best may be nothing like
    the best. Measured on SciFact, 300 claims, nDCG@10: 0.695 by ranks alone, 0.713 with the words
    weighed, 0.725 with both (0.683 by meaning only, 0.651 by words only).
    """
    matcher = WordMatcher(parse_query(query).words)
    best = max((hit.score for hit in by_meaning), default=0.0)
    likeness = [max(0.0, hit.score) / best if best > 0 else 1.0 for hit in by_meaning]
    return [likeness, coverages(matcher, [hit.text or hit.words for hit in by_words])]


def _shown(score: float, hit: StoreHit, record: FileRecord, matcher: WordMatcher) -> SearchHit:
    snippet = make_snippet(hit.text, matcher)
    return SearchHit(
        file_id=hit.file_id,
        path=record.path,
        page=hit.page,
        heading=hit.heading,
        start=hit.start,
        end=hit.end,
        score=score,
        snippet=snippet.text,
        marks=snippet.marks,
        text=hit.text,
        is_offline=record.state is Outcome.OFFLINE,
    )


def _offline_notice(hits: Sequence[SearchHit]) -> str:
    offline = sum(hit.is_offline for hit in hits)
    if not offline:
        return ""
    if offline == 1:
        return "One of these hits is in a document whose drive or folder is not connected."
    return f"{offline} of these hits are in documents whose drive or folder is not connected."

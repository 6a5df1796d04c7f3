"""The indices of the LanceDB table: how they are built, asked, and mended."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from vext_desktop.errors import StoreError
from vext_desktop.index.lance_import import told_panics
from vext_desktop.index.query import ParsedQuery, parse_query, words_of

logger = logging.getLogger("vext.store")

# Every partition costs a search some time, however small it is.
ROWS_PER_PARTITION = 2000
# A quarter of LanceDB's own figure for samples, and a fifth for iterations: the same recall.
_SAMPLES_PER_PARTITION = 64
_ITERATIONS = 10
# LanceDB refuses RaBitQ for vectors of other lengths (lancedb 0.40).
_RABITQ_DIVISOR = 8


def build_text_index(table: Any) -> None:
    """Build the full-text index, in the place of any that is there."""
    from lancedb.index import FTS  # noqa: PLC0415 - as lancedb itself

    # icu/split: the default finds no Chinese or Japanese. Positions: for phrases.
    config = FTS(
        base_tokenizer="icu/split",
        language="English",
        stem=True,
        remove_stop_words=False,
        with_position=True,
    )
    table.create_index("text", config=config, replace=True)


def build_vector_index(table: Any) -> None:
    """Build the vector index, for a table of many rows.

    One bit for each number of a vector (RaBitQ), so that all of it stays in a small cache: 13 MB
    for 200 000 rows, where one byte each (79 MB) must be read anew for every search. What seems
    near is then compared by the vectors themselves.
    """
    from lancedb.index import IvfRq, IvfSq  # noqa: PLC0415 - as lancedb itself

    started = time.monotonic()
    partitions = max(1, table.count_rows() // ROWS_PER_PARTITION)
    width = table.schema.field("vector").type.list_size
    kind = IvfRq if width % _RABITQ_DIVISOR == 0 else IvfSq
    config = kind(
        distance_type="cosine",
        num_partitions=partitions,
        sample_rate=_SAMPLES_PER_PARTITION,
        max_iterations=_ITERATIONS,
    )
    table.create_index("vector", config=config)
    logger.info("the vector index was built in %.1f s", time.monotonic() - started)


def text_query(parsed: ParsedQuery, boosts: Mapping[str, float] | None = None) -> Any:
    """A query object, so that nothing a person types is read as a query language.

    Args:
        parsed: What is looked for.
        boosts: What the weight of some of its words is multiplied by.
    """
    import lancedb.query  # noqa: PLC0415 - as lancedb itself

    kinds: Any = lancedb.query  # its dataclasses' defaults are hidden from mypy
    must, should = kinds.Occur.MUST, kinds.Occur.SHOULD
    parts = [(must, kinds.PhraseQuery(phrase, "text")) for phrase in parsed.phrases]
    boosts = boosts or {}
    plain = parsed.text
    if boosts:
        plain = " ".join(word for word in words_of(parsed.text) if word not in boosts)
    if plain:
        parts.append((should, kinds.MatchQuery(plain, "text")))
    for word, factor in boosts.items():
        parts.append((should, kinds.MatchQuery(word, "text", boost=factor)))
    parts += [(should, kinds.PhraseQuery(name, "text")) for name in parsed.compounds]
    return parts[0][1] if len(parts) == 1 else kinds.BooleanQuery(parts)


def drop_unreadable_indices(table: Any, dimension: int) -> None:
    """Ask each index a question; one that cannot answer makes room for another.

    Its files can be spoilt while all rows are there: they are no part of a row. Without a text
    index nothing would be found by words, and maintenance only extends one that is there.
    """
    indices = table.list_indices()
    if not any(index.columns == ["text"] for index in indices):
        build_text_index(table)
    for index in indices:
        try:
            if index.columns == ["text"]:
                query = table.search(text_query(parse_query("a")), query_type="fts")
            else:
                probe = [1.0, *[0.0] * (dimension - 1)]
                query = table.search(probe, vector_column_name="vector")
            with told_panics():
                query.fast_search().limit(1).to_arrow()  # fast: of the index alone
        except (RuntimeError, OSError, ValueError, StoreError) as error:
            logger.warning("the index of %s cannot be read and is made anew: %s", index, error)
            if index.columns == ["text"]:
                build_text_index(table)
            else:
                table.drop_index(index.name)  # the next maintenance builds it

"""The words of passages that LanceDB's text index does not hold yet: a small index beside it.

LanceDB reads such rows one by one for every query, 0.1 ms each, and taking them into its index
costs seconds, so it does that thousands of rows at a time. Until then they are found from here.
In memory they would be 12 MB that grow for minutes and go at once, which looks like a leak.
"""

import json
import logging
import math
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from vext_desktop.index.matching import UNSPACED
from vext_desktop.index.query import ParsedQuery, words_of
from vext_desktop.index.rows import ChunkRow, StoreHit
from vext_desktop.index.scratch_database import discard_scratch, open_scratch

logger = logging.getLogger("vext.store")

# Words by their stem in any script, as in LanceDB's index; bm25 with the same constants.
TOKENIZER = "porter unicode61 remove_diacritics 2"
_SCHEMA = f"""
CREATE TABLE passages (
    seq INTEGER PRIMARY KEY, file_id, generation, ordinal, page, heading, start, end, text
);
CREATE VIRTUAL TABLE words USING fts5 (
    text, content = '', tokenize = '{TOKENIZER}'
);
"""
# Scripts without spaces: each sign is a word here, and a word of them a phrase.
_SIGN = re.compile(f"([{UNSPACED}])")
# A part that a larger share of the new passages holds is looked up in the others too. Of SciFact's
# ten best, with 2000 of 11 000 passages new, 96.9 % are then those of one index; 96.4 % without;
# 97.8 % if every part is looked up, for four times the time.
_MUCH = 0.05


class Others(Protocol):
    """The rows that LanceDB's text index holds."""

    @property
    def rows(self) -> int: ...  # noqa: D102 - how many those are
    def share_with(self, part: ParsedQuery) -> float: ...  # noqa: D102 - of them, 0 to 1


class FreshText:
    """Passages that were added last, found by their words; for one thread.

    Where its file cannot be written it says so, and holds nothing until the next maintenance:
    LanceDB then reads the rows themselves.

    Args:
        file: Where it lies while there are such passages.
    """

    def __init__(self, file: Path) -> None:
        self._files = (file, file.with_name(f"{file.name}-next"))
        self._worded = 0  # the rows in the table of words, those that were deleted too
        self._db: sqlite3.Connection | None = None
        self.can_search = True

    def close(self) -> None:
        """Let go of everything; harmless a second time."""
        if self._db is not None:
            discard_scratch(self._db, self._files[0])
        self._db = None

    def __len__(self) -> int:
        if self._db is None:
            return 0
        return int(self._db.execute("SELECT count(*) FROM passages").fetchone()[0])

    def add(self, rows: Sequence[ChunkRow]) -> None:
        """Take in rows that have just been written."""
        if not self.can_search:
            return
        try:
            if self._db is None:
                self._db, self._worded = open_scratch(self._files[0], _SCHEMA), 0
            _insert(self._db, (_told(row) for row in rows))
            self._worded += len(rows)
        except (sqlite3.Error, OSError) as error:  # also an SQLite without full-text search
            self._give_up(error)

    def keep_last(self, count: int) -> None:
        """Let go of all rows but the latest so many: the others are in LanceDB's index now."""
        if not count:
            self.close()
            self.can_search = True
        if self._db is None:
            return
        try:
            following = open_scratch(self._files[1], _SCHEMA)
            try:
                sql = (
                    "SELECT * FROM (SELECT * FROM passages ORDER BY seq DESC LIMIT ?) ORDER BY seq"
                )
                kept = (row[1:] for row in self._db.execute(sql, [count]))
                self._worded = _insert(following, kept)
            except sqlite3.Error:
                discard_scratch(following, self._files[1])
                raise
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)
            return
        self.close()
        self._db, self._files = following, (self._files[1], self._files[0])

    def forget(self, condition: str) -> None:
        """Let go of the rows that meet an SQL condition: they were deleted."""
        if self._db is None:
            return
        try:  # their words lead nowhere now, until the next `keep_last`
            self._db.execute(f"DELETE FROM passages WHERE {condition}")  # noqa: S608 - one of ours
        except sqlite3.Error as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        logger.warning("the words of new passages are read from the store itself: %s", error)
        self.close()
        self.can_search = False

    def search(
        self, parsed: ParsedQuery, depth: int, where: str | None, others: Others | None = None
    ) -> list[StoreHit]:
        """The passages that match a query, best first, as `LanceTable.matching` finds them.

        Args:
            parsed: The query.
            depth: How many at most.
            where: An SQL condition; None for all rows.
            others: The rows beside these, by which scores can be compared with theirs.

        Returns:
            Nothing also where they cannot be searched: `can_search` then says so.
        """
        if self._db is None:
            return []
        try:
            return self._search(self._db, parsed, depth, where, others)
        except sqlite3.Error as error:
            self._give_up(error)
            return []

    def _search(
        self,
        db: sqlite3.Connection,
        parsed: ParsedQuery,
        depth: int,
        where: str | None,
        others: Others | None,
    ) -> list[StoreHit]:
        must, should = _parts(parsed)
        scores: dict[int, float] = {}
        for part in (*must, *should):
            for seq, score in self._weigh(db, part, others):
                scores[seq] = scores.get(seq, 0.0) + score
        matching = self._matching(db, [_expression(part) for part in must], scores, where)
        best = sorted(matching, key=lambda seq: -scores[seq])[:depth]
        sql = (
            "SELECT seq, file_id, generation, ordinal, page, heading, start, end, text"
            " FROM passages WHERE seq IN (SELECT value FROM json_each(?))"
        )
        rows = {row[0]: row[1:] for row in db.execute(sql, [json.dumps(best)])}
        return [StoreHit(*(*rows[seq], scores[seq])) for seq in best]

    def _weigh(
        self, db: sqlite3.Connection, part: ParsedQuery, others: Others | None
    ) -> Iterator[tuple[int, float]]:
        """The passages with one part of a query, and what it adds to the score of each.

        BM25 weighs a part by how rare it is, and SQLite knows new passages alone: where many of
        them are of one subject, its words would weigh nothing beside the same words in the index.
        """
        sql = "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ?"
        found = db.execute(sql, [_expression(part)]).fetchall()
        holding, rows = len(found), self._worded
        ratio = 1.0
        if others is not None and holding > _MUCH * rows:
            everywhere = holding + others.rows * others.share_with(part)
            ratio = _rarity(everywhere, rows + others.rows) / _rarity_here(holding, rows)
        return ((seq, score * ratio) for seq, score in found)

    def _matching(
        self, db: sqlite3.Connection, must: Sequence[str], found: Iterable[int], where: str | None
    ) -> list[int]:
        """Those of the passages that hold all that must be in them, and meet a condition."""
        conditions = [f"({where or 'TRUE'})", "seq IN (SELECT value FROM json_each(?))"]
        conditions += ["seq IN (SELECT rowid FROM words WHERE words MATCH ?)"] * len(must)
        sql = f"SELECT seq FROM passages WHERE {' AND '.join(conditions)}"  # noqa: S608 - as above
        return [seq for (seq,) in db.execute(sql, [json.dumps(list(found)), *must])]


def _told(row: ChunkRow) -> tuple[object, ...]:
    heading, text = (part.encode("utf-8", "replace").decode() for part in (row.heading, row.text))
    place = (row.file_id, row.generation, row.ordinal, row.page)
    return (*place, heading, row.start, row.end, text)


def _insert(db: sqlite3.Connection, passages: Iterable[tuple[object, ...]]) -> int:
    """Add passages, each without its number, and say how many those were."""
    count = 0
    db.execute("BEGIN")
    for passage in passages:
        sql = "INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)"
        seq = db.execute(sql, passage).lastrowid
        words = spaced(str(passage[-1]))
        db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (seq, words))
        count += 1
    db.execute("COMMIT")
    return count


def spaced(text: str) -> str:
    """A text in which each sign of a script without spaces is a word."""
    return text if text.isascii() else _SIGN.sub(r" \1 ", text)


def _parts(parsed: ParsedQuery) -> tuple[list[ParsedQuery], list[ParsedQuery]]:
    """What must and what should match: single words and phrases."""
    must = [ParsedQuery("", (phrase,), ()) for phrase in parsed.phrases]
    should = [ParsedQuery(word, (), ()) for word in words_of(parsed.text)]
    should += [ParsedQuery("", (name,), ()) for name in parsed.compounds]
    return must, should


def _expression(part: ParsedQuery) -> str:
    """A part in FTS5's words; quoted, so that nothing that was typed is a command."""
    return quoted(words_of(" ".join((part.text, *part.phrases)), each_once=False))


def _rarity_here(holding: float, rows: float) -> float:
    """FTS5's weight of a part that so many of its rows hold (sqlite.org/fts5.html, bm25)."""
    return max(1e-6, math.log((rows - holding + 0.5) / (holding + 0.5)))


def _rarity(holding: float, rows: float) -> float:
    """LanceDB's weight."""
    return math.log1p((rows - holding + 0.5) / (holding + 0.5))


def quoted(words: Sequence[str]) -> str:
    """Words in a row, as FTS5 is asked for them."""
    return f'"{spaced(" ".join(words))}"'

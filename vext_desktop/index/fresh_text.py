"""The words of passages that LanceDB's text index does not hold yet: a small index in memory.

LanceDB reads such rows one by one for every query, 0.1 ms each, and taking them into its index
costs seconds, so it does that thousands of rows at a time. Until then they are found from here.
"""

import json
import math
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from vext_desktop.index.matching import UNSPACED
from vext_desktop.index.query import ParsedQuery, words_of
from vext_desktop.index.rows import ChunkRow, StoreHit

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

    Attributes:
        size_bytes: What it takes of native memory: it grows until the next maintenance only. Any
            thread may ask.
    """

    def __init__(self) -> None:
        self.size_bytes = 0
        self._worded = 0  # the rows in the table of words, those that were deleted too
        self._db: sqlite3.Connection | None = sqlite3.connect(":memory:", isolation_level=None)
        try:
            self._db.executescript(_SCHEMA)
        except sqlite3.OperationalError:  # an SQLite without full-text search
            self.close()

    @property
    def can_search(self) -> bool:
        """Whether this system's SQLite has a full-text index."""
        return self._db is not None

    def close(self) -> None:
        """Let go of everything; harmless a second time."""
        if self._db is not None:
            self._db.close()
        self._db = None
        self.size_bytes = 0

    def __len__(self) -> int:
        if self._db is None:
            return 0
        return int(self._db.execute("SELECT count(*) FROM passages").fetchone()[0])

    def add(self, rows: Sequence[ChunkRow]) -> None:
        """Take in rows that have just been written."""
        if self._db is None:
            return
        self._db.execute("BEGIN")
        for row in rows:
            text = row.text.encode("utf-8", "replace").decode()
            added = self._db.execute(
                "INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    row.file_id, row.generation, row.ordinal, row.page,
                    row.heading.encode("utf-8", "replace").decode(), row.start, row.end, text,
                ),
            )  # fmt: skip
            self._note_words(int(added.lastrowid or 0), text)
        self._db.execute("COMMIT")
        self._measure(self._db)

    def keep_last(self, count: int) -> None:
        """Let go of all rows but the latest so many: the others are in LanceDB's index now."""
        if self._db is None:
            return
        kept = self._db.execute(
            "SELECT seq, text FROM passages ORDER BY seq DESC LIMIT ?", [count]
        ).fetchall()
        first = kept[-1][0] if kept else 2**62
        self._db.execute("DELETE FROM passages WHERE seq < ?", [first])
        self._db.execute("INSERT INTO words (words) VALUES ('delete-all')")
        self._worded = 0
        for seq, text in reversed(kept):
            self._note_words(seq, text)
        self._db.execute("VACUUM")  # else their room stays taken
        self._measure(self._db)

    def forget(self, condition: str) -> None:
        """Let go of the rows that meet an SQL condition: they were deleted."""
        if self._db is not None:  # their words lead nowhere now, until the next `keep_last`
            self._db.execute(f"DELETE FROM passages WHERE {condition}")  # noqa: S608 - one of ours

    def search(
        self, parsed: ParsedQuery, depth: int, where: str | None, others: Others | None = None
    ) -> list[StoreHit]:
        """The passages that match a query, best first, as `LanceTable.matching` finds them.

        Args:
            parsed: The query.
            depth: How many at most.
            where: An SQL condition; None for all rows.
            others: The rows beside these, by which scores can be compared with theirs.
        """
        if self._db is None:
            return []
        must, should = _parts(parsed)
        scores: dict[int, float] = {}
        for part in (*must, *should):
            for seq, score in self._weigh(self._db, part, others):
                scores[seq] = scores.get(seq, 0.0) + score
        matching = self._matching(self._db, [_expression(part) for part in must], scores, where)
        best = sorted(matching, key=lambda seq: -scores[seq])[:depth]
        sql = (
            "SELECT seq, file_id, generation, ordinal, page, heading, start, end, text"
            " FROM passages WHERE seq IN (SELECT value FROM json_each(?))"
        )
        rows = {row[0]: row[1:] for row in self._db.execute(sql, [json.dumps(best)])}
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

    def _measure(self, db: sqlite3.Connection) -> None:
        (pages,), (page_bytes,) = (
            db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
        self.size_bytes = int(pages) * int(page_bytes)

    def _note_words(self, seq: int, text: str) -> None:
        if self._db is not None:
            self._db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (seq, spaced(text)))
            self._worded += 1


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

"""The words of passages that LanceDB's text index does not hold yet: a small index in memory.

LanceDB reads such rows one by one for every query, 0.1 ms each, and taking them into its index
costs seconds, so it does that thousands of rows at a time. Until then they are found from here.
"""

import re
import sqlite3
from collections.abc import Sequence

from vext_desktop.index.matching import UNSPACED
from vext_desktop.index.query import ParsedQuery, words_of
from vext_desktop.index.rows import ChunkRow, StoreHit

# Words by their stem in any script, as in LanceDB's index; bm25 with the same constants.
_SCHEMA = """
CREATE TABLE passages (
    seq INTEGER PRIMARY KEY, file_id, generation, ordinal, page, heading, start, end, text
);
CREATE VIRTUAL TABLE words USING fts5 (
    text, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
);
"""
# Scripts without spaces: each sign is a word here, and a word of them a phrase.
_SIGN = re.compile(f"([{UNSPACED}])")


class FreshText:
    """Passages that were added last, found by their words; for one thread.

    Attributes:
        size_bytes: What it takes of native memory: it grows until the next maintenance only. Any
            thread may ask.
    """

    def __init__(self) -> None:
        self.size_bytes = 0
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
        for seq, text in reversed(kept):
            self._note_words(seq, text)
        self._db.execute("VACUUM")  # else their room stays taken
        self._measure(self._db)

    def search(self, parsed: ParsedQuery, depth: int, where: str | None) -> list[StoreHit]:
        """The passages that match a query, best first, as `LanceTable.matching` finds them."""
        asked = _expression(parsed)
        if self._db is None or not asked:
            return []
        sql = (
            "SELECT file_id, generation, ordinal, page, heading, start, end, passages.text,"  # noqa: S608 - a condition of ours
            " -bm25(words) AS score FROM words JOIN passages ON seq = words.rowid"
            f" WHERE words MATCH ? AND {where or 'TRUE'} ORDER BY score DESC LIMIT ?"
        )
        return [StoreHit(*row) for row in self._db.execute(sql, [asked, depth])]

    def _measure(self, db: sqlite3.Connection) -> None:
        (pages,), (page_bytes,) = (
            db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
        self.size_bytes = int(pages) * int(page_bytes)

    def _note_words(self, seq: int, text: str) -> None:
        if self._db is not None:
            self._db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (seq, _spaced(text)))


def _spaced(text: str) -> str:
    return text if text.isascii() else _SIGN.sub(r" \1 ", text)


def _expression(parsed: ParsedQuery) -> str:
    """A query of FTS5 in which nothing that was typed can be a command: all of it is quoted."""
    must = [_quoted(words_of(phrase, each_once=False)) for phrase in parsed.phrases]
    should = [_quoted((word,)) for word in words_of(parsed.text)]
    should += [_quoted(words_of(name, each_once=False)) for name in parsed.compounds]
    if not must:
        return " OR ".join(should)
    # The second part is always true, and lets the other words make a passage better.
    return f"({' AND '.join(must)}) AND ({' OR '.join([must[0], *should])})"


def _quoted(words: Sequence[str]) -> str:
    return f'"{_spaced(" ".join(words))}"'

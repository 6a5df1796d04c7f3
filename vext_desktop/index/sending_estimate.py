"""How much text a run would send to a service: told before the first byte goes there."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.documents.formats import characters_per_byte
from vext_desktop.documents.scanner import FoundFile, ScanRules, scan
from vext_desktop.events import ScanProgressed
from vext_desktop.index.indexer import NEW_SHARE_OF_CHUNK
from vext_desktop.index.rebuild_cost import count

# Of English text, as OpenAI says of its tokenizers; other languages have fewer.
CHARACTERS_PER_TOKEN = 4
_ENTRIES_PER_STEP = 500


@dataclass(frozen=True, slots=True)
class SendingEstimate:
    """What would go out.

    Attributes:
        files: Files that wait.
        passages: About how many passages they give.
        tokens: About how many tokens those have.
    """

    files: int
    passages: int
    tokens: int

    @property
    def words(self) -> str:
        """In words, for the middle of a sentence."""
        passages = count(_rounded(self.passages), "passage")
        tokens = count(_rounded(self.tokens), "token")
        return f"about {passages} with {tokens} in {count(self.files, 'file')}"


def estimate_sending(
    roots: Sequence[Path],
    rules: ScanRules,
    known: Mapping[str, tuple[int, int]],
    chunk_size: int,
    stopped: Callable[[], bool],
) -> Generator[ScanProgressed, None, SendingEstimate]:
    """Look at the folders, in short steps, and change nothing.

    Args:
        roots: Folders and files.
        rules: What is left out.
        known: Size and modification time of the files that are not sent again, by path.
        chunk_size: Characters in a passage, at most.
        stopped: Asked between steps.
    """
    seen = files = 0
    seen_bytes = 0
    characters = 0.0
    passages = 0
    for place, found in enumerate(scan(roots, rules)):
        if found is not None:
            seen, seen_bytes = seen + 1, seen_bytes + found.size_bytes
            new = _characters_to_read(found, known)
            if new:
                files += 1
                # Neighbours share text, which is sent twice.
                characters += new / NEW_SHARE_OF_CHUNK
                passages += max(1, round(new / NEW_SHARE_OF_CHUNK / chunk_size))
        if found is None or place % _ENTRIES_PER_STEP == 0:
            yield ScanProgressed(seen, seen_bytes)
            if stopped():
                break
    return SendingEstimate(files, passages, round(characters / CHARACTERS_PER_TOKEN))


def _rounded(number: int) -> int:
    """To two digits: more are not known."""
    return int(float(f"{number:.2g}"))


def _characters_to_read(found: FoundFile, known: Mapping[str, tuple[int, int]]) -> float:
    if found.outcome is not None or known.get(found.path) == (found.size_bytes, found.mtime_ns):
        return 0.0
    return found.size_bytes * characters_per_byte(Path(found.path).suffix)

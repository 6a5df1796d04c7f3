"""What a reader yields, what it must keep to, and how it says that a file cannot be read."""

from dataclasses import asdict, dataclass
from typing import Any

from vext_desktop.outcomes import Outcome

SECTION_BREAK = "\n\n"
# Readers cut longer sections, so that no step holds much of a file.
PIECE_CHARACTERS = 64_000


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a document's text.

    The document's joined text is its sections with SECTION_BREAK between them; a section that
    `continues` follows the one before it with nothing between, so that a long text can be
    handed over in pieces and still be itself.

    Attributes:
        text: Plain text, line ends as "\\n".
        page: Page number, from 1, where the format has pages.
        heading: The heading it stands under; empty where there is none.
        continues: Whether it goes on exactly where the section before it ends.
    """

    text: str
    page: int | None = None
    heading: str = ""
    continues: bool = False


class ReadFailure(Exception):  # noqa: N818 - an outcome of a file, not an error of the program
    """A file cannot be read.

    Args:
        outcome: What became of it.
        reason: A sentence for the user; the outcome's own if empty.
    """

    def __init__(self, outcome: Outcome, reason: str = "") -> None:
        super().__init__(reason or outcome.sentence)
        self.outcome = outcome
        self.reason = reason or outcome.sentence


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of a file, and of the machine, reading may take.

    Attributes:
        max_file_bytes: Largest file that is opened.
        max_pages: Pages of one document, at most.
        max_characters: Characters of text of one file, at most.
        memory_bytes: Memory of the process that reads.
        max_expansion: How many times its own size an archive may be when it is unpacked.
        max_members: Files in one archive, at most.
        max_depth: How deep messages are followed into messages.
        ocr_languages: What Tesseract reads in pages without text ("eng+deu"); empty: nothing.
    """

    max_file_bytes: int
    max_pages: int
    max_characters: int
    memory_bytes: int
    max_expansion: int = 200
    max_members: int = 20_000
    max_depth: int = 10
    ocr_languages: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for the way to the reader process."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ReadLimits":
        """The reverse of `to_json`."""
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a file was when it was looked at.

    Attributes:
        content_hash: BLAKE2b of all its bytes, 16 bytes long, in hexadecimal.
        size_bytes: Its size.
        mtime_ns: When it was last changed, in nanoseconds since 1970.
    """

    content_hash: str
    size_bytes: int
    mtime_ns: int


def too_many_pages(pages: int, limits: ReadLimits) -> ReadFailure:
    """The failure of a document that has more pages or slides than the settings allow."""
    return ReadFailure(
        Outcome.TOO_LARGE,
        f"It has {pages:,} pages; the limit in the settings is {limits.max_pages:,}.",
    )


def too_many_characters(limits: ReadLimits) -> ReadFailure:
    """The failure of a file that holds more text than the settings allow."""
    return ReadFailure(
        Outcome.TOO_LARGE,
        f"It holds more than {limits.max_characters:,} characters, the limit in the settings.",
    )

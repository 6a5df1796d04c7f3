"""The text of an RTF document as it is put together: paragraphs, rows, and what is beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from vext_desktop.documents.section import PIECE_CHARACTERS, Section
from vext_desktop.documents.section_builder import LONGEST_HEADING, SectionBuilder


@dataclass(slots=True)
class _Story:
    """The running text, or one beside it: a note, a header, the text of a box."""

    heading: str = ""
    parts: list[str] = field(default_factory=list)
    length: int = 0
    cells: list[str] = field(default_factory=list)
    gap: str = "\n\n"
    paragraphs: list[str] = field(default_factory=list)
    is_heading: bool = False

    def take(self) -> str:
        """The text gathered so far; characters beyond 16 bits have come in two halves."""
        text = "".join(self.parts)
        self.parts, self.length = [], 0
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text


class RtfText:
    """Takes characters, breaks and the begins and ends of stories; gives sections."""

    def __init__(self) -> None:
        self._sections = SectionBuilder()
        self._stories = [_Story()]
        # By its text, the heading of each: the same header comes for odd and even pages.
        self._asides: dict[str, str] = {}

    def add(self, text: str) -> None:
        """Add characters to the paragraph in hand."""
        story = self._stories[-1]
        story.parts.append(text)
        story.length += len(text)
        is_long = story.length > PIECE_CHARACTERS and not "\ud800" <= text[-1:] < "\udc00"
        if is_long and len(self._stories) == 1 and not story.cells:
            self._put(story.take(), story.gap)
            story.gap = ""

    def mark_heading(self, *, is_heading: bool) -> None:
        """Say of the paragraph in hand, and those after it, whether they are headings."""
        self._stories[-1].is_heading = is_heading

    def end_paragraph(self) -> None:
        """A paragraph ends; a heading begins a section."""
        story = self._stories[-1]
        text = story.take().strip("\n")
        if story.cells:  # a row that has lost its end
            text = "\t".join([*story.cells, text])
            story.cells = []
        is_title = story.is_heading and len(self._stories) == 1 and len(text) <= LONGEST_HEADING
        if is_title and text.strip():
            self._sections.begin(text)
        self._put(text, story.gap)
        story.gap = "\n\n"

    def end_cell(self) -> None:
        """A cell of a table ends."""
        story = self._stories[-1]
        story.cells.append(" ".join(story.take().split()))

    def end_row(self) -> None:
        """A row of a table ends."""
        story = self._stories[-1]
        self.end_cell()
        row, story.cells = "\t".join(story.cells).rstrip("\t "), []
        self._put(row, "\n")

    def begin_story(self, heading: str) -> None:
        """A text beside the running text begins; one without a heading stands within it."""
        self._stories.append(_Story(heading))

    def end_story(self) -> None:
        """The text beside the running text ends."""
        self.end_paragraph()
        story = self._stories.pop()
        text = "\n".join(story.paragraphs)
        if text and story.heading:
            self._asides.setdefault(text, story.heading)
        elif text:
            self._put(text, "\n\n")

    def take(self) -> Iterator[Section]:
        """The sections that are complete by now."""
        return self._sections.take()

    def take_rest(self) -> Iterator[Section]:
        """What is left at the end; then notes, comments, headers and footers, each once."""
        while len(self._stories) > 1:
            self.end_story()
        self.end_paragraph()
        for text, heading in self._asides.items():
            self._sections.turn_to(None, heading)
            self._sections.add(text, "")
        yield from self._sections.take_rest()

    def _put(self, text: str, gap: str) -> None:
        if not text.strip():
            return
        if len(self._stories) == 1:
            self._sections.add(text, gap)
        else:
            self._stories[-1].paragraphs.append(text)

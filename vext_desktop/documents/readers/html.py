"""HTML: title, headings and visible text; paragraphs, lists and table rows keep their shape."""

import re
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from vext_desktop.documents.encodings import HEAD_BYTES, decode
from vext_desktop.documents.section import ReadLimits, Section
from vext_desktop.documents.section_builder import LONGEST_HEADING, SectionBuilder

_META = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?\s*([-\w.:]+)", re.IGNORECASE)
_XML = re.compile(rb"\A\s*<\?xml[^>]{0,80}encoding=[\"']([-\w.]+)")
_XHTML = re.compile(r"<\?xml|<!DOCTYPE[^>]*XHTML|xmlns\s*=", re.IGNORECASE)
_CLOSED_AT_ONCE = re.compile(r"<([a-zA-Z][\w:-]{0,40})((?:\s[^<>]{0,2000})?)/>")
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
})  # fmt: skip
# Not shown, or a reading aid above characters.
_LEFT_OUT = frozenset({
    "script", "style", "template", "noscript", "svg", "iframe", "head", "rt", "rp",
})  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_VERBATIM = frozenset({"pre", "textarea", "listing", "xmp", "plaintext"})
_PARAGRAPHS = _HEADINGS | _VERBATIM | frozenset({
    "p", "blockquote", "ul", "ol", "dl", "table", "article", "section", "figure", "aside", "nav",
    "header", "footer", "main", "form", "fieldset", "details", "address", "hr",
})  # fmt: skip
_LINES = frozenset({
    "div", "li", "dt", "dd", "tr", "caption", "br", "summary", "legend", "figcaption", "option",
    "center",
})  # fmt: skip
_CELLS = frozenset({"td", "th"})
_TEXT = "-text"


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:  # noqa: ARG001 - as all readers
    """Yield the title, then a section for each heading with what stands under it."""
    tree = LexborHTMLParser(page_text(path.read_bytes()))
    title_node = tree.css_first("head > title")
    title = " ".join(title_node.text().split())[:LONGEST_HEADING] if title_node else ""
    if title:
        yield Section(title, heading=title)
    if tree.body is not None:
        yield from _Page(title).sections(tree.body)


def page_sections(text: str, heading: str = "") -> Iterator[Section]:
    """The sections of a page that is part of something larger: a chapter, the body of a mail.

    Args:
        text: The page.
        heading: What the text before its first heading stands under.
    """
    tree = LexborHTMLParser(text)
    if tree.body is not None:
        yield from _Page(heading).sections(tree.body)


def page_text(content: bytes, declared: str = "") -> str:
    """A page decoded, as HTML: in XHTML, any element may be closed where it begins.

    Args:
        content: All of it.
        declared: The encoding that it comes with; what it says itself goes before.
    """
    head = content[:HEAD_BYTES]
    found = _META.search(head) or _XML.match(head)
    text = decode(content, found[1].decode("ascii", "replace") if found else declared)
    if "/>" not in text or not _XHTML.search(text[:HEAD_BYTES]):
        return text
    return _CLOSED_AT_ONCE.sub(_opened_and_closed, text)


def _opened_and_closed(found: re.Match[str]) -> str:
    is_void = found[1].lower() in _VOID
    return found[0] if is_void else f"<{found[1]}{found[2]}></{found[1]}>"


class _Page:
    """Turns a tree of elements into sections.

    Args:
        heading: What the text before the first heading stands under.
    """

    def __init__(self, heading: str) -> None:
        self._sections = SectionBuilder(heading)
        # What is owed before the next visible text: nothing, " ", "\t", "\n" or "\n\n".
        self._gap = ""
        self._title: list[str] | None = None
        self._verbatim = 0
        self._row_has_text = False
        # A paragraph that begins a table cell does not leave the row.
        self._is_cell_empty = False

    def sections(self, body: LexborNode) -> Iterator[Section]:
        """Turn what is visible of a page into sections."""
        for node, is_entered in _walk(body):
            tag = node.tag or ""
            if tag == _TEXT:
                if is_entered:
                    self._add(node.text_content or "")
            elif is_entered:
                self._enter(tag)
                if tag == "img":
                    self._add(f" {node.attributes.get('alt') or ''} ")
            else:
                self._leave(tag)
            yield from self._sections.take()
        yield from self._sections.take_rest()

    def _enter(self, tag: str) -> None:
        if tag in _CELLS:
            if self._row_has_text:
                self._gap = "\t"
            self._is_cell_empty = True
            return
        if tag == "tr":
            self._row_has_text = self._is_cell_empty = False
        self._break(tag)
        self._verbatim += tag in _VERBATIM
        if tag in _HEADINGS:
            self._sections.begin()
            self._title = []

    def _leave(self, tag: str) -> None:
        if tag in _CELLS:
            self._is_cell_empty = False
        if tag in _CELLS or tag == "br":
            return
        if tag == "tr" and self._row_has_text:
            self._gap = "\n"  # also after a cell of paragraphs
        self._break(tag)
        self._verbatim -= tag in _VERBATIM
        if tag in _HEADINGS and self._title is not None:
            self._sections.name("".join(self._title))
            self._title = None

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS or (tag == "br" and self._gap == "\n"):
            gap = "\n\n"
        elif tag in _LINES:
            gap = "\n"
        else:
            return
        if self._gap != "\n\n" and not self._is_cell_empty:
            self._gap = gap

    def _add(self, text: str) -> None:
        if self._verbatim:
            self._put(text)
            return
        if text[:1].isspace() and not self._gap:
            self._gap = " "
        self._put(" ".join(text.split()))
        if text[-1:].isspace() and not self._gap:
            self._gap = " "

    def _put(self, text: str) -> None:
        if not text:
            return
        self._sections.add(text, self._gap)
        if self._title is not None:
            self._title += (self._gap, text)
        self._gap = ""
        self._row_has_text = True
        self._is_cell_empty = False


def _walk(body: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Each node when it is entered and when it is left; no recursion, as depth is unbounded."""
    node = body
    while True:
        is_entered = node.tag not in _LEFT_OUT
        if is_entered:
            yield node, True
            child = node.child
            if child is not None:
                node = child
                continue
        while True:
            if is_entered:
                yield node, False
            is_entered = True
            if node.mem_id == body.mem_id:
                return
            following = node.next
            if following is not None:
                node = following
                break
            parent = node.parent
            if parent is None:
                return
            node = parent

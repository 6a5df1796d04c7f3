"""Jupyter notebooks: texts, code and what it printed, cell by cell."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from vext_desktop.documents.encodings import decode
from vext_desktop.documents.readers.html import page_sections
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.documents.section_builder import SectionBuilder
from vext_desktop.outcomes import Outcome

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t#]*(?:\n|\Z)")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LONGEST_OUTPUT = 100_000


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:  # noqa: ARG001 - as all readers
    """Yield the cells under the headings that the texts among them set.

    Raises:
        ReadFailure: DAMAGED, when it is no notebook.
    """
    try:
        notebook = json.loads(decode(path.read_bytes()))
    except ValueError as error:
        raise ReadFailure(Outcome.DAMAGED) from error
    sections = SectionBuilder()
    for cell in _cells(notebook):
        source = _joined(cell.get("source", cell.get("input"))).strip("\n")
        kind = cell.get("cell_type")
        if kind == "heading":  # format 3
            sections.begin(source)
        elif kind == "markdown" and (heading := _HEADING.match(source)):
            sections.begin(heading[2])
        _add(sections, source)
        for output in _dicts(cell.get("outputs")):
            for text in _printed(output):
                _add(sections, text[:_LONGEST_OUTPUT])
        yield from sections.take()
    yield from sections.take_rest()


def _cells(notebook: object) -> Iterator[dict[str, object]]:
    """The cells; in format 3 they lie in worksheets."""
    if not isinstance(notebook, dict) or not {"cells", "worksheets"} & notebook.keys():
        raise ReadFailure(Outcome.DAMAGED, "It is not a notebook, whatever its name says.")
    yield from _dicts(notebook.get("cells"))
    for sheet in _dicts(notebook.get("worksheets")):
        yield from _dicts(sheet.get("cells"))


def _printed(output: dict[str, object]) -> Iterator[str]:
    """The texts of an output: what was printed, a result, an error; of a table, its rows."""
    yield _COLOURS.sub("", _joined(output.get("text")))
    trace = output.get("traceback")
    if isinstance(trace, list):
        yield _COLOURS.sub("", "\n".join(map(str, trace)))
    data = output.get("data")
    if isinstance(data, dict):
        if "text/plain" in data or "text/markdown" in data:
            yield _COLOURS.sub("", _joined(data.get("text/plain", data.get("text/markdown"))))
        elif "text/html" in data:
            found = page_sections(_joined(data["text/html"]))
            yield "\n\n".join(section.text for section in found)


def _joined(value: object) -> str:
    """A text that may be a list of lines."""
    if isinstance(value, list):
        return "".join(map(str, value))
    return value if isinstance(value, str) else ""


def _dicts(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _add(sections: SectionBuilder, text: str) -> None:
    if text.strip():
        sections.add(text.strip("\n"), "\n\n")

"""The XML inside Office files, read as a stream: no tree is built, so size costs no memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, cast

from lxml import etree

from vext_desktop.documents.section import ReadFailure
from vext_desktop.outcomes import Outcome

_STEP_BYTES = 1 << 16


class XmlTarget:
    """What a stream of XML is fed into; this one ignores everything."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins; names are in Clark notation."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """A stretch of character data."""

    def doctype(self, *_names: str | None) -> None:
        """Refuse a document type: Office files have none (ECMA-376 part 2), attacks do."""
        raise ReadFailure(Outcome.DAMAGED, "It declares entities, as no word processor does.")

    def close(self) -> None:
        """The document is complete."""


class TypedTarget(XmlTarget):
    """A target for formats whose files may name a document type.

    It is not loaded; declared entities make a file damaged, as lxml refuses them.
    """

    def doctype(self, *names: str | None) -> None:
        """Let a document type pass."""


def feed(stream: IO[bytes], target: XmlTarget) -> Iterator[None]:
    """Parse a stream into a target, with a pause after every 64 kB to take what is ready.

    Raises:
        ReadFailure: DAMAGED, when it is not well-formed.
    """
    # lxml asks only for the methods that are there; its stubs want all of them.
    listener = cast("etree.ParserTarget", target)
    parser = etree.XMLParser(target=listener, resolve_entities=False, no_network=True)
    try:
        while piece := stream.read(_STEP_BYTES):
            parser.feed(piece)
            yield
        parser.close()
    except etree.XMLSyntaxError as error:
        raise ReadFailure(Outcome.DAMAGED) from error


@dataclass(frozen=True, slots=True)
class Relation:
    """That a part belongs to another: the last word of the relation's type, and where it is."""

    kind: str
    target: str


class RelationTarget(XmlTarget):
    """Collects which parts belong to a part, by the relation's id."""

    def __init__(self) -> None:
        self.relations: dict[str, Relation] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note one relation."""
        if local_name(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            name = attributes.get("Id", "") or str(len(self.relations))
            self.relations[name] = Relation(kind, attributes.get("Target", ""))


@lru_cache(maxsize=512)  # few names come millions of times
def local_name(tag: str) -> str:
    """A name in Clark notation without its namespace: OOXML has two dialects of them."""
    return tag.rpartition("}")[2]


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """An attribute by its local name; empty if it is not there."""
    return next((value for key, value in attributes.items() if local_name(key) == name), "")


def relation_id(attributes: Mapping[str, str]) -> str:
    """The id of a relation that an element names; many elements have an id of their own too."""
    return next((value for key, value in attributes.items() if key.endswith("}id")), "")

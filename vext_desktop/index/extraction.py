"""What the readers see in files, without indexing them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from vext_desktop.documents.chunker import Chunker, ChunkRules
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.documents.scanner import ScanRules, scan
from vext_desktop.documents.section import ReadFailure, Section
from vext_desktop.index.answers import ExtractedDocument
from vext_desktop.outcomes import Outcome


def extract_documents(
    paths: Sequence[Path], scan_rules: ScanRules, rules: ChunkRules, reader: ReaderHost
) -> Iterator[ExtractedDocument]:
    """Read files and folders through the reader process, one file after the other.

    Args:
        paths: Absolute.
        scan_rules: What is left out of folders.
        rules: How the text would be cut.
        reader: Reads the files, with its limits.
    """
    chunker = Chunker(rules)
    for found in scan(paths, scan_rules):
        if found is None:
            continue
        if found.outcome is not None:
            yield ExtractedDocument(found.path, found.outcome, found.reason, (), 0)
            continue
        sections: list[Section] = []
        outcome, reason = Outcome.INDEXED, ""
        try:
            for group in reader.read_sections(Path(found.path)):
                sections += group
        except ReadFailure as failure:
            outcome, reason = failure.outcome, failure.reason
        if outcome is Outcome.INDEXED and not sections:
            outcome, reason = Outcome.EMPTY, Outcome.EMPTY.sentence
        chunks = sum(1 for _ in chunker.chunks(sections))
        yield ExtractedDocument(found.path, outcome, reason, tuple(sections), chunks)

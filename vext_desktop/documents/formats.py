"""Which reader a file gets: by its suffix, unless its first bytes clearly say otherwise."""

import errno
import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from vext_desktop.documents.contents import reader_by_content
from vext_desktop.documents.gzipped import SUFFIX as GZIP_SUFFIX
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section, too_many_characters
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import format_bytes

Reader = Callable[[Path, ReadLimits], Iterator[Section]]

# fmt: off
_SUFFIXES = {
    "pdf": (".pdf",),
    "docx": (".docx", ".docm", ".dotx", ".dotm"),
    "pptx": (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    "xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm"),
    "odf": (
        ".odt", ".ott", ".odm", ".ods", ".ots", ".odp", ".otp", ".odg", ".otg",
        ".fodt", ".fods", ".fodp", ".fodg", ".sxw", ".sxc", ".sxi", ".stw",
    ),
    "rtf": (".rtf",),
    "epub": (".epub",),
    "mail": (".eml", ".emlx"),
    "msg": (".msg", ".oft"),
    "mbox": (".mbox", ".mbx"),
    "mhtml": (".mht", ".mhtml"),
    "xls": (".xls", ".xlt", ".xlsb"),
    # Not read, but with a reason; many a file of this name is in a newer format.
    "old": (".doc", ".dot", ".ppt", ".pps", ".pot"),
    "notebook": (".ipynb",),
    "subtitles": (".srt", ".vtt", ".ass", ".ssa"),
    "rst": (".rst",),
    "delimited": (".csv", ".tsv", ".tab", ".psv"),
    "html": (".html", ".htm", ".xhtml", ".xht", ".shtml"),
    "markdown": (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".rmd", ".qmd"),
    "text": (
        # Prose and notes.
        ".txt", ".text", ".log", ".adoc", ".asciidoc", ".org", ".textile", ".tex", ".bib",
        ".me", ".1st", ".nfo", ".diff", ".patch", ".po", ".pot",
        # Data in the form of text.
        ".json", ".jsonl", ".ndjson", ".json5", ".geojson",
        ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".config", ".properties", ".env",
        ".xml", ".xsd", ".xsl", ".xslt", ".dtd", ".rdf", ".ttl", ".opml", ".plist", ".sql",
        ".graphql", ".proto", ".desktop", ".service", ".reg", ".ics", ".vcf", ".dem",
        # Source code.
        ".py", ".pyi", ".pyx", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".vue", ".svelte",
        ".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".m", ".mm", ".cs", ".fs",
        ".vb", ".java", ".kt", ".kts", ".scala", ".groovy", ".gradle", ".rs", ".go", ".swift",
        ".dart", ".rb", ".php", ".pl", ".pm", ".lua", ".r", ".jl", ".hs", ".ml", ".mli", ".ex",
        ".exs", ".erl", ".clj", ".cljs", ".lisp", ".el", ".scm", ".rkt", ".f", ".f90", ".f95",
        ".for", ".pas", ".ada", ".adb", ".ads", ".asm", ".s", ".v", ".sv", ".vhd", ".vhdl",
        ".cl", ".cu", ".glsl", ".zig", ".nim", ".d", ".cob", ".cbl", ".tcl", ".awk", ".sed",
        ".sh", ".bash", ".zsh", ".fish", ".ps1", ".psm1", ".bat", ".cmd", ".mk", ".cmake",
        ".css", ".scss", ".sass", ".less", ".tf", ".nix", ".bzl",
    ),
}
# fmt: on
# Also when they are packed with gzip, as in `.log.gz`.
_ALSO_PACKED = frozenset({"text", "delimited", "markdown", "rst", "subtitles"})
_READER_OF = {suffix: name for name, suffixes in _SUFFIXES.items() for suffix in suffixes}
SUPPORTED_SUFFIXES = frozenset({*_READER_OF, GZIP_SUFFIX})
# Files that are known by their name alone.
_TEXT_NAMES = frozenset(
    {
        "readme", "license", "licence", "copying", "authors", "contributors", "changelog",
        "changes", "news", "todo", "install", "notice", "makefile", "dockerfile", "rakefile",
        "gemfile", "vagrantfile", "jenkinsfile", "procfile", "cmakelists",
    }
)  # fmt: skip

# What the system says of a place that no file has, and parsers (who give no number) of damage.
_ERRORS_OF_DAMAGE = frozenset({None, errno.EINVAL})

# Characters of text in a byte of file: measured on 200 documents, rough by nature.
_CHARACTERS_PER_BYTE = {
    "pdf": 0.3, "docx": 0.25, "pptx": 0.1, "xlsx": 1.0, "html": 0.35,
}  # fmt: skip
_OTHERS_CHARACTERS_PER_BYTE = 1.0
# Logs and prose shrink to a quarter or less.
_PACKED_CHARACTERS_PER_BYTE = 4.0


def is_supported(path: Path | str) -> bool:
    """Whether a file is of a kind that is read, as far as its name tells."""
    return reader_name(path) is not None


def characters_per_byte(suffix: str) -> float:
    """About how much text a file of a kind holds, to say how long it will take; 0 if none."""
    if suffix.lower() == GZIP_SUFFIX:
        return _PACKED_CHARACTERS_PER_BYTE
    name = _READER_OF.get(suffix.lower())
    if name is None:
        return 0.0
    return _CHARACTERS_PER_BYTE.get(name, _OTHERS_CHARACTERS_PER_BYTE)


def reader_for(path: Path) -> Reader:
    """The reader for a file; it keeps to the limits and fails with ReadFailure only.

    Raises:
        ReadFailure: UNSUPPORTED, EMPTY, LOCKED, DAMAGED, VANISHED or UNREADABLE, as its name and
            first bytes tell.
    """
    name = reader_name(path)
    if name is None:
        raise ReadFailure(Outcome.UNSUPPORTED)
    try:
        reader = _load_reader(reader_by_content(path, name))
    except OSError as error:
        raise failure_to_open(error) from error
    return lambda path, limits: _guarded(reader, path, limits)


def reader_name(path: Path | str) -> str | None:
    """The family of readers that a file's name asks for; None if it is not read."""
    name = os.path.basename(path).lower()  # noqa: PTH119 - 100 000 of them; a Path takes 20 us
    suffix = os.path.splitext(name)[1]  # noqa: PTH122 - as above
    if suffix in {"", "."}:
        return "text" if name in _TEXT_NAMES else None
    if suffix == GZIP_SUFFIX:
        return _packed_reader_name(name[: -len(suffix)])
    return _READER_OF.get(suffix)


def _packed_reader_name(name: str) -> str | None:
    """The family for what is packed under this name: a text, also one of a row of old logs."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - as above
    if suffix[1:].isdigit():
        suffix = os.path.splitext(stem)[1]  # noqa: PTH122 - as above
    found = _READER_OF.get(suffix)
    return found if found in _ALSO_PACKED else None


def _guarded(reader: Reader, path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield what a reader yields, within the limits; name whatever else happens."""
    characters = 0
    has_text = False
    try:
        size_bytes = path.stat().st_size
        if size_bytes > limits.max_file_bytes:
            raise file_too_large(size_bytes, limits.max_file_bytes)
        for section in reader(path, limits):
            characters += len(section.text)
            if characters > limits.max_characters:
                raise too_many_characters(limits)
            has_text = has_text or not section.text.isspace()
            if section.text:
                yield section
    except (ReadFailure, MemoryError):
        raise
    except OSError as error:
        raise failure_to_open(error) from error
    except Exception as error:
        # Parsers meet hostile bytes with whatever error they stumble into.
        raise ReadFailure(
            Outcome.DAMAGED, f"Its content could not be read ({type(error).__name__})."
        ) from error
    if not has_text:
        raise ReadFailure(Outcome.EMPTY)


def file_too_large(size_bytes: int, limit_bytes: int) -> ReadFailure:
    """The failure of a file that is larger than the settings allow."""
    size, limit = format_bytes(size_bytes), format_bytes(limit_bytes)
    return ReadFailure(Outcome.TOO_LARGE, f"It has {size}; the limit in the settings is {limit}.")


def failure_to_open(error: OSError) -> ReadFailure:
    """The failure of a file that the system did not let us read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ReadFailure(Outcome.VANISHED)
    if error.errno in _ERRORS_OF_DAMAGE:
        return ReadFailure(Outcome.DAMAGED)
    if isinstance(error, PermissionError):
        return ReadFailure(Outcome.UNREADABLE)
    return ReadFailure(Outcome.UNREADABLE, f"The system could not read it ({error.strerror}).")


def _load_reader(name: str) -> Reader:
    """The reader of a family; its library is loaded when the first file of its kind is read."""
    read: Reader = import_module(f"vext_desktop.documents.readers.{name}").read
    return read

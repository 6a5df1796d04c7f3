"""The kinds of files that a person tells apart, for narrowing a search to some of them."""

import difflib

from vext_desktop.documents.formats import SUPPORTED_SUFFIXES
from vext_desktop.errors import UsageError

_NAMED = (
    ("PDF", (".pdf",)),
    (
        "Text documents",
        (
            *(".docx", ".docm", ".dotx", ".dotm", ".doc", ".dot", ".rtf"),
            *(".odt", ".ott", ".odm", ".fodt", ".sxw", ".stw"),
        ),
    ),
    (
        "Spreadsheets",
        (
            *(".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".xlsb"),
            *(".ods", ".ots", ".fods", ".sxc", ".csv", ".tsv", ".tab", ".psv"),
        ),
    ),
    (
        "Presentations",
        (
            *(".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm", ".ppt", ".pps"),
            *(".odp", ".otp", ".fodp", ".sxi", ".odg", ".otg", ".fodg"),
        ),
    ),
    ("Mail", (".eml", ".emlx", ".msg", ".oft", ".mbox", ".mbx")),
    ("Web pages", (".htm", ".html", ".xhtml", ".xht", ".shtml", ".mht", ".mhtml")),
    ("E-books", (".epub",)),
    ("Markdown", (".markdown", ".md", ".mdown", ".mkd", ".mdx", ".rmd", ".qmd")),
    ("Plain text", (".log", ".rst", ".text", ".txt")),
)


def file_kinds() -> list[tuple[str, tuple[str, ...]]]:
    """Each kind with the endings of its files; together they are all that can be read."""
    named = {suffix for _, suffixes in _NAMED for suffix in suffixes}
    rest = tuple(sorted(SUPPORTED_SUFFIXES - named))
    return [*_NAMED, ("Code and data", rest)]


def suffixes_of(words: list[str]) -> tuple[str, ...]:
    """The endings that are meant by kinds, such as "web-pages", and by endings, such as "docx".

    Raises:
        UsageError: One of them is neither.
    """
    kinds = {label.lower().replace(" ", "-"): suffixes for label, suffixes in file_kinds()}
    found: list[str] = []
    for word in words:
        name = word.strip().lower()
        if name in kinds:
            found += kinds[name]
        elif (suffix := f".{name.removeprefix('.')}") in SUPPORTED_SUFFIXES:
            found.append(suffix)
        else:
            near = difflib.get_close_matches(name, [*kinds, *SUPPORTED_SUFFIXES], n=2)
            guess = f"Did you mean {' or '.join(near)}? " if near else ""
            raise UsageError(
                f"{word!r} is no kind of file that can be searched for.",
                f"{guess}The kinds are {', '.join(kinds)}; an ending such as .docx is taken too.",
            )
    return tuple(dict.fromkeys(found))

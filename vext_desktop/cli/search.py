"""`vext-desktop search`: ask the index."""

import argparse
import contextlib
import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.cli.dates import DATES_IN_WORDS, seconds_of
from vext_desktop.cli.index import add_sending_flag
from vext_desktop.cli.output import counted, print_json, say, shown
from vext_desktop.cli.session import Session
from vext_desktop.errors import ModelError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from vext_desktop.engine import Engine
    from vext_desktop.index.search import SearchAnswer, SearchRequest
    from vext_desktop.paths import Paths

HELP = "search the index by meaning and by words"
MODES = ("hybrid", "vector", "text")
# Of documents.kinds, which is heavy for --help.
KINDS = (
    "pdf, text-documents, spreadsheets, presentations, mail, web-pages, e-books, markdown, "
    "plain-text, code-and-data"
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument("words", nargs="*", metavar="QUERY", help="what to look for")
    parser.add_argument(
        "--queries-from", metavar="FILE", help="one query on each line; - is standard input"
    )
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="hits (default 20)")
    parser.add_argument(
        "--mode", choices=MODES, default="hybrid", help="by meaning, by words, or both (default)"
    )
    parser.add_argument(
        "--group-by",
        choices=("file", "chunk"),
        default="file",
        help="one hit for each file (default), or for each passage",
    )
    parser.add_argument("--folder", metavar="FOLDER", help="only in this folder")
    parser.add_argument(
        "--type",
        dest="types",
        action="append",
        default=[],
        metavar="KIND",
        help=f"only files of this kind ({KINDS}) or with this ending (.docx); several by commas",
    )
    parser.add_argument(
        "--since", metavar="DATE", help=f"only files changed since then: {DATES_IN_WORDS}"
    )
    parser.add_argument(
        "--until", metavar="DATE", help="only files last changed before then; a day is included"
    )
    add_sending_flag(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON line for each query")


def run(session: Session) -> int:
    """Answer each query; 0 also when nothing is found."""
    arguments = session.arguments
    if arguments.limit < 1:
        raise UsageError("--limit must be at least 1.")
    queries = _queries(arguments)
    wanted = _request(arguments)

    from vext_desktop.index.search import SearchMode  # noqa: PLC0415 - heavy

    mode = wanted.mode
    with session.open_engine(read_only=True) as engine:
        if arguments.send_text:
            engine.sending.agree()
        if not engine.has_indexed_files:
            mode = SearchMode.TEXT  # nothing to find: no reason to load a model
        if mode is not SearchMode.TEXT:
            _load_model(session, engine)
        for query in queries:
            answer = engine.search(dataclasses.replace(wanted, query=query, mode=mode))
            notice = answer.notice
            if not answer.hits and not _has_folders(session.paths):
                notice = "Nothing is indexed yet. Index a folder first: vext-desktop index FOLDER"
            if notice:
                say(f"notice: {notice}")
            if session.wants_json:
                print_json(_as_json(answer))
            else:
                _print_answer(session.console(), answer)
    return 0


def _request(arguments: argparse.Namespace) -> "SearchRequest":
    """What the flags say, still without a query."""
    from vext_desktop.documents.kinds import suffixes_of  # noqa: PLC0415 - heavy
    from vext_desktop.index.search_request import SearchMode, SearchRequest  # noqa: PLC0415

    since, until = arguments.since, arguments.until
    after = seconds_of(since, "--since") if since is not None else None
    before = seconds_of(until, "--until", is_end=True) if until is not None else None
    if after is not None and before is not None and after >= before:
        raise UsageError(
            f"Nothing can be changed since {since} and until {until}: that ends before it begins."
        )
    return SearchRequest(
        query="",
        limit=arguments.limit,
        mode=SearchMode(arguments.mode),
        group_by=arguments.group_by,
        folder=str(Path(arguments.folder).expanduser().absolute()) if arguments.folder else None,
        suffixes=suffixes_of([word for words in arguments.types for word in words.split(",")]),
        modified_after=after,
        modified_before=before,
    )


def _has_folders(paths: "Paths") -> bool:
    """Whether anything was ever added, and so could be found."""
    from vext_desktop.index.ledger_view import LedgerView  # noqa: PLC0415 - seldom needed

    if not paths.ledger.exists():
        return False
    with contextlib.closing(LedgerView(paths.ledger)) as view:
        return bool(view.roots())


def _load_model(session: Session, engine: "Engine") -> None:
    """Load the model before the clock of the first query runs, and say so to a person."""
    from vext_desktop.events.services import ServiceAwaited  # noqa: PLC0415 - with the engine

    with contextlib.ExitStack() as shown_wait:
        if not session.wants_json:
            console = session.console(stderr=True)
            shown_wait.enter_context(console.status("Loading the model"))
        with contextlib.suppress(ModelError):  # each answer says that words must do, and why
            for event in engine.warm_up():
                if isinstance(event, ServiceAwaited):
                    time.sleep(event.pause_s)


def _queries(arguments: argparse.Namespace) -> list[str]:
    query = " ".join(arguments.words).strip()
    if bool(query) == bool(arguments.queries_from):
        raise UsageError(
            "Say what to look for: a QUERY, or --queries-from FILE.",
            'For example: vext-desktop search "how to pay an invoice"',
        )
    if query:
        return [query]
    try:
        if arguments.queries_from == "-":
            text = sys.stdin.read()
        else:
            text = Path(arguments.queries_from).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The queries cannot be read: {error}.") from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def _as_json(answer: "SearchAnswer") -> dict[str, object]:
    return {
        "query": answer.query,
        "milliseconds": round(answer.seconds * 1000, 2),
        "hits": [
            {
                "path": hit.path,
                "page": hit.page,
                "start": hit.start,
                "end": hit.end,
                "score": hit.score,
                "snippet": hit.snippet,
            }
            for hit in answer.hits
        ],
    }


def _print_answer(console: "Console", answer: "SearchAnswer") -> None:
    """The hits, best first, with the words of the query marked."""
    from rich.text import Text  # noqa: PLC0415 - heavy, and not needed for JSON

    head = counted(len(answer.hits), "hit")
    console.print(
        Text(f"{head} for {shown(answer.query)!r} in {answer.seconds * 1000:.0f} ms", style="dim")
    )
    for place, hit in enumerate(answer.hits, start=1):
        title = Text(f"{place}. {shown(hit.path)}", style="bold")
        if hit.page is not None:
            title.append(f"  page {hit.page}")
        if hit.heading:
            title.append(f"  {shown(hit.heading)}", style="italic")
        console.print(title)
        snippet = Text(shown(hit.snippet))  # as long as the original, so that the marks fit
        for start, end in hit.marks:
            snippet.stylize("bold yellow", start, end)
        console.print(Text("   ") + snippet)

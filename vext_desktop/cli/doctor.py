"""`vext-desktop doctor`: is everything here that the program needs, and is the index well?"""

import argparse
from typing import TYPE_CHECKING, Any

from vext_desktop.cli.output import print_json, shown
from vext_desktop.cli.session import Session
from vext_desktop.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

# The end of a report, which the newest one is, holds what matters.
_MOST_OF_REPORT = 10_000

HELP = "check the installation and the index, and say how to get what is missing"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument(
        "--repair",
        action="store_true",
        help="make good what is damaged in the data folder, after asking; nothing is deleted",
    )
    parser.add_argument("--yes", action="store_true", help="repair without asking")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(session: Session) -> int:
    """Check everything; 0 when nothing that is needed is missing, else 1."""
    if session.arguments.repair:
        from vext_desktop.cli.repair import repair_folder  # noqa: PLC0415 - as below

        return repair_folder(session)
    if session.arguments.yes:
        raise UsageError("--yes answers the question of --repair.", "Add --repair.")
    # Here, so that the help text need not wait for them.
    from vext_desktop.about.versions import versions  # noqa: PLC0415
    from vext_desktop.cli import installation  # noqa: PLC0415
    from vext_desktop.cli.providers import check_providers  # noqa: PLC0415
    from vext_desktop.cli.repair import examined, finding_as_json  # noqa: PLC0415
    from vext_desktop.errors import VextError  # noqa: PLC0415

    settings = session.loaded.settings
    engines = installation.engines(
        settings.engine, settings.model, session.paths.prepared_models, settings.device
    )
    providers = check_providers(settings, session.paths)
    model = installation.check_model(settings.model)
    display = installation.check_display()
    findings = examined(session)
    store: dict[str, Any]
    serious = next((finding for finding in findings if finding.is_serious), None)
    try:
        if serious is None:
            store = {"ok": True, **_store_status(session)}
        else:
            store = {"ok": False, "message": serious.message, "hint": serious.remedy}
    except VextError as error:
        store = {"ok": False, "message": error.message, "hint": error.hint}
    missing = [
        {"what": check["message"], "how": check["hint"]}
        for check in (*engines, *providers, model, display, store)
        if not check["ok"]
    ]
    report: dict[str, Any] = {
        "ok": not missing and not findings,
        "versions": versions(),
        "engines": engines,
        "providers": providers,
        "model": model,
        "display": display,
        "data_dir": str(session.paths.data_dir),
        "store": store,
        "findings": [finding_as_json(finding) for finding in findings],
        "missing": missing,
        "crash_report": _crash_report(session.paths.crash_log),
    }
    if session.wants_json:
        print_json(report)
    else:
        _print_report(session.console(), report)
    return 0 if report["ok"] else 1


def _crash_report(crash_log: "Path") -> dict[str, str] | None:
    """What the program wrote down when it broke, until the window has shown it; None if nothing."""
    try:
        text = crash_log.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
    return {"path": str(crash_log), "text": text[-_MOST_OF_REPORT:]} if text else None


def _store_status(session: Session) -> dict[str, object]:
    if not session.paths.data_dir.exists():
        return {"rows": 0, "notice": "There is no index yet."}
    from vext_desktop.cli.status import status_as_json  # noqa: PLC0415 - see run

    with session.open_engine(read_only=True) as engine:
        return status_as_json(engine.status())


def _print_report(console: "Console", report: dict[str, Any]) -> None:
    from rich.text import Text  # noqa: PLC0415 - heavy, and not needed for JSON

    from vext_desktop.cli.summaries import bare_table  # noqa: PLC0415 - the same
    from vext_desktop.readings import format_bytes  # noqa: PLC0415 - the same

    table = bare_table("", "")
    table.show_header = False
    for name, version in report["versions"].items():
        table.add_row(name, version or "not installed")
    for engine in report["engines"]:
        table.add_row(f"engine {engine['name']}", engine["message"])
    for provider in report["providers"]:
        table.add_row(f"provider {provider['name']}", Text(shown(provider["message"])))
    table.add_row("model", Text(shown(report["model"]["message"])))
    table.add_row("display", Text(shown(report["display"]["message"])))
    table.add_row("data folder", Text(shown(report["data_dir"])))
    store = report["store"]
    health = store.get("message") or store.get("notice")
    if not health:
        health = f"well: {store['rows']} chunks, {format_bytes(store['bytes_on_disk'])}"
        unused = sum(part["reclaimable_bytes"] for part in store["disk"].values())
        if unused:
            health += f", of which tidying up gives back {format_bytes(unused)}: vext-desktop tidy"
    table.add_row("index", Text(shown(health)))
    console.print(table)
    _print_findings(console, report["findings"])
    told = {finding["message"] for finding in report["findings"]}
    for entry in report["missing"]:
        if entry["what"] in told:
            continue
        console.print(Text(shown(f"\nmissing: {entry['what']}")))
        console.print(Text(shown(f"  {entry['how']}")))
    if report["crash_report"]:
        path = report["crash_report"]["path"]
        console.print(
            Text(shown(f"\nThe program broke not long ago; what it wrote down is in {path}."))
        )
        console.print(Text("  The window shows it at its next start, for a report of the problem."))
    if report["ok"]:
        console.print(Text("\nNothing is missing."))


def _print_findings(console: "Console", findings: list[dict[str, Any]]) -> None:
    from rich.text import Text  # noqa: PLC0415 - as above

    for finding in findings:
        console.print(Text(shown(f"\nin the data folder: {finding['message']}")))
        console.print(Text(shown(f"  {finding['remedy']}")))
    if any(finding["repair"] != "none" for finding in findings):
        console.print(Text("\nTo repair it, after a question: vext-desktop doctor --repair"))

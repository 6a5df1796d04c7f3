"""`vext-desktop doctor --repair`: says what it would do to the data folder, asks, and does it."""

import sys
from typing import TYPE_CHECKING

from vext_desktop.cli.output import print_json, say, shown
from vext_desktop.cli.session import Session
from vext_desktop.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vext_desktop.assembly.folder_care import Finding

_ANSWERS = frozenset({"y", "yes"})


def examined(session: Session) -> "list[Finding]":
    """What is damaged in the data folder; nothing if there is none yet."""
    from vext_desktop.assembly.folder_care import FolderCare  # noqa: PLC0415 - not for a help text

    return FolderCare(session.paths).examine(thorough=True)


def finding_as_json(finding: "Finding") -> dict[str, object]:
    """A finding as plain JSON values."""
    return {
        "kind": str(finding.kind),
        "part": finding.part,
        "message": finding.message,
        "remedy": finding.remedy,
        "repair": str(finding.repair),
        "is_serious": finding.is_serious,
    }


def repair_folder(session: Session) -> int:
    """Repair the data folder after a question; 0 when all is well afterwards, else 1.

    Raises:
        UsageError: There is nobody who could be asked.
    """
    from vext_desktop.assembly.folder_care import FolderCare, plan  # noqa: PLC0415 - as above

    care = FolderCare(session.paths)
    findings = care.examine(thorough=True)
    planned = plan(findings)
    _tell(findings, planned)
    if planned and not session.arguments.yes and not is_agreed("Repair it now?"):
        say("Nothing was changed.")
        return 1
    report = None
    if planned:
        last = ""
        for step in care.repair():
            if step.sentence != last:
                say(f"{step.sentence}...")
            last = step.sentence
        report = care.report
    if session.wants_json:
        left = report.left if report else findings
        print_json(
            {
                "ok": not left,
                "findings": [finding_as_json(finding) for finding in findings],
                "plan": planned,
                "aside": str(report.aside) if report and report.aside else None,
                "files_to_read": report.files_to_read if report else 0,
                "needs_folders": bool(report and report.needs_folders),
                "left": [finding_as_json(finding) for finding in left],
            }
        )
    elif report is not None:
        print(shown(report.sentence))
    return 1 if (report.left if report else findings) else 0


def is_agreed(question: str) -> bool:
    """Ask in the terminal; anything but yes is no.

    Raises:
        UsageError: Standard input is no terminal, so nobody can answer.
    """
    if not sys.stdin.isatty():
        raise UsageError(
            "That needs a yes, and nobody can be asked here.", "Add --yes to agree beforehand."
        )
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in _ANSWERS


def _tell(findings: "Sequence[Finding]", planned: "Sequence[str]") -> None:
    if not findings:
        say("The data folder is well; nothing is to be repaired.")
    for finding in findings:
        say(f"{finding.message}")
    if planned:
        say("This would be done; nothing is deleted, and your documents are not touched:")
        for sentence in planned:
            say(f"  {sentence}")

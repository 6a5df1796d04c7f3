"""The walk: every file once, what is not to be read with its reason, no loop ever."""

import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from vext_desktop.documents import scanner
from vext_desktop.documents.file_systems import MountTable
from vext_desktop.documents.ignoring import bad_lines
from vext_desktop.documents.scanner import FoundFile, ScanRules, scan
from vext_desktop.outcomes import Outcome

RULES = ScanRules(False, frozenset({"node_modules"}), 1_000_000)


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def found(roots: Iterable[Path], rules: ScanRules = RULES) -> dict[str, FoundFile]:
    files = [entry for entry in scan(list(roots), rules) if entry is not None]
    by_path = {file.path: file for file in files}
    assert len(by_path) == len(files), "a file came twice"
    return by_path


def names(folder: Path, roots: Iterable[Path] = (), rules: ScanRules = RULES) -> set[str]:
    return {os.path.relpath(path, folder) for path in found(list(roots) or [folder], rules)}


def test_files_are_found_with_size_and_time(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b/c/d.md")
    files = found([tmp_path])
    assert set(files) == {str(tmp_path / "a.txt"), str(tmp_path / "b/c/d.md")}
    looks = (tmp_path / "a.txt").stat()
    assert files[str(tmp_path / "a.txt")] == FoundFile(
        str(tmp_path / "a.txt"), 1, looks.st_mtime_ns, None, ""
    )


def test_a_file_can_be_a_root_even_if_it_is_hidden(tmp_path: Path) -> None:
    make(tmp_path, ".secret.txt")
    assert names(tmp_path, [tmp_path / ".secret.txt"]) == {".secret.txt"}


def test_hidden_and_skipped_folders_are_left_out_unless_named(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", ".b.txt", ".c/d.txt", "node_modules/e.txt", "x/node_modules/f.txt")
    assert names(tmp_path) == {"a.txt"}
    assert names(tmp_path, [tmp_path / "node_modules"]) == {"node_modules/e.txt"}
    shown = names(tmp_path, rules=replace(RULES, include_hidden=True))
    assert shown == {"a.txt", ".b.txt", ".c/d.txt"}


def test_what_office_programs_and_file_managers_leave_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "~$a.docx", ".~lock.a.odt#", "Thumbs.db", ".DS_Store", "desktop.ini", "a.docx")
    assert names(tmp_path, rules=replace(RULES, include_hidden=True)) == {"a.docx"}


def test_files_that_are_not_to_be_read_come_with_a_reason(tmp_path: Path) -> None:
    make(tmp_path, "film.mp4")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "large.txt").write_text("x" * 1_000_001)
    files = found([tmp_path])
    outcomes = {Path(path).name: file.outcome for path, file in files.items()}
    assert outcomes == {
        "film.mp4": Outcome.UNSUPPORTED,
        "empty.txt": Outcome.EMPTY,
        "large.txt": Outcome.TOO_LARGE,
    }
    assert all(file.reason.endswith(".") for file in files.values())


def test_a_link_to_the_folder_above_is_no_loop(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "sub/b.txt")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "sub" / "self").symlink_to(tmp_path / "sub")
    assert names(tmp_path) == {"a.txt", "sub/b.txt"}
    assert names(tmp_path, [tmp_path / "sub"]) == {"sub/b.txt"}


def test_links_to_elsewhere_are_followed_once(tmp_path: Path) -> None:
    make(tmp_path, "other/c.txt", "other/deep/d.txt", "single.txt", "root/a.txt")
    root = tmp_path / "root"
    (root / "one").symlink_to(tmp_path / "other")
    (root / "two").symlink_to(tmp_path / "other")
    (root / "file.txt").symlink_to(tmp_path / "single.txt")
    (root / "again.txt").symlink_to(tmp_path / "single.txt")
    (root / "own.txt").symlink_to(root / "a.txt")
    files = names(root)
    assert len(files) == 4
    assert {"a.txt"} < files
    assert len(files & {"one/c.txt", "two/c.txt"}) == 1
    assert len(files & {"file.txt", "again.txt"}) == 1


def test_a_link_that_leads_nowhere_is_set_aside_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "dead.txt").symlink_to(tmp_path / "gone.txt")
    files = found([tmp_path])
    assert {file.outcome for file in files.values()} == {Outcome.UNREADABLE}
    assert "back to itself" in files[str(tmp_path / "a.txt")].reason
    assert "not there" in files[str(tmp_path / "dead.txt")].reason


def test_roots_inside_each_other_give_each_file_once(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "sub/b.txt")
    expected = {"a.txt", "sub/b.txt"}
    assert names(tmp_path, [tmp_path, tmp_path / "sub", tmp_path / "a.txt"]) == expected
    assert names(tmp_path, [tmp_path / "sub/b.txt", tmp_path / "sub", tmp_path]) == expected


def test_a_root_that_is_not_there_yields_nothing(tmp_path: Path) -> None:
    assert found([tmp_path / "unplugged"]) == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert found([tmp_path]) == {}


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.txt", "private/b.txt")
    listed = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("private"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files = found([tmp_path])
    assert files[str(tmp_path / "private")].outcome is Outcome.UNREADABLE
    assert str(tmp_path / "a.txt") in files


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_found_as_it_is(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt")).write_text("x")
    (path,) = found([tmp_path])
    assert os.fsencode(path).endswith(b"/bad\xff.txt")


def test_the_walk_is_lazy_and_says_when_it_is_still_looking(tmp_path: Path) -> None:
    make(tmp_path, *(f".hidden{number}" for number in range(600)))
    assert list(scan([tmp_path], RULES)) == [None, None]


@pytest.mark.parametrize(
    "looks",
    [
        {"st_file_attributes": 0x400000},
        {"st_file_attributes": 0x1000 | 0x20},
        {"st_flags": 0x40000000},
    ],
)
def test_a_placeholder_of_a_cloud_drive_is_not_opened(looks: dict[str, int]) -> None:
    there = SimpleNamespace(st_mode=stat.S_IFREG, st_size=5, st_mtime_ns=1, **looks)
    judged = scanner.judge("report.pdf", there, RULES)  # type: ignore[arg-type]  # as on other systems
    assert judged.outcome is Outcome.ONLINE_ONLY


def test_patterns_leave_out_what_gitignore_would(tmp_path: Path) -> None:
    make(
        tmp_path, "a.txt", "a.log", "drafts/b.txt", "x/drafts/c.txt", "x/keep.log", "build.txt/d.md"
    )
    rules = replace(RULES, patterns=("*.log", "!keep.log", "/drafts/", "build.txt/"))
    assert names(tmp_path, rules=rules) == {"a.txt", "x/drafts/c.txt", "x/keep.log"}


def test_patterns_of_a_folder_hold_for_that_root_only(tmp_path: Path) -> None:
    make(tmp_path, "one/a.md", "one/b.txt", "two/a.md")
    one, two = tmp_path / "one", tmp_path / "two"
    rules = replace(RULES, folder_patterns=((str(one), ("*.md",)),))
    assert names(tmp_path, [one, two], rules) == {"one/b.txt", "two/a.md"}


def test_a_file_of_patterns_holds_beneath_its_folder_and_has_the_last_word(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "sub/a.md", "sub/b.txt", "sub/deep/c.txt")
    (tmp_path / "sub/.vextignore").write_text("# ours\n*.txt\n!a.md\n")
    rules = replace(RULES, patterns=("*.md",))
    assert names(tmp_path, rules=rules) == {"sub/a.md"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_the_patterns_holds_up_nothing(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    os.mkfifo(tmp_path / ".vextignore")
    assert names(tmp_path) == {"a.txt"}


def test_a_line_that_is_no_pattern_leaves_out_nothing(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b.log")
    assert names(tmp_path, rules=replace(RULES, patterns=("!", "*.log"))) == {"a.txt"}
    assert bad_lines(["!", "*.log", ""]) == ("!",)


def on_another_device(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    looks = os.stat

    def stat_there(path: object, **options: bool) -> object:
        found = looks(path, **options)  # type: ignore[call-overload]
        if str(path).endswith(name):
            values = list(found)
            values[stat.ST_DEV] += 1
            return os.stat_result(values)
        return found

    monkeypatch.setattr(os, "stat", stat_there)


def test_a_drive_within_a_folder_is_left_out_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.txt", "drive/b.txt")
    on_another_device(monkeypatch, "drive")
    assert names(tmp_path) == {"a.txt", "drive/b.txt"}
    assert names(tmp_path, rules=replace(RULES, one_file_system=True)) == {"a.txt"}


def test_what_the_kernel_makes_up_is_never_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.txt", "proc/b.txt")
    on_another_device(monkeypatch, "proc")
    monkeypatch.setattr(MountTable, "kind_of", lambda self, path: "proc")
    assert names(tmp_path) == {"a.txt"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this table")
def test_the_table_of_mounts_knows_on_what_a_folder_lies(tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    table.write_text("/dev/sda1 / ext4 rw 0 0\nnas:/x /mnt/my\\040nas nfs4 rw 0 0\n")
    mounts = MountTable(table)
    assert mounts.kind_of("/home/me") == "ext4"
    assert mounts.is_remote("/mnt/my nas/docs")
    assert not mounts.is_remote("/mnt/my")

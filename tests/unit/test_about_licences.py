"""Which packages are listed, with what licence, from a build's folder or from the metadata."""

import sys
from pathlib import Path

import pytest

from vext_desktop.about.licences import read_licences, shipped_licences
from vext_desktop.errors import VextError


def make_package(
    place: Path,
    name: str,
    *headers: str,
    requires: tuple[str, ...] = (),
    text: str = "",
) -> None:
    folder = place / f"{name.replace('-', '_')}-1.2.dist-info"
    (folder / "licenses").mkdir(parents=True)
    lines = [f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.2", *headers]
    lines += [f"Requires-Dist: {each}" for each in requires]
    (folder / "METADATA").write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    if text:
        (folder / "licenses" / "LICENSE").write_text(text, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that are found in place of the installed ones."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def test_what_the_program_needs_is_listed_step_by_step_and_nothing_else(site: Path) -> None:
    needed = ("Alpha-One>=1,<2", 'delta; extra == "torch"', 'pytest; extra == "test"')
    make_package(site, "vext-desktop", requires=needed)
    make_package(site, "alpha-one", requires=("beta (>=2)", "missing"))
    make_package(site, "beta", requires=("alpha-one",))
    for name in ("delta", "pytest", "stray"):
        make_package(site, name)
    names = [package.name for package in read_licences()]
    assert names == ["alpha-one", "beta", "delta", "vext-desktop"]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (("License-Expression: MIT", "License: something else"), "MIT"),
        (("License: BSD-3-Clause",), "BSD-3-Clause"),
        (("License: " + "a whole licence " * 20, "Classifier: License :: OSI Approved :: X"), "X"),
        (("Classifier: License :: OSI Approved :: MIT License",), "MIT License"),
        ((), ""),
    ],
)
def test_a_licence_is_named_in_a_few_words(
    site: Path, headers: tuple[str, ...], words: str
) -> None:
    make_package(site, "vext-desktop", *headers)
    (package,) = read_licences()
    assert (package.version, package.licence) == ("1.2", words)


def test_the_text_of_a_licence_is_read_and_its_absence_is_told(site: Path) -> None:
    make_package(site, "vext-desktop", requires=("bare",), text="Permission is granted")
    make_package(site, "bare", "License: MIT")
    bare, program = read_licences()
    assert program.read() == "Permission is granted"
    assert (
        bare.read() == "bare has brought no text of its licence with it. It names its licence: MIT."
    )


def test_an_installed_program_lists_what_its_build_wrote_down(tmp_path: Path) -> None:
    table = "component,version,licence,home\nQt,6.11,LGPL-3.0-only,https://qt.io\nlibx,1,,\n"
    (tmp_path / "licences.csv").write_text(table, encoding="utf-8")
    (tmp_path / "Qt").mkdir()
    (tmp_path / "Qt" / "LGPL.txt").write_text("the long text", encoding="utf-8")
    libx, qt = read_licences(tmp_path)
    assert (qt.name, qt.version, qt.licence, qt.read()) == (
        "Qt", "6.11", "LGPL-3.0-only", "the long text",
    )  # fmt: skip
    assert libx.files == ()


def test_a_build_without_its_table_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(VextError, match="list of licences cannot be read"):
        read_licences(tmp_path)


def test_only_an_installed_program_has_a_folder_of_licences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shipped_licences() is None
    (tmp_path / "licences").mkdir()
    (tmp_path / "licences" / "licences.csv").touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "vext-desktop"))
    assert shipped_licences() == tmp_path / "licences"

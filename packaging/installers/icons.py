"""The program's icon as each system wants it, drawn from its one SVG."""

import os
import struct
import subprocess
from pathlib import Path

from installers.places import BUILD, NAME, ROOT

ICONS = BUILD / "icons"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
_SOURCE = ROOT / "resources" / "icons" / f"{NAME}.svg"
_ICO_SIZES = (16, 24, 32, 48, 64, 256)
# Apple's four letters for each size of PNG.
_ICNS_KINDS = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09"}

# Runs in the workshop, which has Qt; arguments: the SVG, the folder, the sizes.
_DRAW = """
import sys
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
source, folder, *sizes = sys.argv[1:]
app = QGuiApplication([])
drawing = QSvgRenderer(source)
assert drawing.isValid(), source
for size in map(int, sizes):
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing.render(painter)
    painter.end()
    assert image.save(f"{folder}/{size}.png")
"""


def draw_icons(python: Path) -> None:
    """Draw the icon in all sizes, and as .ico and .icns, into `ICONS`.

    Args:
        python: One that has Qt.
    """
    ICONS.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [str(python), "-c", _DRAW, str(_SOURCE), str(ICONS), *map(str, SIZES)],
        check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    pictures = {size: (ICONS / f"{size}.png").read_bytes() for size in SIZES}
    (ICONS / f"{NAME}.ico").write_bytes(_as_ico(pictures))
    (ICONS / f"{NAME}.icns").write_bytes(_as_icns(pictures))
    (ICONS / f"{NAME}.svg").write_bytes(_SOURCE.read_bytes())


def _as_ico(pictures: dict[int, bytes]) -> bytes:
    """Windows: a table of places, then the PNGs; 0 means 256 in it."""
    chosen = {size: pictures[size] for size in _ICO_SIZES}
    place = 6 + 16 * len(chosen)
    table = struct.pack("<HHH", 0, 1, len(chosen))
    for size, picture in chosen.items():
        table += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), place)
        place += len(picture)
    return table + b"".join(chosen.values())


def _as_icns(pictures: dict[int, bytes]) -> bytes:
    """macOS: parts of a name, a length and a PNG each."""
    parts = [
        kind + struct.pack(">I", 8 + len(pictures[size])) + pictures[size]
        for size, kind in _ICNS_KINDS.items()
    ]
    body = b"".join(parts)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body

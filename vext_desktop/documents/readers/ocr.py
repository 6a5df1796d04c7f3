"""The text in scanned pages, read by Tesseract if it is installed (https://tesseract-ocr.github.io)."""

import os
import shutil
import subprocess

import pypdfium2  # type: ignore[import-untyped]  # it ships no types

from vext_desktop.documents.section import ReadFailure
from vext_desktop.outcomes import Outcome

# What Tesseract is made for; smaller letters get lost, more pixels only cost time.
_DOTS_PER_INCH = 300
_POINTS_PER_INCH = 72
# A large plan is read more coarsely: one byte a pixel.
_MOST_PIXELS = 25_000_000
# Below the limit for one step of reading, so that the page is given up and not the process.
_PAGE_LIMIT_S = 20.0
_PROGRAM = "tesseract"
_FAILED_LANGUAGE = "Failed loading language"


class PageOcr:
    """Reads pages as pictures.

    Args:
        languages: As Tesseract names them: "eng+deu".

    Raises:
        ReadFailure: NO_TEXT_LAYER, when Tesseract is not there.
    """

    def __init__(self, languages: str) -> None:
        found = shutil.which(_PROGRAM)
        if found is None:
            raise ReadFailure(
                Outcome.NO_TEXT_LAYER,
                "Its pages are pictures without text, and Tesseract, which could read them, is "
                "not installed.",
            )
        self._command = [found, "stdin", "stdout", "-l", languages]

    def text_of(self, page: pypdfium2.PdfPage) -> str:
        """The text in a page; empty if there is none, or if it takes too long.

        Raises:
            ReadFailure: NO_TEXT_LAYER, when a language is not installed.
        """
        try:
            run = subprocess.run(  # noqa: S603 - a program of the user's, no shell
                self._command,
                input=picture_of(page),
                capture_output=True,
                timeout=_PAGE_LIMIT_S,
                check=False,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except (subprocess.TimeoutExpired, OSError):
            return ""
        complaint = run.stderr.decode("utf-8", "replace")
        if run.returncode and _FAILED_LANGUAGE in complaint:
            languages = self._command[-1]
            raise ReadFailure(
                Outcome.NO_TEXT_LAYER,
                f"Its pages are pictures without text, and Tesseract has not all of the languages "
                f"in the settings ({languages}).",
            )
        return run.stdout.decode("utf-8", "replace").replace("\f", "").strip()


def picture_of(page: pypdfium2.PdfPage) -> bytes:
    """A page as a picture in shades of grey (PGM)."""
    width, height = page.get_size()
    scale = _DOTS_PER_INCH / _POINTS_PER_INCH
    pixels = max(1.0, width * height * scale * scale)
    bitmap = page.render(scale=scale * min(1.0, (_MOST_PIXELS / pixels) ** 0.5), grayscale=True)
    try:
        rows = memoryview(bitmap.buffer).cast("B")
        lines = (
            rows[row * bitmap.stride : row * bitmap.stride + bitmap.width]
            for row in range(bitmap.height)
        )
        return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(lines)
    finally:
        bitmap.close()

"""The settings of how files are read: what a file may hold, and what reading it may take."""

from typing import Literal

from vext_desktop.settings.declaration import Group, setting
from vext_desktop.settings.service import ServiceSettings


class ReadingSettings(ServiceSettings):
    """What is chosen of reading; a part of `Settings`."""

    max_file_mb: int = setting(
        100,
        "Largest file that is read, in MB",
        "A larger one is listed as set aside, with this reason.",
        group=Group.FILES,
        ge=1,
        le=1_000_000,
    )
    max_pages: int = setting(10_000, "Pages read of one document, at most", group=Group.FILES, ge=1)
    max_characters: int = setting(
        20_000_000, "Characters read of one file, at most", group=Group.FILES, ge=1000
    )
    max_expansion: int = setting(
        200,
        "How many times its size an archive may unpack to",
        "Office files and e-books are archives; one that unpacks to more is set aside.",
        group=Group.FILES,
        ge=10,
        le=100_000,
    )
    max_members: int = setting(
        20_000, "Files in one archive, at most", group=Group.FILES, ge=100, le=10_000_000
    )
    max_depth: int = setting(
        10, "Messages within messages that are followed, at most", group=Group.FILES, ge=0, le=100
    )
    reader_timeout_s: float = setting(
        30.0,
        "Time limit for one step of reading a file, in s",
        "A file that takes longer is set aside.",
        gt=0,
        le=3600,
    )
    reader_memory_mb: int = setting(
        1500,
        "Memory limit of the reader, in MB",
        "A file that needs more is set aside.",
        ge=200,
    )
    ocr: Literal["off", "tesseract"] = setting(
        "off",
        "Read the text in scanned pages (tesseract: by the program of that name)",
        "Tesseract has to be installed on this computer. A page takes it seconds.",
        group=Group.FILES,
    )
    ocr_languages: str = setting(
        "eng",
        "Languages of scanned pages",
        "As Tesseract names them, joined with plus signs: eng+deu. Each must be installed.",
        group=Group.FILES,
        pattern=r"^[A-Za-z_/]{2,40}(\+[A-Za-z_/]{2,40}){0,9}$",
    )

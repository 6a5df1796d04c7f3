"""What reading a file takes at most in the reader process, said before it is opened there.

Measured on made files of 1 to 60 MB, as the rise of the reader's high-water mark: text and
Markdown 3 MB whatever their size; DOCX 6 MB for 40 MB unpacked; PDF 45 MB for 3000 pages of text
in 12 MB; HTML 3.8 to 4.5 times its size as prose, 23 times where every third word has its tag.
As times the size of the file: XLSX 2 to 4 (its shared texts), XLS 7, RTF 1.3, mails 9, MHTML 9,
notebooks 2 to 12; slides, OpenDocument, CSV, subtitles a few MB; mailboxes as their largest mail.
"""

from pathlib import Path

from vext_desktop.documents.formats import reader_name

# What a stream holds, whatever its size.
_STREAM_BYTES = 20_000_000
# Bytes of memory for each byte of file, on top of that.
_BYTES_PER_BYTE = {
    "html": 4.0, "pdf": 4.0, "docx": 0.5, "pptx": 0.5, "odf": 0.5, "epub": 1.0, "xlsx": 4.0,
    "xls": 8.0, "rtf": 1.5, "mail": 9.0, "mhtml": 9.0, "mbox": 9.0, "msg": 2.0, "notebook": 12.0,
}  # fmt: skip
# Few providers let a mail be larger; of a mailbox, only one mail is in memory.
_LARGEST_MAIL_BYTES = 25_000_000
# A page of HTML is a tree in memory: an element and its text take this for each "<".
_BYTES_PER_TAG = 160
_SAMPLE_BYTES = 1 << 16
# Where nothing can be looked at: more tags for each byte than real pages have.
_MOST_TAGS_PER_BYTE = 0.15


def estimate_memory(path: Path, size_bytes: int) -> int:
    """About how many bytes reading takes at most, by kind, size, and tags in HTML.

    Args:
        path: The file; its name tells its kind. Of HTML a few samples are looked at.
        size_bytes: Its size.
    """
    name = reader_name(path) or ""
    bytes_per_byte = _BYTES_PER_BYTE.get(name, 0.0)
    if name == "html":
        bytes_per_byte += _BYTES_PER_TAG * _tags_per_byte(path, size_bytes)
    if name == "mbox":
        size_bytes = min(size_bytes, _LARGEST_MAIL_BYTES)
    return _STREAM_BYTES + round(size_bytes * bytes_per_byte)


def _tags_per_byte(path: Path, size_bytes: int) -> float:
    """The highest density of "<" at the beginning, in the middle and at the end."""
    densities = []
    try:
        with path.open("rb") as file:
            for place in (0, size_bytes // 2, size_bytes - _SAMPLE_BYTES):
                file.seek(max(0, place))
                sample = file.read(_SAMPLE_BYTES)
                densities.append(sample.count(b"<") / max(1, len(sample)))
    except OSError:  # the reader will say what is the matter with it
        return _MOST_TAGS_PER_BYTE
    return max(densities)

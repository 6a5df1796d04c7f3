"""What stands on a page of a PDF beside its text: comments, and what was filled into forms."""

import ctypes

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # it ships no types

_MOST_NOTES = 1000
_LONGEST_NOTE_BYTES = 200_000
_SILENT = frozenset({pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP})
# The names of a ticked or empty box are no text.
_STATES = frozenset({"Off", "On", "Yes", "No"})


def page_notes(page: pypdfium2.PdfPage, text: str) -> list[str]:
    """Comments and filled-in fields of a page that are not in its text.

    Args:
        page: The page.
        text: Its text.
    """
    notes: list[str] = []
    for place in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_NOTES)):
        annotation = pdfium.FPDFPage_GetAnnot(page, place)
        if not annotation:
            continue
        try:
            note = _note(annotation)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
        if note and note not in text and note not in notes:
            notes.append(note)
    return notes


def attachment_names(pdf: pypdfium2.PdfDocument) -> list[str]:
    """The names of the files that lie in a PDF."""
    names: list[str] = []
    for place in range(min(pdf.count_attachments(), _MOST_NOTES)):
        try:
            names.append(str(pdf.get_attachment(place).get_name()))
        except pypdfium2.PdfiumError:
            continue
    return [name for name in names if name.strip()]


def _note(annotation: object) -> str:
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    if kind in _SILENT:
        return ""
    key = b"V" if kind == pdfium.FPDF_ANNOT_WIDGET else b"Contents"
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if not 2 < size <= _LONGEST_NOTE_BYTES:
        return ""
    buffer = ctypes.create_string_buffer(size)
    wide = ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR))
    pdfium.FPDFAnnot_GetStringValue(annotation, key, wide, size)
    note = buffer.raw.decode("utf-16-le", "replace").rstrip("\0").replace("\r", "\n").strip()
    return "" if note in _STATES else note

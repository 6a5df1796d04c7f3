"""Slides, workbooks and other packages that the tests make for themselves."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    f'xmlns:r="{_TYPES}"'
)
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def package(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """Write a ZIP file of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def relations(*named: tuple[str, str, str]) -> str:
    """A part of relations: id, kind and target of each."""
    listed = "".join(
        f'<Relationship Id="{name}" Type="{_TYPES}/{kind}" Target="{target}"/>'
        for name, kind, target in named
    )
    return f'<Relationships xmlns="{_RELATIONS}">{listed}</Relationships>'


def drawn(name: str, content: str) -> str:
    """A part in the language of shapes; its prefixes are a, p, c, xdr, mc and r."""
    return f"<{name} {_NAMESPACES}>{content}</{name}>"


def shape(text: str, role: str = "") -> str:
    """A shape with a line of text for each of the text's lines."""
    lines = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    holder = f'<p:nvPr><p:ph type="{role}"/></p:nvPr>' if role else ""
    return f"<p:sp><p:nvSpPr>{holder}</p:nvSpPr><p:txBody>{lines}</p:txBody></p:sp>"


def pptx(
    path: Path, slides: list[str], beside: Mapping[str, tuple[str, str]] | None = None
) -> Path:
    """Write a presentation, its slides stored in reverse order.

    Args:
        path: Where.
        slides: The XML inside the tree of shapes of each slide.
        beside: Parts of the first slide by name: the kind of relation and their XML.
    """
    count = len(slides)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("r", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": drawn(
            "p:presentation",
            "".join(f'<p:sldId id="{256 + place}" r:id="s{place}"/>' for place in range(count)),
        ),
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"s{place}", "slide", f"slides/slide{count - place}.xml") for place in range(count))
        ),
        f"ppt/slides/_rels/slide{count}.xml.rels": relations(
            *((f"b{kind}{name}", kind, f"../{name}") for name, (kind, _) in (beside or {}).items())
        ),
    }
    for place, content in enumerate(slides):
        parts[f"ppt/slides/slide{count - place}.xml"] = drawn("p:sld", content)
    for name, (_, content) in (beside or {}).items():
        parts[f"ppt/{name}"] = content
    return package(path, parts)


def xlsx(
    path: Path,
    sheets: Mapping[str, str],
    *,
    texts: str = "",
    styles: str = "",
    beside: Mapping[str, tuple[str, str]] | None = None,
) -> Path:
    """Write a workbook.

    Args:
        path: Where.
        sheets: By name, the XML inside each worksheet.
        texts: The XML of shared texts.
        styles: The XML inside the style sheet.
        beside: Parts of the first sheet by name: the kind of relation and their XML.
    """
    listed = "".join(
        f'<sheet name="{name}" sheetId="{place}" r:id="s{place}" state="{_state(name)}"/>'
        for place, name in enumerate(sheets)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("r", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_TYPES}">{listed}</workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            ("t", "sharedStrings", "sharedStrings.xml"),
            ("y", "styles", "styles.xml"),
            *(
                (f"s{place}", "worksheet", f"worksheets/s{place}.xml")
                for place in range(len(sheets))
            ),
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{_SHEET}">{texts}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}">{styles}</styleSheet>',
        "xl/worksheets/_rels/s0.xml.rels": relations(
            *((f"b{kind}", kind, f"../{name}") for name, (kind, _) in (beside or {}).items())
        ),
    }
    for place, content in enumerate(sheets.values()):
        parts[f"xl/worksheets/s{place}.xml"] = f'<worksheet xmlns="{_SHEET}">{content}</worksheet>'
    for name, (_, content) in (beside or {}).items():
        parts[f"xl/{name}"] = content
    return package(path, parts)


def _state(name: str) -> str:
    return "veryHidden" if name.startswith("hidden") else "visible"


def rows(*lines: list[str | float]) -> str:
    """The data of a sheet: texts are written into the cells, numbers as values."""
    written = []
    for number, cells in enumerate(lines, start=1):
        line = ""
        for place, cell in enumerate(cells):
            reference = f"{chr(65 + place)}{number}"
            if isinstance(cell, str):
                line += f'<c r="{reference}" t="inlineStr"><is><t>{cell}</t></is></c>'
            else:
                line += f'<c r="{reference}"><v>{cell}</v></c>'
        written.append(f'<row r="{number}">{line}</row>')
    return f"<sheetData>{''.join(written)}</sheetData>"

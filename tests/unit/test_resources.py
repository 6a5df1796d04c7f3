"""The files that are installed with the program, and what the samples promise."""

import importlib.resources

from vext_desktop.documents.formats import SUPPORTED_SUFFIXES

SAMPLES = importlib.resources.files("vext_desktop.resources") / "samples"


def test_icons_and_themes_are_found_as_resources() -> None:
    place = importlib.resources.files("vext_desktop.resources")
    assert (place / "icons" / "vext-desktop.svg").is_file()
    assert {"dark.json", "light.json"} <= {item.name for item in (place / "themes").iterdir()}


def test_the_samples_are_of_kinds_that_are_read() -> None:
    documents = [item for folder in SAMPLES.iterdir() for item in folder.iterdir()]
    suffixes = {"." + document.name.rpartition(".")[2] for document in documents}
    assert {".pdf", ".docx", ".html", ".md", ".txt", ".py"} == suffixes
    assert suffixes <= SUPPORTED_SUFFIXES
    assert len(documents) == 13

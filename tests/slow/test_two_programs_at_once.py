"""Two whole programs started on one data folder in the same moment, twenty times.

`RACES` in the environment chooses another number.
"""

import os
from pathlib import Path

import pytest
from kill_corpus import write_corpus
from kill_stage import Program, lend_prepared, read_content, resume

from vext_desktop.events import RunEnd
from vext_desktop.paths import Paths

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("expected_warnings")]

RACES = int(os.environ.get("RACES", "20"))
FILES = 5


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("races")
    documents = write_corpus(home / "documents", FILES)
    program = Program(home / "data", ["index", str(documents)], home)
    assert program.wait() == 0, program.output
    return home


@pytest.mark.parametrize("number", range(RACES))
def test_one_program_indexes_and_the_other_is_refused_with_a_sentence(
    number: int, indexed: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    # Half of the folders are new, so that both programs want to make what is in them.
    if number % 2:
        lend_prepared(Paths(indexed / "data").prepared_models, data_dir)
    programs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        words = ["index", str(indexed / "documents")]
        programs.append(Program(data_dir, words, tmp_path / name))
    codes = [program.wait() for program in programs]
    said = "\n".join(program.output for program in programs)
    # One may have come to its end before the other asked: then both have indexed.
    assert codes in ([0, 1], [1, 0], [0, 0]), said
    if 1 in codes:
        assert "error: Another Vext Desktop is using the data folder" in said
        assert "Traceback" not in said
    assert resume(data_dir, indexed / "documents") is RunEnd.FINISHED
    content, expected = read_content(data_dir), read_content(indexed / "data")
    assert (content.ranges, content.states) == (expected.ranges, expected.states)
    assert (content.doubled, content.orphans, content.leftovers) == (0, 0, 0)

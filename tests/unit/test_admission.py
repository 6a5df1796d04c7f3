"""A very large file is weighed before it is taken, and refused with figures and a choice."""

from pathlib import Path

import pytest
from fakes import FakeMonitor

from vext_desktop.documents.admission import estimate_memory
from vext_desktop.index.admission import Admission, NotAdmitted
from vext_desktop.memory.budget import Budget
from vext_desktop.outcomes import Outcome

MB = 1_000_000


def check(name: str, size_mb: int, *, limit_mb: int = 1200, reader_mb: int = 1500) -> None:
    def budget(_used_bytes: int) -> Budget:
        return Budget(limit_mb * MB, limit_mb * MB, f"your limit of {limit_mb} MB")

    admission = Admission(FakeMonitor(600), budget, reader_mb * MB)  # 600 MB are in use
    admission.check(Path(name), size_mb * MB)


def test_streams_take_little_whatever_their_size() -> None:
    assert estimate_memory(Path("a.txt"), 5_000 * MB) < 50 * MB
    assert estimate_memory(Path("a.md"), 5_000 * MB) == estimate_memory(Path("a.csv"), MB)


def test_mails_take_many_times_their_size_and_mailboxes_one_mail() -> None:
    assert estimate_memory(Path("a.eml"), 50 * MB) > 400 * MB
    assert estimate_memory(Path("a.mbox"), 5_000 * MB) < 300 * MB
    assert estimate_memory(Path("a.xlsx"), 10 * MB) < 100 * MB


def test_a_page_takes_many_times_its_size_by_the_tags_in_it(tmp_path: Path) -> None:
    prose, tags, none = (tmp_path / name for name in ("prose.html", "tags.htm", "none.html"))
    prose.write_text("<p>" + "Some words of a long story. " * 20_000)
    tags.write_text("A long plain beginning. " * 10_000 + "<p><b>one</b> <i>x</i></p>" * 10_000)
    size_bytes = tags.stat().st_size
    assert estimate_memory(prose, size_bytes) < 5 * size_bytes + 25 * MB
    assert estimate_memory(tags, size_bytes) > 25 * size_bytes
    assert estimate_memory(none, size_bytes) > 20 * size_bytes, "nothing could be looked at"


@pytest.mark.parametrize(("name", "size_mb"), [("a.txt", 5000), ("a.html", 15), ("a.pdf", 100)])
def test_a_file_that_fits_passes(name: str, size_mb: int) -> None:
    check(name, size_mb)


def test_a_file_over_the_rest_of_the_budget_is_refused_with_figures_and_a_choice() -> None:
    with pytest.raises(NotAdmitted) as refused:
        check("a.html", 30)
    assert refused.value.outcome is Outcome.MEMORY_LIMIT
    needed_mb = estimate_memory(Path("a.html"), 30 * MB) // MB
    assert f"about {needed_mb} MB of memory" in refused.value.reason
    assert "555 MB are left of your limit of 1200 MB" in refused.value.reason
    assert 'Choose "Read anyway"' in refused.value.reason


def test_a_file_over_the_limit_of_the_reader_is_refused_too() -> None:
    with pytest.raises(NotAdmitted, match="the reader may hold 300 MB"):
        check("a.html", 50, limit_mb=8000, reader_mb=300)


def test_a_file_that_is_read_anyway_widens_the_budget_until_the_next_one() -> None:
    usual = Budget(700 * MB, 500 * MB, "your limit of 700 MB")
    admission = Admission(FakeMonitor(600), lambda _used: usual, 300 * MB)
    allowed_bytes = admission.admit(Path("a.html"), 30 * MB)
    assert allowed_bytes > estimate_memory(Path("a.html"), 30 * MB)
    wide = admission.budget_now(600 * MB)
    assert wide.limit_bytes - usual.limit_bytes == wide.soft_bytes - usual.soft_bytes > 800 * MB
    admission.check(Path("a.txt"), MB)
    assert admission.budget_now(600 * MB) == usual


def test_small_files_are_not_even_compared() -> None:
    check("a.html", 1, limit_mb=1)

"""The budget: the user's limit, or a share of what the machine or the container has left."""

from pathlib import Path

import pytest

from vext_desktop.memory.budget import Available, Budget, measure_budget, read_available

MB = 1_000_000


def budget(available: Available, cap_mb: int = 1200, ours_mb: int = 500) -> Budget:
    return measure_budget(cap_mb * MB, 0.8, 0.75, ours_mb * MB, lambda: available)


def test_with_much_memory_left_the_user_s_limit_counts() -> None:
    assert budget(Available(8000 * MB)) == Budget(1200 * MB, 900 * MB, "your limit of 1.2 GB")


def test_with_little_left_a_share_of_what_others_leave_counts() -> None:
    found = budget(Available(500 * MB))
    assert found.limit_bytes == 800 * MB
    assert found.soft_bytes == 600 * MB
    assert found.owner == "80 % of the memory of this machine that others leave free"


def test_pages_that_our_processes_share_count_once_in_a_container() -> None:
    # 700 MB in our processes are 500 MB in the group, of whose 600 MB the share is 480 MB.
    found = budget(Available(8000 * MB, 100 * MB, 500 * MB), ours_mb=700)
    assert found.limit_bytes == 680 * MB


def test_our_own_growth_does_not_raise_the_limit_that_it_runs_into() -> None:
    limits = {budget(Available((900 - ours) * MB), ours_mb=ours).limit_bytes for ours in (300, 850)}
    assert limits == {720 * MB}


def test_a_container_that_has_less_left_than_the_machine_counts() -> None:
    found = budget(Available(8000 * MB, 100 * MB))
    assert found.limit_bytes == 480 * MB
    assert found.owner == "80 % of the memory of this container that others leave free"


def test_a_container_with_more_room_than_the_machine_is_not_blamed() -> None:
    found = budget(Available(100 * MB, 8000 * MB))
    assert found.owner == "80 % of the memory of this machine that others leave free"


def test_with_nothing_left_we_hold_too_much() -> None:
    assert budget(Available(8000 * MB, 0)).limit_bytes == 400 * MB


def write(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n", encoding="ascii")


def left_in_container(tmp_path: Path, cgroup: str) -> int | None:
    file = tmp_path / "cgroup"
    file.write_text(cgroup, encoding="ascii")
    return read_available(file, tmp_path / "fs").container_bytes


def test_a_version_2_limit_leaves_what_is_not_used_for_good(tmp_path: Path) -> None:
    write(
        tmp_path / "fs/app",
        memory__max=1000 * MB,
        memory__high="max",
        memory__current=700 * MB,
        memory__stat=f"anon {400 * MB}\ninactive_file {200 * MB}\nactive_file {100 * MB}",
    )
    assert left_in_container(tmp_path, "0::/app\n") == 500 * MB


def test_the_tightest_limit_on_the_way_to_the_root_counts(tmp_path: Path) -> None:
    write(tmp_path / "fs/slice", memory__max=600 * MB, memory__current=500 * MB)
    write(tmp_path / "fs/slice/app", memory__max="max", memory__current=100 * MB)
    assert left_in_container(tmp_path, "0::/slice/app\n") == 100 * MB


def test_the_line_at_which_the_kernel_slows_us_down_counts_as_a_limit(tmp_path: Path) -> None:
    write(
        tmp_path / "fs",
        memory__max=1000 * MB,
        memory__high=800 * MB,
        memory__current=700 * MB,
    )
    assert left_in_container(tmp_path, "0::/\n") == 100 * MB


def test_a_version_1_limit_is_read_from_its_own_mount(tmp_path: Path) -> None:
    write(
        tmp_path / "fs/memory/docker/abc",
        memory__limit_in_bytes=1000 * MB,
        memory__usage_in_bytes=900 * MB,
        memory__stat=f"cache 1\ntotal_inactive_file {50 * MB}",
    )
    lines = "9:name=systemd:/\n4:memory:/docker/abc\n3:cpu,cpuacct:/\n0::/\n"
    assert left_in_container(tmp_path, lines) == 150 * MB


def test_a_path_that_only_the_host_knows_falls_back_to_what_is_mounted(tmp_path: Path) -> None:
    write(
        tmp_path / "fs/memory",
        memory__limit_in_bytes=1000 * MB,
        memory__usage_in_bytes=900 * MB,
    )
    # A path above the mount is another group's, even where the folder exists.
    write(tmp_path / "docker", memory__limit_in_bytes=2 * MB, memory__usage_in_bytes=MB)
    assert left_in_container(tmp_path, "4:memory:/docker/abc\n") == 100 * MB
    assert left_in_container(tmp_path, "4:memory:/../../docker\n") == 100 * MB


def test_more_used_than_allowed_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path / "fs", memory__max=1000 * MB, memory__current=1100 * MB)
    assert left_in_container(tmp_path, "0::/\n") == 0


@pytest.mark.parametrize(
    "files",
    [
        {"memory__limit_in_bytes": 9223372036854771712, "memory__usage_in_bytes": MB},
        {"memory__limit_in_bytes": "max", "memory__usage_in_bytes": MB},
        {"memory__limit_in_bytes": 1000 * MB},
        {},
    ],
)
def test_no_limit_is_no_limit(files: dict[str, object], tmp_path: Path) -> None:
    write(tmp_path / "fs/memory", **files)
    assert left_in_container(tmp_path, "4:memory:/\n") is None


def test_without_control_groups_the_machine_alone_counts(tmp_path: Path) -> None:
    found = read_available(tmp_path / "missing", tmp_path)
    assert found.container_bytes is None
    assert found.machine_bytes > 0

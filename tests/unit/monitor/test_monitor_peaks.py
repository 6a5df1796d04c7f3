"""Peaks: the highest memory since a run began, also between two readings where it is known."""

import subprocess
import sys
from dataclasses import replace

import pytest
from memory_fakes import MB, FakeProbe, Sleeper

from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import create_probe
from vext_desktop.readings import ProcessRole

READER, WINDOW = ProcessRole.READER, ProcessRole.WINDOW

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's high-water mark")


def test_peaks_are_the_highest_since_the_reset() -> None:
    probe = FakeProbe()
    monitor = MemoryMonitor(probe)
    for rss_mb in (100, 300, 200):
        probe.reading = replace(probe.reading, rss_bytes=rss_mb * MB)
        monitor.read()
    assert monitor.peaks() == {
        "window": 300 * MB,
        "engine": 0,
        "reader": 0,
        "total": 300 * MB,
    }
    monitor.reset_peaks()
    assert monitor.peaks()["window"] == 200 * MB


def test_the_peak_of_the_total_is_that_of_one_moment() -> None:
    probe = FakeProbe()
    monitor = MemoryMonitor(probe)
    probe.reading = replace(probe.reading, rss_bytes=300 * MB)
    monitor.read()
    probe.reading = replace(probe.reading, rss_bytes=100 * MB)
    other = Sleeper()
    try:
        monitor.register(READER, other.pid, None)
        monitor.read()
        peaks = monitor.peaks()
        monitor.unregister(READER)
    finally:
        other.close()
    assert 0 < peaks["reader"] < 100 * MB
    assert peaks["total"] == 300 * MB


SPIKE = """
import sys
ballast = bytearray(b"x") * 80_000_000
del ballast
print("calm", flush=True)
sys.stdin.readline()
ballast = bytearray(b"x") * 140_000_000
del ballast
print("calm", flush=True)
sys.stdin.readline()
"""


@linux_only
def test_the_kernel_remembers_a_peak_between_two_readings_but_not_one_before_the_reset() -> None:
    monitor = MemoryMonitor(create_probe(WINDOW))
    with subprocess.Popen(
        [sys.executable, "-c", SPIKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        monitor.register(READER, process.pid, None)
        assert monitor.peaks()["reader"] > 80 * MB
        monitor.reset_peaks()
        assert monitor.peaks()["reader"] < 60 * MB
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
        monitor.unregister(READER)
        process.stdin.close()
    assert monitor.peaks()["reader"] > 140 * MB, "the peak of one that has ended counts too"

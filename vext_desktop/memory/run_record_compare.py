"""Two recorded runs side by side: which figures differ, by how much, and under what conditions."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vext_desktop.events import BatchSizeChanged, ChildDied, CleanupFinished, MemoryWarned
from vext_desktop.memory.mark_writer import MEASURE_NAMES
from vext_desktop.memory.run_engine import describe_engine
from vext_desktop.memory.run_record import RunTimeline
from vext_desktop.memory.run_record_levels import Growth, growths_of, levels_of
from vext_desktop.readings import format_bytes

# A difference below this share is not worth a word in the sentence.
_NOTABLE_SHARE = 0.05
# A run of one batch may be over in the time that another takes to write its rows.
_FEWEST_FOR_SPEED = 10


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of both runs; None where a run does not have it.

    Attributes:
        group: Under which heading it stands.
        name: What it is.
        unit: "MB", "MB per 100 batches", "texts/s", "s" or "" for counts.
        first: Of the first run.
        second: Of the second run.
    """

    group: str
    name: str
    unit: str
    first: float | None
    second: float | None

    @property
    def difference(self) -> float | None:
        """The second less the first."""
        if self.first is None or self.second is None:
            return None
        return self.second - self.first

    @property
    def per_cent(self) -> float | None:
        """The difference as a share of the first, in per cent; None for a slope or from 0."""
        if self.difference is None or not self.first or self.unit == "MB per 100 batches":
            return None
        return 100 * self.difference / self.first

    def show(self, value: float | None, *, signed: bool = False) -> str:
        """A value of this figure for people, without its unit; "" where there is none."""
        if value is None:
            return ""
        places = {"": 0, "MB per 100 batches": 2}.get(self.unit, 1)
        # Adding 0 makes a plain zero of what rounds to -0.
        return f"{round(value, places) + 0.0:{'+' if signed else ''}.{places}f}"

    @property
    def difference_text(self) -> str:
        """The difference with its sign and, where it means something, in per cent."""
        share = "" if self.per_cent is None else f" ({round(self.per_cent) + 0.0:+.0f} %)"
        return self.show(self.difference, signed=True) + share


@dataclass(frozen=True, slots=True)
class ComparedText:
    """A condition or a verdict that differs between the runs."""

    group: str
    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class RunComparison:
    """What a comparison found.

    Attributes:
        first: One run.
        second: The other one.
        figures: All figures that at least one of them has.
        texts: Settings, versions, machine and verdicts, as far as they differ.
    """

    first: RunTimeline
    second: RunTimeline
    figures: tuple[ComparedFigure, ...]
    texts: tuple[ComparedText, ...]

    @property
    def sentence(self) -> str:
        """The main differences in a sentence."""
        parts = []
        is_short = self._is_too_short
        for figure in self.figures:
            share = figure.per_cent
            if is_short and figure.unit == "texts/s":
                continue
            if figure.name in _IN_SENTENCE and share is not None:
                word = "as high in its peak of memory" if figure.unit == "MB" else "as fast"
                if abs(share) >= 100 * _NOTABLE_SHARE:
                    word = _IN_SENTENCE[figure.name][share > 0]
                    parts.append(f"{abs(share):.0f} % {word}")
                else:
                    parts.append(f"{word} (within {100 * _NOTABLE_SHARE:.0f} %)")
        conditions = [text for text in self.texts if text.group != "Verdict"]
        under = "under the same settings and versions" if not conditions else (
            f"with {len(conditions)} settings, versions or the like that differ"
            if len(conditions) > 1
            else f"with one condition that differs: {conditions[0].name}"
        )  # fmt: skip
        done = f"The second run was {' and '.join(parts)}, " if parts else "Two runs, "
        caution = " A run this short says nothing of speed." if is_short else ""
        return f"{done}{under}.{caution}"

    @property
    def _is_too_short(self) -> bool:
        shortest = min(self.first.heading.batches, self.second.heading.batches)
        return shortest < _FEWEST_FOR_SPEED


# The words for less and for more of each figure.
_IN_SENTENCE = {
    "RSS of all, highest": ("lower in its peak of memory", "higher in its peak of memory"),
    "Texts per second": ("slower", "faster"),
}


def compare_runs(first: RunTimeline, second: RunTimeline) -> RunComparison:
    """Compare two runs, figure by figure."""
    figures = [
        *_pair("Speed", _speeds(first), _speeds(second)),
        *_pair("Highest memory", _levels(first, "peak_mb"), _levels(second, "peak_mb")),
        *_pair("Settled memory", _levels(first, "settled_mb"), _levels(second, "settled_mb")),
        *_pair("Growth of memory in use", _slopes(first), _slopes(second)),
        *_pair("Events", _events(first), _events(second)),
    ]
    texts = [
        *_differing("Verdict", _verdicts(first), _verdicts(second)),
        *_differing("Engine", _engine(first), _engine(second)),
        *_differing("Settings", first.context.settings, second.context.settings),
        *_differing("Versions", first.context.versions, second.context.versions),
        *_differing("Machine", _machine(first), _machine(second)),
    ]
    return RunComparison(first, second, tuple(figures), tuple(texts))


Figures = Mapping[tuple[str, str], float]


def _pair(group: str, first: Figures, second: Figures) -> Iterator[ComparedFigure]:
    for name, unit in dict.fromkeys((*first, *second)):
        key = (name, unit)
        yield ComparedFigure(group, name, unit, first.get(key), second.get(key))


def _speeds(timeline: RunTimeline) -> Figures:
    heading = timeline.heading
    return {
        ("Texts per second", "texts/s"): heading.chunks_per_second,
        ("Duration", "s"): heading.seconds,
        ("Batches", ""): heading.batches,
        ("Texts", ""): heading.chunks,
    }


def _levels(timeline: RunTimeline, which: str) -> Figures:
    end = "highest" if which == "peak_mb" else "settled"
    found = {}
    for level in levels_of(timeline):
        who = "all" if level.line == "total" else f"the {level.line}"
        value = getattr(level, which)
        if not math.isnan(value):
            name = MEASURE_NAMES[level.measure]
            found[f"{name[0].upper()}{name[1:]} of {who}, {end}", "MB"] = value
    return found


def _slopes(timeline: RunTimeline) -> Figures:
    return {
        (growth.label.capitalize(), "MB per 100 batches"): growth.slope
        for growth in growths_of(timeline)
        if growth.slope is not None
    }


def _events(timeline: RunTimeline) -> Figures:
    cleanups = [event.receipt for _, event in timeline.of(CleanupFinished)]
    left_out = timeline.left_out

    def count(kind: type, kept: int) -> int:
        return kept + left_out.get(kind.__name__, 0)

    return {
        ("Cleanups and reloads", ""): count(CleanupFinished, len(cleanups)),
        ("Given back by them", "MB"): sum(each.returned_bytes for each in cleanups) / 1e6,
        ("Warnings", ""): count(MemoryWarned, len(timeline.of(MemoryWarned))),
        ("Changes of the batch size", ""): count(
            BatchSizeChanged, len(timeline.of(BatchSizeChanged))
        ),
        ("Processes that ended unexpectedly", ""): count(ChildDied, len(timeline.of(ChildDied))),
    }


def _verdicts(timeline: RunTimeline) -> dict[str, str]:
    return {
        "Memory in use": timeline.heading.verdict,
        **{each.label.capitalize(): _verdict_word(each) for each in growths_of(timeline)},
    }


def _verdict_word(growth: Growth) -> str:
    return growth.verdict or "not judged"


def _engine(timeline: RunTimeline) -> dict[str, str]:
    engine = describe_engine(timeline.summary)
    return {"at work": engine} if engine else {}


def _machine(timeline: RunTimeline) -> dict[str, str]:
    """Sizes rounded: the budget follows what is free, and so differs by a little always."""
    machine = {name: str(value) for name, value in timeline.context.machine.items()}
    if timeline.context.budget_bytes is not None:
        machine["budget"] = format_bytes(timeline.context.budget_bytes)
    if "memory_bytes" in machine:
        machine["memory"] = format_bytes(int(machine.pop("memory_bytes")))
    return machine


def _differing(
    group: str, first: Mapping[str, object], second: Mapping[str, object]
) -> Iterator[ComparedText]:
    for name in dict.fromkeys((*first, *second)):
        one, other = first.get(name), second.get(name)
        if one != other:
            yield ComparedText(group, name.replace("_", " "), _shown(one), _shown(other))


def _shown(value: object) -> str:
    if value is None:
        return "not there"
    return str(value) if value != "" else "(empty)"

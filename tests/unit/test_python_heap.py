"""Python's own heap: counted exactly now and then, and weighed in between."""

from vext_desktop.memory.python_heap import MEAN_BLOCK_BYTES, PymallocUse, PythonHeap


def test_between_exact_counts_blocks_are_weighed_by_the_last_one() -> None:
    now, blocks, exact = [0.0], [1000], [90_000]
    asked = []

    def count_exactly() -> PymallocUse:
        asked.append(now[0])
        return PymallocUse(exact[0], 2 * exact[0])

    heap = PythonHeap(count_exactly, lambda: blocks[0], lambda: now[0], float)
    assert heap.arenas_bytes is None
    assert heap.in_use_bytes() == 90_000
    now[0], blocks[0], exact[0] = 0.5, 1100, 300_000
    assert heap.in_use_bytes() == 99_000
    assert heap.arenas_bytes == 180_000
    now[0] = 1.0
    assert heap.in_use_bytes() == 300_000
    now[0], exact[0] = 1.1, 310_000
    assert heap.in_use_bytes(exactly=True) == 310_000
    assert asked == [0.0, 1.0, 1.1]


def test_a_costly_exact_count_is_repeated_as_seldom_as_it_takes_a_twentieth_of_a_percent() -> None:
    now, spent, asked = [0.0], [0.0], []

    def count_exactly() -> PymallocUse:
        asked.append(now[0])
        spent[0] += 0.001
        return PymallocUse(90_000, 180_000)

    heap = PythonHeap(count_exactly, lambda: 1000, lambda: now[0], lambda: spent[0])
    for tenth in range(41):
        now[0] = tenth / 10
        heap.in_use_bytes()
    assert asked == [0.0, 2.0, 4.0]


def test_where_the_allocator_cannot_be_asked_blocks_count_with_their_measured_mean() -> None:
    assert PythonHeap(None, lambda: 1000).in_use_bytes() == 1000 * MEAN_BLOCK_BYTES
    assert PythonHeap(lambda: None, lambda: 1000).in_use_bytes() == 1000 * MEAN_BLOCK_BYTES


def test_a_costly_count_is_repeated_as_seldom_as_it_takes_a_tenth_of_a_percent() -> None:
    now, spent, blocks = [0.0], [0.0], [1000]

    def count_blocks() -> int:
        spent[0] += 0.001
        return blocks[0]

    heap = PythonHeap(None, count_blocks, lambda: now[0], lambda: spent[0])
    assert heap.in_use_bytes() == 1000 * MEAN_BLOCK_BYTES
    now[0], blocks[0] = 0.99, 2000
    assert heap.in_use_bytes() == 1000 * MEAN_BLOCK_BYTES
    assert heap.in_use_bytes(exactly=True) == 2000 * MEAN_BLOCK_BYTES
    now[0], blocks[0] = 2.0, 3000
    assert heap.in_use_bytes() == 3000 * MEAN_BLOCK_BYTES

"""A question is asked on another thread, and has ended when its asker goes on."""

import threading

import pytest

from vext_desktop.index.beside import Beside


def test_the_asking_thread_goes_on_meanwhile() -> None:
    beside, read = Beside(), threading.Event()
    with beside.asking(lambda: read.wait(10)) as answer:
        read.set()  # would never be if the question were asked on this thread
        assert answer()
    beside.close()


def test_what_goes_wrong_is_told_to_who_waits_for_the_answer() -> None:
    beside = Beside()
    with (
        pytest.raises(ZeroDivisionError),
        beside.asking(lambda: 1 // 0) as answer,
    ):
        answer()
    with beside.asking(lambda: 7) as answer:
        assert answer() == 7
    beside.close()


def test_a_question_has_ended_when_its_asker_fails() -> None:
    beside, read = Beside(), threading.Event()
    ended = []

    def ask() -> None:
        read.wait(10)
        ended.append(True)

    def fail() -> None:
        with beside.asking(ask):
            read.set()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert ended == [True]
    beside.close()


def test_closing_ends_the_thread_and_is_harmless_a_second_time() -> None:
    beside = Beside()
    with beside.asking(threading.current_thread) as answer:
        thread = answer()
    assert thread is not threading.current_thread()
    beside.close()
    assert not thread.is_alive()
    beside.close()

"""Buckets on threads: every one in its turn, few at a time, and the same figures as on one thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from tests.transforms.kernels.books import tables_of
from tests.transforms.kernels.test_history import GOOD, PAID
from transforms.books.threads import on_threads
from transforms.kernels.book import HistoryRoom, histories, history_room
from transforms.kernels.book_tables import Book, book_from
from transforms.kernels.columns import day_number_of
from transforms.kernels.loan import Loan
from transforms.kernels.state import END, Norms

AS_OF = day_number_of(date(2025, 6, 30))


def test_results_come_in_the_order_of_the_buckets() -> None:
    second_is_done = threading.Event()

    def work(bucket: int, _: None) -> int:
        if bucket == 0:
            assert second_is_done.wait(timeout=30)
        elif bucket == 1:
            second_is_done.set()
        return bucket * 10

    assert list(on_threads(range(5), lambda: None, work)) == [0, 10, 20, 30, 40]


def test_no_more_buckets_are_held_than_there_are_threads() -> None:
    asked, done = [], []

    def buckets() -> Iterator[int]:
        for bucket in range(10):
            asked.append(bucket)
            yield bucket

    for bucket in on_threads(buckets(), lambda: None, lambda bucket, _: bucket, threads=3):
        done.append(bucket)
        assert len(asked) - len(done) <= 3


def test_each_thread_has_a_room_of_its_own() -> None:
    both = threading.Barrier(2, timeout=30)

    def work(_: int, room: list[int]) -> int:
        both.wait()
        return id(room)

    assert len(set(on_threads(range(2), list, work))) == 2


def test_an_error_is_raised_and_no_further_bucket_is_begun() -> None:
    begun = []

    def work(bucket: int, _: None) -> None:
        begun.append(bucket)
        raise ValueError(f"bucket {bucket}")

    with pytest.raises(ValueError, match="bucket 0"):
        list(on_threads(range(10), lambda: None, work))
    assert len(begun) <= 2


def test_two_threads_tell_what_one_tells() -> None:
    drawn = [Loan(f"L{place}", "INR", GOOD, PAID[: place % 3]) for place in range(40)]
    buckets = [book_from(*tables_of(drawn[first : first + 8])) for first in range(0, 40, 8)]

    def work(book: Book, room: HistoryRoom) -> list[object]:
        ends = np.zeros(len(book), END)
        made = [[part.to_pylist() for part in parts] for parts in histories(book, AS_OF, Norms(), ends, room)]
        return [made, ends.tolist()]

    found = list(on_threads(buckets, lambda: history_room(1_000), work))
    assert found == [work(book, history_room(1_000)) for book in buckets]

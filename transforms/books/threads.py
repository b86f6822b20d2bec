"""Buckets of a book on several threads: kernels free the GIL, so two threads use two cores.

Belongs here: who works on which bucket, in which room. Does not: what is done to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

THREADS = 2
Bucket = TypeVar("Bucket")
Room = TypeVar("Room")
Result = TypeVar("Result")


def on_threads(
    buckets: Iterable[Bucket],
    make_room: Callable[[], Room],
    work: Callable[[Bucket, Room], Result],
    threads: int = THREADS,
) -> Iterator[Result]:
    """work(bucket, room) of every bucket, in the order of the buckets.

    Each thread has one room, made by make_room and used again, so a result must not hold any of its bytes. Buckets are
    asked for one at a time, and no more than `threads` of them are held: memory does not grow with the book. The first
    error is raised in its bucket's turn, and no further bucket is begun.
    """
    rooms: SimpleQueue[Room] = SimpleQueue()
    for _ in range(threads):
        rooms.put(make_room())

    def worked(bucket: Bucket) -> Result:
        room = rooms.get()
        try:
            return work(bucket, room)
        finally:
            rooms.put(room)

    running: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for bucket in buckets:
            if len(running) == threads:
                yield running.popleft().result()
            running.append(pool.submit(worked, bucket))
        while running:
            yield running.popleft().result()

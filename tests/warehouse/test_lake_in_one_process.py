"""Readers, a writer and whoever only asks whether there is a lake, all threads of one process such as the API."""

from __future__ import annotations

import threading
from collections.abc import Callable

from warehouse.lake import Lake, with_patience


def test_asking_for_the_lake_does_not_disturb_its_writer(lake: Lake) -> None:
    with lake.open_writer("a first table") as writer:
        writer.execute("create table lake.gold.numbers as select 0 as n")
    stop, failed = threading.Event(), list[Exception]()

    def again_and_again(step: Callable[[], object]) -> None:
        while not stop.is_set():
            try:
                step()
            except Exception as error:
                failed.append(error)

    def read() -> None:
        reader = lake.open_reader(head=True)
        try:
            with_patience(lambda: reader.execute("select count(*) from lake.gold.numbers").fetchall())
        finally:
            reader.close()

    threads = [threading.Thread(target=again_and_again, args=[step]) for step in (lake.exists, lake.exists, read)]
    for thread in threads:
        thread.start()
    try:
        with lake.open_writer("many small commits") as writer:
            for _ in range(25):
                with_patience(lambda: writer.execute("insert into lake.gold.numbers values (1)"))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    reader = lake.open_reader(head=True)
    assert reader.execute("select count(*) from lake.gold.numbers").fetchall() == [(26,)]
    reader.close()

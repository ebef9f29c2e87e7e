"""Worker threads and processes: same results for any number, errors with the user's traceback, nobody left behind."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from tests.dataset.conftest import environment

import mycelium.dataset as ds
from mycelium.dataset import workers
from mycelium.dataset.workers import ProcessPool, ThreadPool, ordered


class Noisy:
    """A source whose rows draw from NumPy's and from Python's global generator."""

    def __init__(self, rows):
        self.table = np.arange(rows * 20_000.0).reshape(rows, -1)     # large enough to be shared

    def __len__(self):
        return len(self.table)

    def __getitem__(self, index):
        return self.table[index, :2] + np.random.rand(2), np.array(random.random())


def read(dataset):
    return [tuple(v.tolist() for v in row) for row in dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)]


def alive():
    return [worker for worker in workers._alive if worker.process.poll() is None]


@pytest.mark.parametrize("count, processes", [(2, True), (3, True), (2, False), (4, False)])
def test_rows_do_not_depend_on_the_workers(count, processes):
    one = read(ds.GeneratorDataset(Noisy(30), ["x", "y"], num_parallel_workers=1))
    many = ds.GeneratorDataset(Noisy(30), ["x", "y"], num_parallel_workers=count, python_multiprocessing=processes)
    assert read(many) == one
    assert len({tuple(x) for x, _ in one}) == 30
    ds.config.set_seed(2)
    assert read(many) != one


@pytest.mark.parametrize("options", [{"num_parallel_workers": 2}, {"num_parallel_workers": 2,
                                                                  "python_multiprocessing": True},
                                     {"num_parallel_workers": 1, "python_multiprocessing": True}])
def test_map_does_not_depend_on_the_workers(options):
    def jitter(x):
        return x + np.random.rand() + random.random()

    operations = [jitter, ds.transforms.RandomChoice([ds.transforms.Fill(3.0), lambda x: x])]
    plain = ds.NumpySlicesDataset(np.arange(40.0), "x").map(operations, num_parallel_workers=1)
    assert read(ds.NumpySlicesDataset(np.arange(40.0), "x").map(operations, **options)) == read(plain)


def test_per_batch_map_in_processes():
    def double(x, info):
        return ([v * 2 + info.get_batch_num() for v in x],)

    data = ds.NumpySlicesDataset(np.arange(6), "x", shuffle=False)
    data = data.batch(2, per_batch_map=double, num_parallel_workers=2, python_multiprocessing=True)
    assert read(data) == [([0, 2],), ([5, 7],), ([10, 12],)]


def test_epochs_and_repeats_in_processes():
    def plus(x):
        return x + 1

    data = ds.NumpySlicesDataset(np.arange(3), "x", shuffle=False)
    data = data.map(plus, python_multiprocessing=True, num_parallel_workers=2).repeat(2)
    iterator = data.create_tuple_iterator(num_epochs=2, output_numpy=True)
    assert [[int(r[0]) for r in iterator] for _ in range(2)] == [[1, 2, 3, 1, 2, 3]] * 2


@pytest.mark.parametrize("options", [{}, {"num_parallel_workers": 2},
                                     {"num_parallel_workers": 2, "python_multiprocessing": True}])
def test_an_error_keeps_the_rows_before_it_and_the_users_traceback(options):
    def fails_at_seven(x):
        if x == 7:
            raise ValueError("boom at 7")
        return x

    data = ds.NumpySlicesDataset(np.arange(20), "x", shuffle=False).map(fails_at_seven, **options)
    seen = []
    with pytest.raises(RuntimeError, match="ValueError: boom at 7") as caught:
        for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True):
            seen.append(int(row[0]))
    assert seen == list(range(7))
    assert "in fails_at_seven" in str(caught.value) and 'raise ValueError("boom at 7")' in str(caught.value)
    assert "An operation of map failed" in str(caught.value)


def test_a_process_that_dies_is_named():
    def dies(x):
        if x == 5:
            os._exit(3)
        return x

    data = ds.NumpySlicesDataset(np.arange(20), "x", shuffle=False)
    data = data.map(dies, num_parallel_workers=2, python_multiprocessing=True)
    with pytest.raises(RuntimeError, match="died with exit code 3"):
        read(data)


def test_what_cannot_be_sent_runs_in_threads(caplog):
    class Locked:
        def __init__(self):
            self.lock = threading.Lock()

        def __len__(self):
            return 4

        def __getitem__(self, index):
            with self.lock:
                return np.array(index)

    with caplog.at_level("WARNING", "mycelium"):
        data = ds.GeneratorDataset(Locked(), "x", num_parallel_workers=2, shuffle=False)
        assert read(data) == [(0,), (1,), (2,), (3,)]
    assert "runs in threads instead of worker processes" in caplog.text


def test_workers_stay_free_of_jax():
    def loaded(x):
        return np.array([name in sys.modules for name in ("jax", "mycelium.ops", "mycelium.dataset")])

    data = ds.NumpySlicesDataset(np.arange(2), "x", shuffle=False)
    data = data.map([loaded, ds.transforms.TypeCast(np.int8)], num_parallel_workers=2, python_multiprocessing=True)
    assert read(data) == [([0, 0, 1],)] * 2


def test_large_arrays_of_the_source_may_be_written_to():
    class Writes(Noisy):
        def __getitem__(self, index):
            self.table[index] = -1
            return self.table[index, :1], np.array(0)

    source = Writes(6)
    read(ds.GeneratorDataset(source, ["x", "y"], num_parallel_workers=2))
    assert source.table.min() == 0


def test_stopping_early_leaves_no_busy_process():
    def slow(x):
        time.sleep(0.01)
        return x

    data = ds.NumpySlicesDataset(np.arange(2000), "x").map(slow, num_parallel_workers=2, python_multiprocessing=True)
    iterator = data.create_tuple_iterator(num_epochs=1, output_numpy=True)
    next(iterator)
    running = alive()
    assert len(running) >= 2
    del iterator
    deadline = time.monotonic() + 10
    while len(alive()) > len(workers._idle) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(alive()) == len(workers._idle)


PROGRAM = """
import time
import numpy as np
import mycelium.dataset as ds
from mycelium.dataset import workers

def slow(x):
    time.sleep(0.05)
    return x

data = ds.NumpySlicesDataset(np.arange(100000), "x").map(slow, num_parallel_workers=2, python_multiprocessing=True)
for i, row in enumerate(data.create_tuple_iterator(num_epochs=1, output_numpy=True)):
    if i == 3:
        print(*(worker.process.pid for worker in workers._alive), flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_program(how):
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=environment())
    try:
        pids = [int(pid) for pid in program.stdout.readline().split()]
        assert len(pids) == 2
        program.send_signal(how)
        error = program.communicate(timeout=20)[1]
    finally:
        program.kill()
        program.communicate()
    assert how is not signal.SIGINT or "KeyboardInterrupt" in error
    deadline = time.monotonic() + 10
    while any(os.path.exists(f"/proc/{pid}") for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)


def test_a_script_without_a_main_guard_runs_once(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text("""
import numpy as np
import mycelium.dataset as ds

print("started")
scale = 3

def scaled(x):
    return x * scale

data = ds.NumpySlicesDataset([1, 2], "x", shuffle=False)
data = data.map(scaled, num_parallel_workers=2, python_multiprocessing=True)
print([int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)])
""")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment(), timeout=60)
    assert done.stdout.split("\n")[:2] == ["started", "[3, 6]"], done.stderr


def test_ordered_keeps_the_order_and_passes_errors_of_the_input():
    def chunk(rows):
        time.sleep(random.random() / 500)
        return [number * 10 for number, _ in rows], None, 0.0

    def rows():
        yield from ((i, ()) for i in range(50))
        raise KeyError("input")

    pool, seen = ThreadPool(4, chunk), []
    with pytest.raises(KeyError, match="input"):
        for result in ordered(pool, 4, rows()):
            seen.append(result)
    assert seen == [i * 10 for i in range(50)]
    pool.close()
    with pytest.raises(RuntimeError, match="has ended"):
        pool.submit([])


def test_an_unloadable_function_is_an_error_of_the_parent():
    class Explodes:
        def __reduce__(self):
            return (int, ("not a number",))

    with pytest.raises(RuntimeError, match="not a number"):
        ProcessPool(1, Explodes())

"""Iterators: epochs, Tensors at the edge, preparing ahead, and letting go."""

import gc
import threading
import time
import tracemalloc

import numpy as np
import pytest

import mycelium as ms
import mycelium.dataset as ds


def numbers(n=4, **options):
    options.setdefault("shuffle", False)
    return ds.NumpySlicesDataset(np.arange(n), "x", **options)


def threads():
    return [t for t in threading.enumerate() if t.name.startswith("dataset-")]


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def slow(x):
    time.sleep(0.002)
    return x


def test_tensors_at_the_edge():
    data = ds.NumpySlicesDataset({"a": np.arange(2, dtype=np.int16), "t": ["ab", "c"]}, shuffle=False)
    row = next(data.create_dict_iterator())
    assert isinstance(row["a"], ms.Tensor) and row["a"].dtype == ms.int16
    assert isinstance(row["t"], np.ndarray) and row["t"].item() == "ab"
    assert [type(v) for v in next(iter(data))] == [ms.Tensor, np.ndarray]


def test_len_only_where_it_is_known():
    assert len(numbers(5).batch(2)) == 3
    stream = ds.GeneratorDataset(lambda: iter([1, 2]), "x")
    with pytest.raises(TypeError, match="get_dataset_size"):
        len(stream)
    assert stream and len(list(stream)) == 2
    once = ds.GeneratorDataset(iter([1, 2, 3]), "x")
    assert len(list(once)) == 3


def test_beyond_the_last_epoch_is_an_error():
    iterator = numbers(1).create_dict_iterator(num_epochs=1)
    assert len(list(iterator)) == 1
    with pytest.raises(RuntimeError, match="All 1 epochs"):
        next(iterator)


def test_a_stopped_iterator_says_so():
    iterator = numbers().create_tuple_iterator()
    next(iterator)
    assert iterator.get_col_names() == ["x"]
    iterator.stop()
    with pytest.raises(RuntimeError, match="stopped"):
        next(iterator)


def test_rows_are_the_consumers_own():
    table = np.arange(6.0).reshape(3, 2)
    source = [(row,) for row in table]
    for data in (ds.NumpySlicesDataset(table, "x", shuffle=False), ds.GeneratorDataset(source, "x", shuffle=False)):
        for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True):
            row[0] += 100
    assert table.tolist() == np.arange(6.0).reshape(3, 2).tolist()


def test_a_map_function_may_write_to_its_argument():
    table = np.zeros((3, 2))

    def add(x):
        x += 1
        return x

    data = ds.GeneratorDataset([(row,) for row in table], "x", shuffle=False).map(add)
    assert all((row[0] == 1).all() for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True))
    assert not table.any()


def test_a_function_may_return_the_same_buffer_every_time():
    buffer = np.zeros(2)

    def fill(x):
        buffer[:] = x
        return buffer

    for data in (numbers().map(fill).batch(2), numbers().map(fill).shuffle(4).batch(4)):
        rows = [row[0] for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        assert sorted(np.concatenate(rows)[:, 0].tolist()) == [0, 1, 2, 3]
    rows = [row[0] for row in numbers().map(fill).create_tuple_iterator(num_epochs=1, output_numpy=True)]
    assert [r[0] for r in rows] == [0, 1, 2, 3]


def test_slow_rows_are_prepared_ahead_in_order():
    iterator = numbers(40).map(slow).create_tuple_iterator(num_epochs=1, output_numpy=True)
    seen = [int(next(iterator)[0]) for _ in range(6)]
    assert [t.name for t in threads()] == ["dataset-ahead"]
    seen += [int(row[0]) for row in iterator]
    assert seen == list(range(40))
    assert wait_for(lambda: not threads())


def test_preparing_ahead_stops_at_the_prefetch_size():
    made = []

    def count(x):
        made.append(1)
        return slow(x)

    ds.config.set_prefetch_size(4)
    try:
        iterator = numbers(100).map(count).create_tuple_iterator(num_epochs=1, output_numpy=True)
        for _ in range(6):
            next(iterator)
        assert wait_for(lambda: len(made) >= 10)
        time.sleep(0.05)
        assert len(made) <= 6 + 4 + 2
        iterator.stop()
        assert wait_for(lambda: not threads())
    finally:
        ds.config.set_prefetch_size(16)


def test_dropping_an_iterator_ends_its_thread():
    iterator = numbers(1000).map(slow, num_parallel_workers=3).create_tuple_iterator(num_epochs=1, output_numpy=True)
    for _ in range(8):
        next(iterator)
    assert threads()
    del iterator
    gc.collect()
    assert wait_for(lambda: not threads())


def test_an_error_made_ahead_comes_at_its_place():
    def fails(x):
        if x == 20:
            raise KeyError("twenty")
        return slow(x)

    seen = []
    with pytest.raises(RuntimeError, match="KeyError: 'twenty'"):
        for row in numbers(40).map(fails).create_tuple_iterator(num_epochs=1, output_numpy=True):
            seen.append(int(row[0]))
    assert seen == list(range(20))
    assert wait_for(lambda: not threads())


def test_a_source_that_draws_globally_keeps_in_step_with_its_consumer():
    def source():
        for _ in range(20):
            time.sleep(0.002)
            yield np.random.rand()

    def run():
        np.random.seed(3)
        pairs = []
        for row in ds.GeneratorDataset(source, "x").create_tuple_iterator(num_epochs=1, output_numpy=True):
            pairs.append((row[0].item(), np.random.rand()))
            assert not threads()
        return pairs

    assert run() == run()


def test_a_late_draw_hands_the_rows_back():
    def late(x):
        return x + np.random.rand()

    quiet = numbers(30).map(slow).map(lambda x: x * 1.0)
    data = quiet + numbers(30).map(late)

    def run():
        ds.config.set_seed(5)
        return [row[0].item() for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]

    first = run()
    assert first[:30] == list(range(30)) and len(first) == 60
    assert run() == first


def test_an_epoch_can_be_left_and_gone_on_with():
    iterator = numbers(6).create_tuple_iterator(num_epochs=2, output_numpy=True)
    for row in iterator:
        if row[0] == 2:
            break
    assert [int(row[0]) for row in iterator] == [3, 4, 5]
    assert [int(row[0]) for row in iterator] == [0, 1, 2, 3, 4, 5]


def test_memory_stays_flat():
    data = ds.NumpySlicesDataset(np.zeros((200, 1000), np.float32), "x").map(lambda x: x + 1).shuffle(50).batch(10)
    iterator = data.create_tuple_iterator(output_numpy=True)

    def epochs(n):
        for _ in range(n):
            for _ in iterator:
                pass
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        epochs(3)
        before = epochs(1)
        assert epochs(10) - before < 100_000
    finally:
        tracemalloc.stop()

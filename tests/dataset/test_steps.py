"""Steps: what each refuses, in words that help, and combinations the recorded cases do not have."""

import numpy as np
import pytest

import mycelium.dataset as ds


def numbers(n=6):
    return ds.NumpySlicesDataset(np.arange(n), "x", shuffle=False)


def read(dataset):
    return [row[0].tolist() for row in dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)]


@pytest.mark.parametrize("build, error, text", [
    (lambda: numbers().project("y"), RuntimeError, "no column 'y'; the columns are"),
    (lambda: numbers().project([]), ValueError, "at least one column"),
    (lambda: numbers().rename("x", ["a", "b"]), ValueError, "one new name for each"),
    (lambda: numbers().zip(numbers()), RuntimeError, "columns of the same name"),
    (lambda: numbers().zip(3), TypeError, "Dataset or a tuple"),
    (lambda: ds.zip((numbers(),)), ValueError, "two datasets or more"),
    (lambda: numbers() + 3, TypeError, "Dataset or a list"),
    (lambda: numbers() + numbers().rename("x", "y"), RuntimeError, "same columns in the same order"),
    (lambda: numbers().shuffle(1), ValueError, "'buffer_size' should be from 2"),
    (lambda: numbers().repeat(0), ValueError, "'count' should be from 1"),
    (lambda: numbers().skip(-1), ValueError, "'count' should be from 0"),
    (lambda: numbers().take(0), ValueError, "'count' should be from 1"),
    (lambda: numbers().filter(3), TypeError, "'predicate' should be a function"),
    (lambda: numbers().apply(lambda d: 3), TypeError, "should return a Dataset"),
    (lambda: numbers().flat_map(lambda x: 3), TypeError, "should return a Dataset"),
    (lambda: numbers().split([3, 2]), RuntimeError, "sum up to 5, but the dataset has 6"),
    (lambda: numbers().split([0.5, 0.6]), ValueError, "should sum up to 1"),
    (lambda: numbers().split([0.01, 0.99]), RuntimeError, "less than half a row"),
    (lambda: numbers().split([1, 0.5]), ValueError, "list of ints or a list of floats"),
    (lambda: numbers().map(int), ValueError, "add parentheses"),
    (lambda: numbers().map(3), ValueError, "should be a transform or a function"),
    (lambda: numbers().map([]), RuntimeError, "there are none"),
    (lambda: numbers().map(abs, callbacks=3), TypeError, "should be DSCallbacks"),
    (lambda: numbers().batch(0), ValueError, "'batch_size' should be from 1"),
    (lambda: numbers().batch("a"), TypeError, "int or a function"),
    (lambda: numbers().batch(lambda: 3), ValueError, "should take one argument, the BatchInfo"),
    (lambda: numbers().batch(2, input_columns="x"), ValueError, "are for 'per_batch_map'"),
    (lambda: numbers().batch(2, per_batch_map=3), ValueError, "should be a function"),
    (lambda: numbers().batch(2, per_batch_map=lambda: 3), ValueError, "should take 2 arguments"),
    (lambda: numbers().batch(2, per_batch_map=abs, pad_info={}), ValueError, "exclude each other"),
    (lambda: numbers().batch(2, pad_info={"y": ([1], 0)}), RuntimeError, "no column 'y'"),
    (lambda: numbers().sync_wait("a").sync_wait("a"), RuntimeError, "taken by a step before"),
    (lambda: numbers().sync_wait(3), TypeError, "'condition_name' should be str"),
    (lambda: numbers().sync_update("a"), RuntimeError, "no sync_wait named 'a'"),
])
def test_bad_arguments(build, error, text):
    with pytest.raises(error, match=text):
        build()


@pytest.mark.parametrize("build, text", [
    (lambda: ds.GeneratorDataset(lambda: (np.arange(n) for n in (1, 2)), "x").batch(2), "same shape, but in column"),
    (lambda: ds.GeneratorDataset(lambda: iter([np.int8(1), np.float32(2)]), "x").batch(2), "same dtype, but in column"),
    (lambda: ds.GeneratorDataset(lambda: iter([np.ones(1), np.ones((1, 1))]), "x").batch(2, pad_info={}), "in rank"),
    (lambda: ds.GeneratorDataset(lambda: iter([np.ones(1)]), "x").batch(1, pad_info={"x": ([1, 1], 0)}), "2 axes"),
    (lambda: numbers().batch(lambda info: 0), "should return an int of 1 or more"),
    (lambda: numbers().batch(2, per_batch_map=lambda x, info: ([1],)), "as many rows as it gets, 2"),
    (lambda: numbers().batch(2, per_batch_map=lambda x, info: (x, x)), "one list or array for each"),
    (lambda: numbers().batch(2, per_batch_map=lambda x, info: (5,)), "should return lists or arrays"),
    (lambda: numbers().map(lambda x: (x, x)), "returned 2 arrays"),
    (lambda: numbers().map(lambda x: None), "should be an array, a Tensor, a number or text"),
    (lambda: numbers().filter(lambda x: 1 // int(x)), "predicate of filter failed. ZeroDivisionError"),
    (lambda: numbers() + ds.NumpySlicesDataset([1.5], "x"), "agree in dtype and rank"),
])
def test_bad_rows(build, text):
    with pytest.raises(RuntimeError, match=text):
        read(build())


def test_batches_of_columns_side_by_side():
    both = ds.zip((numbers(5), numbers(4).rename("x", "y"))).batch(2)
    rows = [[v.tolist() for v in row] for row in both.create_tuple_iterator(num_epochs=1, output_numpy=True)]
    assert rows == [[[0, 1], [0, 1]], [[2, 3], [2, 3]]]


def test_vectorized_transforms_give_what_single_rows_give():
    images = np.random.default_rng(0).integers(0, 256, (10, 6, 5, 3)).astype(np.uint8)
    labels = np.arange(10, dtype=np.int32).reshape(10, 1) % 4
    data = ds.NumpySlicesDataset((images, labels), ["image", "label"])
    operations = [ds.vision.Rescale(1 / 255, -0.5), ds.vision.Normalize([0.1, 0.2, 0.3], [1.0, 2.0, 3.0]),
                  ds.vision.HWC2CHW(), ds.transforms.TypeCast(np.float16)]
    one_hot = ds.transforms.OneHot(4)
    fast = data.map(operations, "image").map(one_hot, "label").batch(4)
    plain = data.map([*operations, lambda x: x], "image").map([one_hot, lambda x: x], "label").batch(4)
    for a, b in zip(fast.create_tuple_iterator(num_epochs=1, output_numpy=True),
                    plain.create_tuple_iterator(num_epochs=1, output_numpy=True), strict=True):
        for x, y in zip(a, b, strict=True):
            assert x.dtype == y.dtype and x.tolist() == y.tolist()


def test_rows_of_any_dtype_can_be_cast_before_batch():
    data = ds.GeneratorDataset(lambda: iter([(1,), (2.5,)]), "x").map(ds.transforms.TypeCast(np.float32)).batch(2)
    assert read(data) == [[1.0, 2.5]]


def test_split_parts_share_no_row():
    for data in (ds.NumpySlicesDataset(np.arange(10), "x"), numbers(10).map(lambda x: x)):
        first, second = data.split([7, 3])
        assert sorted(read(first) + read(second)) == list(range(10))
        epochs = first.create_tuple_iterator(num_epochs=2, output_numpy=True)
        assert [row[0].item() for row in epochs] == [row[0].item() for row in epochs] == read(first)
    ds.config.set_seed(ds.config.DEFAULT_SEED)
    first, second = ds.NumpySlicesDataset(np.arange(50), "x").split([0.5, 0.5])
    assert sorted(read(first) + read(second)) == list(range(50))


def test_sync_wait_lets_the_consumer_change_what_comes_next():
    state = {"scale": 1}
    data = numbers(6).sync_wait("scale", callback=lambda new: state.update(scale=new))
    data = data.map(lambda x: x * state["scale"], num_parallel_workers=2).batch(2)
    seen = []
    for number, row in enumerate(data.create_tuple_iterator(num_epochs=1, output_numpy=True)):
        seen.append(row[0].tolist())
        data.sync_update("scale", data=10 ** (number + 1))
    assert seen == [[0, 1], [20, 30], [400, 500]]
    assert data.is_sync() and not numbers().is_sync()


def test_an_empty_dataset_repeated_without_end_ends():
    assert read(numbers(3).skip(5).repeat()) == []


def test_shuffle_of_rows_nobody_else_owns():
    table = [np.full(3, float(i)) for i in range(8)]
    data = ds.GeneratorDataset([(row,) for row in table], "x", shuffle=False).shuffle(4)
    for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True):
        row[0][:] = -1
    assert [row[0] for row in table] == list(range(8))


def test_callbacks_see_epochs_and_steps():
    class Log(ds.DSCallback):
        def __init__(self):
            super().__init__(2)
            self.events = []

        def ds_begin(self, context):
            self.events.append("begin")

        def ds_epoch_begin(self, context):
            self.events.append(f"epoch {context.cur_epoch_num}")

        def ds_step_begin(self, context):
            self.events.append(f"step {context.cur_step_num_in_epoch} of all {context.cur_step_num}")

        def ds_epoch_end(self, context):
            self.events.append("end")

    log = Log()
    iterator = numbers(3).map(lambda x: x, callbacks=log).create_tuple_iterator(num_epochs=2, output_numpy=True)
    for _ in range(2):
        assert len(list(iterator)) == 3
    assert log.events == ["begin", "epoch 1", "step 1 of all 1", "step 3 of all 3", "end",
                          "epoch 2", "step 1 of all 4", "step 3 of all 6", "end"]
    for bad, error in ((0, ValueError), ("a", TypeError)):
        with pytest.raises(error, match="'step_size'"):
            ds.DSCallback(bad)


def test_more_columns_than_were_taken_need_no_order():
    data = ds.NumpySlicesDataset({"x": [1, 2], "y": [3, 4]}, shuffle=False).map(lambda x: (x, -x), "x", ["a", "b"])
    assert data.get_col_names() == ["a", "b", "y"]
    assert [[int(v) for v in row] for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)] == \
        [[1, -1, 3], [2, -2, 4]]

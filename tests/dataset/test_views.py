"""Questions to a dataset, and the schema."""

import json

import numpy as np
import pytest

import mycelium as ms
import mycelium.dataset as ds


def growing():
    return ds.GeneratorDataset(lambda: ((np.ones((2, n)), n) for n in (1, 3, 2)), ["x", "n"])


def test_shapes_and_types():
    data = growing()
    assert data.output_shapes() == [[2, 1], []]
    assert data.output_shapes(estimate=True) == [[2, None], []]
    assert data.output_types() == [np.float64, np.int64]
    mixed = ds.GeneratorDataset(lambda: iter([np.ones(1), np.ones((1, 1))]), "x")
    with pytest.raises(RuntimeError, match="rows of 1 and of 2 axes"):
        mixed.output_shapes(estimate=True)


def test_dynamic_columns():
    data = growing()
    with pytest.raises(RuntimeError, match="call set_dynamic_columns"):
        data.dynamic_min_max_shapes()
    with pytest.raises(TypeError, match="should be a dict"):
        data.set_dynamic_columns(5)
    data.set_dynamic_columns({"x": [2, None]})
    assert data.dynamic_min_max_shapes() == ([[2, 1], []], [[2, 3], []])
    assert data.output_shapes() == [[2, -1], []]
    data.set_dynamic_columns({"x": [3, None]})
    with pytest.raises(RuntimeError, match="does not fit a row of shape"):
        data.dynamic_min_max_shapes()


def test_what_counting_costs():
    reads = []

    def source():
        for i in range(5):
            reads.append(i)
            yield i

    data = ds.GeneratorDataset(source, "x").map(lambda x: 1 / 0).batch(2)
    assert [data.get_dataset_size() for _ in range(3)] == [3, 3, 3]
    assert len(reads) == 5      # once, and without the map


def test_samplers_of_a_source():
    data = ds.NumpySlicesDataset(np.arange(6), "x")
    assert data.is_shuffled() and not data.is_sharded()
    data.use_sampler(ds.DistributedSampler(2, 1, shuffle=False))
    assert data.is_sharded() and not data.is_shuffled()
    assert data.batch(2).is_sharded() and data.shuffle(2).is_shuffled()
    stream = growing()
    for change in (stream.use_sampler, stream.add_sampler):
        with pytest.raises(ValueError, match="__getitem__"):
            change(ds.SequentialSampler())
        with pytest.raises(TypeError, match="should be a sampler"):
            change(3)


def test_a_dataset_stays_as_it_is_when_steps_are_added():
    data = ds.NumpySlicesDataset(np.arange(4), "x", shuffle=False)
    shorter, batched = data.take(1), data.batch(2)
    assert [d.get_dataset_size() for d in (data, shorter, batched)] == [4, 1, 2]
    assert batched.children == [data]
    assert isinstance(batched, ds.BatchDataset) and isinstance(batched, ds.Dataset)


def test_harmless_calls():
    data = ds.NumpySlicesDataset(np.arange(4), "x")
    assert data.to_device() is data and data.device_que() is data
    assert data.num_classes() is None and data.get_class_indexing() == {}
    data.input_indexs = 3
    assert data.input_indexs == 3
    assert [v.shape for v in next(data.batch(2).dummy_iterator("tuple"))] == [(2,)]
    assert (data.reset(), data.close_pool(), data.iterator_bootstrap(), data.disable_sync()) == (None,) * 4


def test_schema(tmp_path):
    schema = ds.Schema()
    schema.add_column("a", ms.int64, [2])
    schema.parse_columns([{"name": "b", "type": "uint8"}])
    schema.parse_columns({"c": {"type": "float32", "shape": [1]}})
    path = tmp_path / "schema.json"
    path.write_text(schema.to_json())
    assert json.loads(str(ds.Schema(str(path)))) == json.loads(schema.to_json())
    data = ds.GeneratorDataset(lambda: iter([([1, 2], np.uint8(3), np.ones(1, np.float32))]), schema=schema)
    assert data.get_col_names() == ["a", "b", "c"]
    assert data.output_types() == [np.int64, np.uint8, np.float32]
    for call, error in ((lambda: schema.add_column(5, "int8"), TypeError),
                        (lambda: schema.add_column("d", "zz"), TypeError),
                        (lambda: schema.add_column("d", "int8", "x"), TypeError),
                        (lambda: schema.parse_columns(5), RuntimeError),
                        (lambda: schema.parse_columns([{"name": "q"}]), RuntimeError),
                        (lambda: schema.from_json({}), RuntimeError),
                        (lambda: ds.Schema(str(tmp_path / "nowhere")), RuntimeError)):
        with pytest.raises(error, match="For 'Schema'"):
            call()

"""Keras files: every layer with weights that ours has too, and the layer of ours computes what Keras computes."""

import h5py
import keras
import numpy as np
import pytest
from tests.migrate.weights.test_convert import Cells

import mycelium as ms
from mycelium import Tensor, nn
from mycelium.migrate import convert
from mycelium.migrate.weights.diff import diff
from mycelium.migrate.weights.files import open_weights
from mycelium.migrate.weights.stored import WeightsError

# Keras 3.15 hands its variables to NumPy 2 in a form that NumPy warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
L = keras.layers


def first(x):
    """Keras's channels last to ours, channels first."""
    return np.moveaxis(x, -1, 1)


def as_it_is(x):
    return x


# layer of Keras, shape of its input, the cell of ours, how inputs and outputs are turned
LAYERS = [
    (lambda: L.Dense(4), (5,), lambda: nn.Dense(5, 4), as_it_is),
    (lambda: L.Conv1D(4, 3), (9, 5), lambda: nn.Conv1d(5, 4, 3, pad_mode="valid", has_bias=True), first),
    (lambda: L.Conv2D(4, (3, 2)), (7, 8, 5), lambda: nn.Conv2d(5, 4, (3, 2), pad_mode="valid", has_bias=True), first),
    (lambda: L.Conv3D(4, 2), (5, 5, 5, 3), lambda: nn.Conv3d(3, 4, 2, pad_mode="valid", has_bias=True), first),
    (lambda: L.Conv2DTranspose(4, 3, strides=2), (5, 5, 3),
     lambda: nn.Conv2dTranspose(3, 4, 3, stride=2, pad_mode="valid", has_bias=True), first),
    (lambda: L.DepthwiseConv2D(3, depth_multiplier=2), (7, 7, 4),
     lambda: nn.Conv2d(4, 8, 3, group=4, pad_mode="valid", has_bias=True), first),
    (lambda: L.BatchNormalization(), (6,), lambda: nn.BatchNorm1d(6, eps=1e-3), as_it_is),
    (lambda: L.BatchNormalization(scale=False), (4, 4, 6), lambda: nn.BatchNorm2d(6, eps=1e-3), first),
    (lambda: L.LayerNormalization(), (3, 6), lambda: nn.LayerNorm((6,), epsilon=1e-3), as_it_is),
    (lambda: L.LSTM(4, return_sequences=True), (6, 5), lambda: nn.LSTM(5, 4, batch_first=True), as_it_is),
    (lambda: L.GRU(4, return_sequences=True), (6, 5), lambda: nn.GRU(5, 4, batch_first=True), as_it_is),
    (lambda: L.SimpleRNN(4, return_sequences=True), (6, 5), lambda: nn.RNN(5, 4, batch_first=True), as_it_is),
    (lambda: L.Bidirectional(L.GRU(4, return_sequences=True)), (6, 5),
     lambda: nn.GRU(5, 4, batch_first=True, bidirectional=True), as_it_is),
    (lambda: L.PReLU(shared_axes=[1, 2]), (3, 3, 4), lambda: nn.PReLU(4), first),
]


@pytest.mark.parametrize("theirs, shape, ours, turn", LAYERS)
def test_a_layer_computes_what_keras_computes(theirs, shape, ours, turn, tmp_path):
    rng = np.random.default_rng(0)
    model = keras.Sequential([keras.Input(shape), theirs()])
    model.set_weights([rng.uniform(0.2, 0.9, w.shape).astype(np.float32) for w in model.get_weights()])
    model.save_weights(tmp_path / "a.weights.h5")
    net = Cells(**{model.layers[0].name: ours()}).set_train(False)
    done = convert(str(tmp_path / "a.weights.h5"), str(tmp_path / "a.ckpt"))
    missing = ms.load_param_into_net(net, ms.load_checkpoint(str(tmp_path / "a.ckpt")))
    assert all("gamma" in name for name in missing) and not done.left_over
    x = rng.uniform(-1, 1, (2, *shape)).astype(np.float32)
    cell, = net.cells()
    found = cell(Tensor(np.ascontiguousarray(turn(x))))
    found = found[0] if isinstance(found, tuple) else found
    np.testing.assert_allclose(found.asnumpy(), turn(np.asarray(model(x))), rtol=1e-5, atol=1e-5)
    back = convert(str(tmp_path / "a.ckpt"), str(tmp_path / "b.weights.h5"), like=str(tmp_path / "a.weights.h5"))
    assert not back.missing and diff(str(tmp_path / "a.weights.h5"), str(tmp_path / "b.weights.h5")).is_equal
    model.load_weights(tmp_path / "b.weights.h5")
    np.testing.assert_allclose(turn(np.asarray(model(x))), found.asnumpy(), rtol=1e-5, atol=1e-5)


def model():
    inputs = keras.Input((8, 8, 3))
    x = L.SeparableConv2D(5, 3, name="stem")(inputs)
    x = L.BatchNormalization()(x)
    x = L.Conv2D(5, 1)(L.Conv2D(5, 1)(x))
    x = L.Reshape((-1, 5))(x)
    x = L.MultiHeadAttention(2, 3, name="attention")(x, x)
    x = keras.Sequential([L.Dense(6), L.Dense(7)], name="head")(x)
    return keras.Model(inputs, x)


def test_a_model_by_layers_names_in_the_order_of_making(tmp_path):
    keras.backend.clear_session()
    net = model()
    net.compile("adam", "mse")
    net.optimizer.build(net.trainable_variables)
    net.save(tmp_path / "a.keras")
    net.save_weights(tmp_path / "a.weights.h5")
    done = convert(str(tmp_path / "a.keras"), str(tmp_path / "a.ckpt"))
    assert done.others == {"optimizer": "44 arrays"}
    values = {name: p.asnumpy() for name, p in ms.load_checkpoint(str(tmp_path / "a.ckpt")).items()}
    weights = {w.path: w.numpy() for w in net.weights}
    assert values["stem.depthwise.weight"].shape == (3, 1, 3, 3)
    assert values["stem.pointwise.weight"].shape == (5, 3, 1, 1)
    for name in ("conv2d", "conv2d_1"):
        np.testing.assert_array_equal(values[f"{name}.weight"], weights[f"{name}/kernel"].transpose(3, 2, 0, 1))
    np.testing.assert_array_equal(values["attention.query_dense.weight"],
                                  weights["attention/query/kernel"].reshape(5, 6).T)
    np.testing.assert_array_equal(values["attention.output_dense.weight"],
                                  weights["attention/attention_output/kernel"].reshape(6, 5).T)
    assert diff(str(tmp_path / "a.keras"), str(tmp_path / "a.weights.h5")).is_equal
    assert diff(str(tmp_path / "a.weights.h5"), str(tmp_path / "a.ckpt")).is_equal


def test_layers_of_one_class_come_in_the_order_of_making(tmp_path):
    """They are numbered, which HDF5 sorts as text: conv2d_10 before conv2d_2."""
    with h5py.File(tmp_path / "a.weights.h5", "w") as file:
        for i in range(12):
            file[f"layers/dense{f'_{i}' if i else ''}/vars/0"] = np.full((1, 1), i, np.float32)
    net = Cells(**{f"fc{letter}": nn.Dense(1, 1, has_bias=False) for letter in "abcdefghijkl"})
    convert(str(tmp_path / "a.weights.h5"), str(tmp_path / "a.ckpt"), like=net)
    found = ms.load_checkpoint(str(tmp_path / "a.ckpt"))
    assert [float(found[f"fc{letter}.weight"].asnumpy()[0, 0]) for letter in "abcdefghijkl"] == list(range(12))


def test_a_model_that_is_a_class_by_its_attributes(tmp_path):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.embed, self.fc = L.Embedding(7, 4), L.Dense(3)

        def call(self, x):
            return self.fc(self.embed(x))

    net = Net()
    net(np.zeros((1, 2), np.int32))
    net.save_weights(tmp_path / "a.weights.h5")
    ours = Cells(embed=nn.Embedding(7, 4), fc=nn.Dense(4, 3))
    done = convert(str(tmp_path / "a.weights.h5"), str(tmp_path / "a.ckpt"), like=ours)
    assert not done.missing and not done.left_over
    assert {m.name for m in done.moved} == {"embed.embedding_table", "fc.weight", "fc.bias"}


def test_a_gru_of_another_formula_has_no_place(tmp_path):
    net = keras.Sequential([keras.Input((3, 2)), L.GRU(4, reset_after=False, name="old")])
    net.save_weights(tmp_path / "a.weights.h5")
    done = convert(str(tmp_path / "a.weights.h5"), str(tmp_path / "a.ckpt"))
    assert done.left_over == {"old.bias": "no layer of ours has such a weight"}


def test_a_slope_for_every_place_has_no_place(tmp_path):
    net = keras.Sequential([keras.Input((3, 2)), L.PReLU(), L.Dense(1)])
    net.save_weights(tmp_path / "a.weights.h5")
    done = convert(str(tmp_path / "a.weights.h5"), str(tmp_path / "a.ckpt"))
    assert list(done.left_over.values()) == ["no layer of ours has such a weight"]


def test_layers_with_more_weights_than_theirs_keep_the_numbers(tmp_path):
    with h5py.File(tmp_path / "a.weights.h5", "w") as file:
        for kind, count in (("lstm", 4), ("p_re_lu", 2), ("query_dense", 3)):
            for i in range(count):
                file[f"layers/{kind}/vars/{i}"] = np.ones((1, 1), np.float32)
    done = convert(str(tmp_path / "a.weights.h5"), str(tmp_path / "a.ckpt"))
    assert {m.name for m in done.moved} == {*(f"lstm.{i}" for i in range(4)), "p_re_lu.0", "p_re_lu.1",
                                            *(f"query_dense.{i}" for i in range(3))}


def test_what_keras_files_cannot_do(tmp_path):
    net = keras.Sequential([keras.Input((2,)), L.Dense(3, name="fc")])
    net.save_weights(tmp_path / "a.weights.h5")
    path = str(tmp_path / "a.weights.h5")
    with pytest.raises(WeightsError, match="from Keras's names only MindSpore's can be reached: convert to a .ckpt"):
        convert(path, str(tmp_path / "a.pth"))
    np.savez(tmp_path / "b.npz", **{"fc.weight": np.ones((3, 2))})
    with pytest.raises(WeightsError, match="onto Keras's names only MindSpore's can be converted"):
        convert(str(tmp_path / "b.npz"), str(tmp_path / "b.weights.h5"), like=path)
    ms.save_checkpoint(Cells(fc=nn.Dense(2, 3), more=nn.Dense(1, 1)), str(tmp_path / "c.ckpt"))
    with pytest.raises(WeightsError, match="a.weights.h5 has Keras's names; name it first"):
        diff(str(tmp_path / "c.ckpt"), path)
    with pytest.raises(WeightsError, match="can only be written after a template"):
        convert(str(tmp_path / "c.ckpt"), str(tmp_path / "c.weights.h5"))
    done = convert(str(tmp_path / "c.ckpt"), str(tmp_path / "c.weights.h5"), like=path)
    assert set(done.left_over) == {"more.weight", "more.bias"} and not done.missing
    with open_weights(str(tmp_path / "c.weights.h5")) as weights:
        assert list(weights.values) == ["fc.kernel", "fc.bias"]

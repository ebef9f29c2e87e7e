"""The names of Parameters between frameworks: every layer of ours that has weights, against the real PyTorch layer."""

import numpy as np
import pytest
import torch

from mycelium import nn
from mycelium.migrate.differences import entries
from mycelium.migrate.weights import layout, names

T = torch.nn
LAYERS = [
    (T.Linear(3, 4), lambda: nn.Dense(3, 4)),
    (T.Conv1d(3, 4, 5), lambda: nn.Conv1d(3, 4, 5, has_bias=True)),
    (T.Conv2d(4, 6, (3, 2), groups=2), lambda: nn.Conv2d(4, 6, (3, 2), group=2, has_bias=True)),
    (T.Conv3d(3, 4, 2), lambda: nn.Conv3d(3, 4, 2, has_bias=True)),
    (T.ConvTranspose1d(3, 4, 5), lambda: nn.Conv1dTranspose(3, 4, 5, has_bias=True)),
    (T.ConvTranspose2d(3, 4, 5), lambda: nn.Conv2dTranspose(3, 4, 5, has_bias=True)),
    (T.BatchNorm1d(3), lambda: nn.BatchNorm1d(3)),
    (T.BatchNorm2d(3), lambda: nn.BatchNorm2d(3)),
    (T.BatchNorm3d(3), lambda: nn.BatchNorm3d(3)),
    (T.LayerNorm(3), lambda: nn.LayerNorm((3,))),
    (T.GroupNorm(2, 4), lambda: nn.GroupNorm(2, 4)),
    (T.Embedding(7, 3), lambda: nn.Embedding(7, 3)),
    (T.PReLU(), lambda: nn.PReLU()),
    (T.PReLU(3), lambda: nn.PReLU(3)),
    (T.Bilinear(2, 3, 4), lambda: nn.BiDense(2, 3, 4)),
    (T.LSTM(3, 4, 2, bidirectional=True), lambda: nn.LSTM(3, 4, 2, bidirectional=True)),
    (T.GRU(3, 4), lambda: nn.GRU(3, 4)),
    (T.LSTMCell(3, 4), lambda: nn.LSTMCell(3, 4)),
]


class Net(nn.Cell):
    def __init__(self, layer):
        super().__init__()
        self.embed = layer


def test_every_layer_finds_its_parameters_and_the_way_back():
    for module, build in LAYERS:
        theirs = {f"embed.{name}": tuple(value.shape) for name, value in module.state_dict().items()}
        ours = {p.name: p.shape for p in Net(build()).get_parameters()}
        there = names.to_ours(theirs)
        found = {}
        for name, places in there.items():
            if name.endswith("num_batches_tracked"):
                assert not places
                continue
            place = next(p for p in places if p.name in ours and p.layout.shape(theirs[name]) == ours[p.name])
            found[place.name] = name
        assert set(found) == set(ours), type(module)
        back = names.to_torch(ours)
        for name, theirs_name in found.items():
            assert any(p.name == theirs_name and p.layout.shape(theirs[theirs_name]) == ours[name] for p in back[name])


@pytest.mark.parametrize("name, shape, beside, first", [
    ("h.wte.weight", (9, 4), {}, "h.wte.embedding_table"),
    ("tok_embeddings.weight", (9, 4), {}, "tok_embeddings.embedding_table"),
    ("head.weight", (9, 4), {}, "head.weight"),
    ("embed.weight", (9, 4), {"embed.bias": (9,)}, "embed.weight"),
    ("norm.weight", (4,), {}, "norm.gamma"),
    ("act.weight", (1,), {}, "act.w"),
    ("prelu2.weight", (4,), {}, "prelu2.w"),
    ("scale", (4,), {}, "scale"),
    ("rnn.weight_ih_l0", (4, 4), {"rnn.weight_hh_l0": (4, 4)}, "rnn.weight_ih_l0"),
])
def test_without_a_target_the_likeliest_comes_first(name, shape, beside, first):
    assert names.to_ours({name: shape, **beside})[name][0].name == first


def test_wrappers_are_taken_off_only_when_all_names_have_them():
    assert names.unwrapped(["module.a.weight", "module.b"]) == {"module.a.weight": "a.weight", "module.b": "b"}
    assert names.unwrapped(["module._orig_mod.a"]) == {"module._orig_mod.a": "a"}
    assert names.unwrapped(["module.a", "b"]) == {"module.a": "module.a", "b": "b"}


@pytest.mark.parametrize("optimizer", [nn.Adam, nn.AdamWeightDecay, nn.SGD, nn.RMSProp, nn.Adagrad, nn.Lamb, nn.FTRL,
                                       nn.AdaMax, nn.Adadelta, nn.Rprop, nn.ASGD])
def test_what_an_optimizer_keeps_is_told_from_parameters(optimizer):
    net = Net(nn.Dense(2, 3))
    beside = [p.name for p in optimizer(net.trainable_params(), 0.1).get_parameters()]
    assert [name for name in beside if not names.is_optimizer_state(name, beside)] == ["embed.weight", "embed.bias"]


@pytest.mark.parametrize("text, shape, after", [
    ("", (2, 3), (2, 3)),
    ("transpose (1, 0)", (2, 3), (3, 2)),
    ("transpose (3, 2, 0, 1)", (3, 2, 4, 5), (5, 4, 3, 2)),
    ("insert 2", (4, 3, 5), (4, 3, 1, 5)),
    ("gates (1, 0, 2)", (6, 2), (6, 2)),
    ("merge 1; transpose (1, 0)", (4, 2, 3), (6, 4)),
    ("transpose (1, 0); gates (1, 0, 2)", (4, 6), (6, 4)),
])
def test_a_layout_goes_there_and_back(text, shape, after):
    step = layout.parse(text)
    array = np.arange(np.prod(shape)).reshape(shape)
    there = step.apply(array)
    assert str(step) == text and there.shape == after == step.shape(shape)
    assert np.array_equal(step.undo(there, shape), array)
    assert "merge" in text or step.undo_shape(after) == shape


def test_gates_are_blocks_of_the_first_axis():
    assert layout.parse("gates (1, 0, 2)").apply(np.arange(6)).tolist() == [2, 3, 0, 1, 4, 5]


@pytest.mark.parametrize("text", ["turn (1, 0)", "transpose (1, 1)", "transpose 1", "insert", "merge (1)x", "gates os"])
def test_a_text_that_is_no_layout_is_refused(text):
    with pytest.raises(ValueError, match="is no step of a layout; steps are"):
        layout.parse(text)


def test_layouts_that_do_not_fit_or_have_no_way_back():
    assert layout.parse("transpose (1, 0)").shape((2,)) is None
    assert layout.parse("gates (1, 0, 2)").shape((4,)) is None
    with pytest.raises(ValueError, match="the layout 'row 0' has no way back"):
        layout.parse("row 0").undo(np.zeros(3))


@pytest.mark.parametrize("theirs, ours, found", [
    ((2, 3), (2, 3), ""), ((2, 3), (3, 2), "transpose (1, 0)"), ((4, 3, 5), (4, 3, 1, 5), "insert 2"),
    ((4, 3, 5), (4, 3, 5, 1), "insert 3"), ((2, 3), (6,), None),
])
def test_shapes_alone_suggest_a_layout(theirs, ours, found):
    suggested = layout.between(theirs, ours)
    assert (None if suggested is None else str(suggested)) == found


def test_no_class_is_described_twice():
    """What the catalogue knows stands there alone."""
    assert not (names._STATE.keys() | names._LAYOUT.keys()) & entries().keys()

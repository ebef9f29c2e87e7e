"""What `compare` takes, what it reports, and that it leaves both networks as they were."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import mycelium as ms
from mycelium import Tensor, nn, ops
from mycelium.migrate import assert_migrated, compare, copy_weights, record
from mycelium.migrate.compare import memory
from mycelium.migrate.compare.memory import available

T = torch.nn
random = np.random.default_rng(0)


def randn(*shape):
    return random.standard_normal(shape).astype(np.float32)


class Theirs(T.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = T.Linear(8, 8), T.Linear(8, 4)

    def forward(self, x):
        return self.b(F.relu(self.a(x)))


class Ours(nn.Cell):
    def __init__(self, function=ops.relu):
        super().__init__()
        self.a, self.b = nn.Dense(8, 8), nn.Dense(8, 4)
        self.function = function

    def construct(self, x):
        return self.b(self.function(self.a(x)))


X = randn(4, 8)


def test_both_are_left_as_they_were():
    theirs, ours = Theirs(), Ours()
    theirs.eval()
    ours.set_train(False)
    before = {k: v.clone() for k, v in theirs.state_dict().items()}
    own = {p.name: p.asnumpy() for p in ours.get_parameters()}
    optimizer = torch.optim.Adam(theirs.parameters())
    mine = nn.Adam(ours.trainable_params())
    state = {p.name: p.asnumpy() for p in mine.get_parameters()}
    for copy in ("theirs", "ours"):
        compare(ours, theirs, X, copy=copy, optimizer=(mine, optimizer))
    assert all(torch.equal(before[k], v) for k, v in theirs.state_dict().items())
    assert all(np.array_equal(own[p.name], p.asnumpy()) for p in ours.get_parameters())
    assert all(np.array_equal(state[p.name], p.asnumpy()) for p in mine.get_parameters())
    assert not optimizer.state_dict()["state"]
    assert not theirs.training and not ours.training
    assert ms.get_context("mode") == ms.PYNATIVE_MODE
    assert all(p.grad is None for p in theirs.parameters())


class TheirStructures(T.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = T.Linear(4, 4), T.Linear(4, 4)

    def forward(self, x, mask=None, extra=None):
        h = self.a(x) * mask
        return {"logits": self.b(h), "hidden": (h, x + extra[0] * extra[1]["k"])}


class OurStructures(nn.Cell):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Dense(4, 4), nn.Dense(4, 4)

    def construct(self, x, mask=None, extra=None):
        h = self.a(x) * mask
        return self.b(h), (h, x + extra[0] * extra[1]["k"])


def test_inputs_and_outputs_of_any_structure():
    inputs = {"x": randn(2, 4), "mask": Tensor(randn(2, 4)), "extra": (torch.tensor(randn(2, 4)), {"k": randn(2, 4)})}
    found = compare(OurStructures(), TheirStructures(), inputs)
    assert found.agrees
    assert [d.place for d in found.runs[0].outputs] == ["logits", "hidden.0", "hidden.1"]
    assert [d.place for d in found.gradients.inputs] == ["x", "mask", "extra.0", "extra.1.k"]


def test_the_first_place_and_the_growth_after_it():
    found = compare(Ours(ops.tanh), Theirs(), X)
    assert [layer.ours for layer in found.runs[0].layers] == ["a", "b", ""]
    assert found.first.ours == "b" and found.first.theirs == "b"
    assert found.runs[0].layers[0].agrees
    d = found.first.difference
    assert d.ours == d.theirs == "float32[4, 4]"
    assert 0 < d.max_abs and 0 < d.max_rel and -1 <= d.cosine < 1
    assert found.first.growth > 1e4


def test_names_that_differ_are_paired_by_order_shape_or_map():
    class Renamed(nn.Cell):
        def __init__(self):
            super().__init__()
            self.late, self.early = nn.Dense(8, 4), nn.Dense(8, 8)

        def construct(self, x):
            return self.late(ops.relu(self.early(x)))

    found = compare(Renamed(), Theirs(), X, steps=0)
    assert found.agrees
    assert {w.ours: w.theirs for w in found.weights}["late.weight"] == "b.weight"
    mapped = compare(Renamed(), Theirs(), X, pairs={"late": "b", "early": "a"}, steps=0)
    assert mapped.agrees
    with pytest.raises(KeyError, match="'erly'; did you mean 'early'"):
        compare(Renamed(), Theirs(), X, pairs={"erly": "a"})


@pytest.mark.parametrize("copy, agrees", [("theirs", True), ("ours", True), ("", False)])
def test_weights_go_either_way(copy, agrees):
    found = compare(Ours(), Theirs(), X, copy=copy, steps=0)
    assert found.agrees is agrees
    if not agrees:
        assert {c.what for c in found.causes} == {"weight", "bias"}
        assert all(c.verified for c in found.causes)


def test_copy_weights_stays():
    theirs, ours = Theirs(), Ours()
    assert copy_weights(ours, theirs) == []
    np.testing.assert_array_equal(ours.a.weight.asnumpy(), theirs.a.weight.detach().numpy())
    assert compare(ours, theirs, X, copy="", steps=0).agrees


def test_shapes_that_differ_are_reported():
    found = compare(nn.SequentialCell([nn.Dense(4, 5)]), T.Sequential(T.Linear(4, 6)), randn(2, 4))
    assert not found.agrees and found.ran
    assert found.first.difference.note == "shapes differ: (2, 5) here, (2, 6) there"
    assert found.only_ours["0.weight"] == "shape (5, 4) here, (6, 4) there (0.weight)"
    assert found.causes[0].what == "out_channels" and found.causes[0].verified


def test_a_missing_layer_does_not_shift_the_others():
    ours = nn.SequentialCell([nn.Dense(4, 4), nn.Dense(4, 3)])
    found = compare(ours, T.Sequential(T.Linear(4, 4), T.ReLU(), T.Linear(4, 3)), randn(2, 4))
    assert {w.ours: w.theirs for w in found.weights} == {
        "0.weight": "0.weight", "0.bias": "0.bias", "1.weight": "2.weight", "1.bias": "2.bias"}
    assert found.modules_only_theirs == ["1"]
    assert "calls nothing of the kind where the reference calls 1 (ReLU)" in found.causes[0].text
    assert found.causes[0].verified


class Raises(T.Module):
    def __init__(self):
        super().__init__()
        self.inner = T.Linear(8, 8)

    def forward(self, x):
        return self.inner(x).view(3, 99)


class OursRaises(nn.Cell):
    def __init__(self):
        super().__init__()
        self.inner = nn.Dense(8, 8)

    def construct(self, x):
        return self.inner(x).reshape(3, 99)


def test_networks_that_raise():
    theirs = compare(Ours(), Raises(), X)
    assert not theirs.ran and not theirs.causes
    assert theirs.runs[0].errors[0].startswith("the reference raised: RuntimeError: shape '[3, 99]' is invalid")
    inner = T.Sequential(T.Sequential(T.Linear(8, 8), T.Linear(9, 8)))
    assert "raised in '0.1'" in compare(Ours(), inner, X).runs[0].errors[0]

    class Inner(T.Module):
        def __init__(self):
            super().__init__()
            self.inner = T.Linear(8, 8)

        def forward(self, x):
            return self.inner(x)

    ours = compare(OursRaises(), Inner(), X)
    assert ours.runs[0].errors[0].startswith("ours raised: ValueError: For 'Reshape'")
    assert [(layer.ours, layer.agrees) for layer in ours.runs[0].layers] == [("inner", True)]
    assert ours.causes[0].kind == "raises"
    assert ours.gradients is None and ours.training is None
    failing = compare(Ours(), Theirs(), X, labels=X, loss=(nn.MSELoss(), T.CrossEntropyLoss()))
    assert failing.gradients.error.startswith("the reference raised")


def test_half_precision_has_its_own_tolerance():
    import ml_dtypes

    for dtype, name in ((np.float16, "float16"), (ml_dtypes.bfloat16, "bfloat16")):
        ours = Ours()
        for p in ours.get_parameters():
            p.set_dtype(getattr(ms, name))
        theirs = Theirs().to(getattr(torch, name))
        found = compare(ours, theirs, X.astype(dtype))
        assert found.agrees, found.summary()
        assert found.runs[0].outputs[0].ours == f"{name}[4, 4]"


def test_mixed_precision():
    ours = Ours()
    ours.to_float(ms.float16)
    found = compare(ours, Theirs(), X)
    assert found.agrees
    assert "compute in float16" in found.runs[0].notes[0]
    one = Ours()
    one.a.to_float(ms.float16)
    found = compare(one, Theirs(), X)
    assert "ours raised in 'b'" in found.runs[0].errors[0]
    assert (found.causes[0].layer, found.causes[0].kind, found.causes[0].verified) == ("a", "dtype", True)


class TheirDropout(T.Module):
    def __init__(self):
        super().__init__()
        self.a, self.drop, self.b = T.Linear(8, 8), T.Dropout(0.3), T.Linear(8, 4)

    def forward(self, x):
        return F.dropout(self.b(self.drop(self.a(x))), 0.2, self.training)


class OurDropout(nn.Cell):
    def __init__(self, keep_prob):
        super().__init__()
        self.a, self.drop, self.b = nn.Dense(8, 8), nn.Dropout(keep_prob), nn.Dense(8, 4)
        self.last = nn.Dropout(0.8)

    def construct(self, x):
        return self.last(self.b(self.drop(self.a(x))))


def test_dropout_is_off_or_shared():
    assert compare(OurDropout(0.7), TheirDropout(), X).agrees
    shared = compare(OurDropout(0.7), TheirDropout(), X, dropout="shared")
    assert shared.agrees
    wrong = compare(OurDropout(0.6), TheirDropout(), X, dropout="shared", modes=("train",))
    assert wrong.first.ours == "drop"
    assert wrong.causes[0].what == "keep_prob" and wrong.causes[0].verified


def test_graph_mode():
    found = compare(Ours(), Theirs(), X, mode=ms.GRAPH_MODE, labels=np.array([1, 2, 3, 0]),
                    loss=(nn.CrossEntropyLoss(), T.CrossEntropyLoss()),
                    optimizer=(lambda p: nn.Adam(p, 1e-3), lambda p: torch.optim.Adam(p, 1e-3)), steps=4)
    assert found.agrees, found.summary()
    assert found.execution == "GRAPH_MODE"
    assert len(found.training.ours) == 4

    class TwoFaced(Ours):
        def construct(self, x):
            return self.b(ops.relu(self.a(x))) * (1.0 if ms.get_context("mode") == ms.PYNATIVE_MODE else 2.0)

    found = compare(TwoFaced(), Theirs(), X, mode=ms.GRAPH_MODE, steps=0)
    assert not found.agrees
    assert [c.kind for c in found.causes] == ["mode"]


@pytest.mark.parametrize("ours, verdict", [
    (lambda p: nn.SGD(p, 0.1), "agrees"), (lambda p: nn.SGD(p, 0.01), "first loss agrees, second differs"),
    (lambda p: nn.SGD(p, 0.1, momentum=0.9), "training drifts")])
def test_verdicts_on_training(ours, verdict):
    found = compare(Ours(), Theirs(), X, optimizer=(ours, lambda p: torch.optim.SGD(p, 0.1)), steps=4)
    assert found.training.verdict == verdict
    assert found.agrees is (verdict == "agrees")
    first = compare(Ours(ops.tanh), Theirs(), X)
    assert first.training.verdict == "first loss differs"


def test_optimizer_state_is_compared():
    adams = (lambda p: nn.Adam(p, 1e-3), lambda p: torch.optim.Adam(p, 1e-3))
    found = compare(Ours(), Theirs(), X, optimizer=adams, steps=2)
    assert found.agrees
    names = [f"{layer}.{leaf}" for layer in "ab" for leaf in ("weight", "bias")]
    assert {d.place for d in found.training.state} == {f"moment{i}.{name}" for i in (1, 2) for name in names}


def test_two_hundred_layers_in_seconds():
    theirs = T.Sequential(*[m for _ in range(66) for m in (T.Linear(16, 16), T.LayerNorm(16), T.ReLU())],
                          T.Linear(16, 4))
    cells = [m for i in range(66) for m in (
        nn.Dense(16, 16), nn.LayerNorm((16,), epsilon=1e-5 if i != 40 else 1e-3), nn.ReLU())]
    found = compare(nn.SequentialCell([*cells, nn.Dense(16, 4)]), theirs, randn(4, 16), steps=0)
    assert len(found.runs[0].layers) == 200
    assert found.first.ours == "121"
    assert (found.causes[0].layer, found.causes[0].what) == ("121", "epsilon")
    assert found.seconds < 60


def test_assert_migrated():
    assert assert_migrated(Ours(), Theirs(), X).agrees
    with pytest.raises(AssertionError, match=r"Ours differs from Theirs: .*(?s:.*)calls ops\.Tanh") as caught:
        assert_migrated(Ours(ops.tanh), Theirs(), X)
    assert "max abs" in str(caught.value)


@pytest.mark.parametrize("options, error, text", [
    ({"copy": "both"}, ValueError, r"'copy' should be one of \('theirs', 'ours', ''\), but got 'both'"),
    ({"modes": ("test",)}, ValueError, "'modes' should be one of"),
    ({"dropout": "on"}, ValueError, "'dropout' should be"),
])
def test_options_that_are_refused(options, error, text):
    with pytest.raises(error, match=text):
        compare(Ours(), Theirs(), X, **options)


def test_networks_that_do_not_fit_in_memory(monkeypatch, tmp_path):
    theirs, ours, x = torch.nn.Linear(1024, 1024), nn.Dense(1024, 1024), np.ones((2, 1024), np.float32)
    assert available() > 2**28, "there is less memory here than any test needs"
    monkeypatch.setattr(memory, "available", lambda: 50 * 2**20)    # 4 MiB of weights, 21 copies for steps
    with pytest.raises(MemoryError, match=r"weights of 4 MiB need about 84 MiB .* but 50 MiB are free. "
                       r"Leave out steps=0 \(then about 36 MiB\) and gradients=False"):
        compare(ours, theirs, x)
    assert compare(ours, theirs, x, steps=0).agrees
    monkeypatch.setattr(memory, "available", lambda: 2**20)
    record(theirs, x, tmp_path / "net.npz")
    with pytest.raises(MemoryError, match="28 MiB beside the two networks, but 1 MiB are free. Compare a smaller"):
        compare(ours, tmp_path / "net.npz", None, steps=0, gradients=False)
    monkeypatch.setattr(memory, "available", lambda: 50 * 2**20)
    assert compare(ours, tmp_path / "net.npz", None).agrees     # a recording takes no steps: they need no memory


def test_networks_that_are_refused():
    with pytest.raises(TypeError, match="'cell' should be a Cell, but got"):
        compare(Theirs(), Theirs(), X)
    with pytest.raises(TypeError, match="should be a torch.nn.Module, a Keras 3 model or the path"):
        compare(Ours(), Ours(), X)
    with pytest.raises(TypeError, match="only a recording can fill in"):
        compare(Ours(), Theirs(), None)

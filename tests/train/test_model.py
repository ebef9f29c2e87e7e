"""Model and callbacks against what they print with MindSpore 1.8.1 (tests/data/record_model.py), and beyond."""
import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

import mycelium as ms
import mycelium.dataset as ds
from mycelium import Tensor, nn, ops
from mycelium.amp import build_train_network
from mycelium.engine.compile import Program, statistics
from mycelium.train.callbacks import InternalCallbackParam

DATA = Path(__file__).parents[1] / "data"
RECORDED = json.loads((DATA / "model.json").read_text(encoding="utf-8"))
NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e[+-]?\d+|\d+")


def load_scenarios():
    spec = importlib.util.spec_from_file_location("model_scenarios", DATA / "model_scenarios.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


scenarios = load_scenarios()


@pytest.fixture(params=[ms.GRAPH_MODE, ms.PYNATIVE_MODE], ids=["graph", "pynative"])
def mode(request):
    ms.set_context(mode=request.param)
    yield request.param
    ms.set_context(mode=ms.GRAPH_MODE)


@pytest.fixture
def kit(tmp_path):
    return scenarios.Kit(ms, nn, ds, InternalCallbackParam, str(tmp_path))


def same_text(mine, recorded):
    """Whether two texts agree, numbers up to rounding; times do not count."""
    mine, recorded = (re.sub(r"-?\d+\.\d+ ms", "TIME", text) for text in (mine, recorded))
    assert NUMBER.sub("N", mine) == NUMBER.sub("N", recorded)
    for a, b in zip(NUMBER.findall(mine), NUMBER.findall(recorded), strict=True):
        assert float(a) == pytest.approx(float(b), rel=2e-5, abs=1e-6), (a, b)


@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_prints_what_mindspore_prints(name, kit, capsys):
    scenarios.SCENARIOS[name](kit)
    same_text(capsys.readouterr().out, RECORDED["text"][name])


@pytest.mark.parametrize("name", ["fit", "evaluation", "training_flags", "without_optimizer", "uneven_batches"])
def test_prints_the_same_in_pynative_mode(name, kit, capsys):
    ms.set_context(mode=ms.PYNATIVE_MODE)
    try:
        scenarios.SCENARIOS[name](kit)
    finally:
        ms.set_context(mode=ms.GRAPH_MODE)
    same_text(capsys.readouterr().out, RECORDED["text"][name])


def test_raises_what_mindspore_raises(kit):
    tried = scenarios.errors(kit)
    assert set(tried) == set(RECORDED["errors"])
    for name, function in tried.items():
        recorded = RECORDED["errors"][name]
        if recorded is None:
            continue
        with pytest.raises(Exception) as caught:
            function()
        assert type(caught.value).__name__ == recorded, (name, caught.value)
        assert len(str(caught.value)) > 20


def test_the_dynamic_loss_scale_moves_as_recorded(kit):
    assert scenarios.loss_scales(kit) == RECORDED["loss_scales"]


# ***** sinking *****

class Wide(nn.Cell):
    """A network too large for a loop on a CPU to be worth it."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Dense(3, 20_000), nn.Dense(20_000, 2)

    def construct(self, x):
        return self.b(self.a(x))


class Spy(ms.Callback):
    """Notes events, steps and losses."""

    def __init__(self):
        self.seen = []

    def on_train_step_begin(self, run_context):
        self.seen.append(("begin", run_context.original_args().cur_step_num))

    def on_train_step_end(self, run_context):
        params = run_context.original_args()
        self.seen.append(("end", params.cur_step_num, float(params.net_outputs.asnumpy())))


class Calls:
    """Counts the steps in each call of a compiled program."""

    def __init__(self, monkeypatch):
        self.counts = []
        run_steps, call = Program.run_steps, Program.__call__

        def many(program, count, stacked):
            self.counts.append(count)
            return run_steps(program, count, stacked)

        def one(program, arrays):
            self.counts.append(1)
            return call(program, arrays)

        monkeypatch.setattr(Program, "run_steps", many)
        monkeypatch.setattr(Program, "__call__", one)


@pytest.fixture
def calls(monkeypatch):
    return Calls(monkeypatch)


@pytest.fixture
def accelerator():
    """The target Ascend, which is this machine's processor here."""
    with pytest.warns(UserWarning, match="Ascend"):
        ms.set_context(device_target="Ascend")
    yield
    ms.set_context(device_target="CPU")


def weights(model):
    return [p.asnumpy() for p in model.train_network.get_parameters()]


def test_sinking_runs_several_steps_in_one_call(kit, calls):
    step, sunk = kit.model(), kit.model()
    step.train(3, kit.data(45), dataset_sink_mode=False)
    assert set(calls.counts) == {1} and len(calls.counts) == 135
    calls.counts.clear()
    sunk.train(3, kit.data(45))
    assert calls.counts == [22, 22, 1] * 3
    for a, b in zip(weights(step), weights(sunk), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_sinking_on_a_cpu_prints_every_step(kit, calls, capsys):
    kit.model().train(2, kit.data(6), callbacks=ms.LossMonitor(), dataset_sink_mode=False)
    each = capsys.readouterr().out
    calls.counts.clear()
    kit.model().train(2, kit.data(6), callbacks=[ms.LossMonitor(), ms.TimeMonitor(), ms.train.ProgressMonitor()])
    assert calls.counts == [6, 6]
    same_text("".join(line + "\n" for line in capsys.readouterr().out.splitlines() if line.startswith("epoch: ")), each)


def test_callbacks_that_look_at_every_step_see_every_step(kit, calls):
    spy = Spy()
    kit.model().train(2, kit.data(4), callbacks=spy)
    assert set(calls.counts) == {1}
    assert [s[:2] for s in spy.seen] == [(e, i) for i in range(1, 9) for e in ("begin", "end")]


def test_checkpoints_are_saved_at_their_steps(kit, calls):
    """The file of step 6 has the weights of step 6, although steps run in groups."""
    plain, sunk = kit.model(), kit.model()
    for model, prefix, sink in ((plain, "plain", False), (sunk, "sunk", True)):
        config = ms.CheckpointConfig(save_checkpoint_steps=6, keep_checkpoint_max=9)
        calls.counts.clear()
        model.train(2, kit.data(16), callbacks=ms.ModelCheckpoint(prefix, kit.folder, config), dataset_sink_mode=sink)
    assert max(calls.counts) == 6
    names = [f.removeprefix("plain") for f in kit.files() if f.startswith("plain")]
    assert names == ["-1_12.ckpt", "-1_6.ckpt", "-2_14.ckpt", "-2_16.ckpt", "-2_2.ckpt", "-2_8.ckpt"]
    for name in names:
        a, b = (ms.load_checkpoint(f"{kit.folder}/{prefix}{name}") for prefix in ("plain", "sunk"))
        for key, value in a.items():
            np.testing.assert_allclose(b[key].asnumpy(), value.asnumpy(), rtol=1e-5, atol=1e-6)


def test_large_networks_are_not_sunk_on_a_cpu(kit, calls):
    kit.model(Wide()).train(1, kit.data(4))
    assert calls.counts == [1] * 4


def test_sinking_on_an_accelerator_calls_step_callbacks_once_an_epoch(kit, calls, accelerator, capsys):
    spy = Spy()
    model = kit.model(Wide())
    model.train(2, kit.data(4), callbacks=[spy, ms.LossMonitor()])
    assert calls.counts == [4, 4]
    assert [s[:2] for s in spy.seen] == [("begin", 4), ("end", 4), ("begin", 8), ("end", 8)]
    assert capsys.readouterr().out.startswith("epoch: 1 step: 4, loss is ")


def test_sink_size_is_the_length_of_an_epoch(kit, capsys):
    """Six steps of a dataset of four batches: the epochs go on where the last one ended."""
    model, spy = kit.model(), Spy()
    model.train(2, kit.data(4), callbacks=[spy, ms.LossMonitor()], sink_size=6)
    assert [s[1] for s in spy.seen if s[0] == "end"] == list(range(1, 13))
    assert capsys.readouterr().out.count("epoch: 2 step: ") == 6
    other = kit.model()
    other.train(3, kit.data(4), dataset_sink_mode=False)
    for a, b in zip(weights(model), weights(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_batches_of_another_size_run_alone(kit, calls):
    columns = (np.ones((9, 3), np.float32), np.ones((9, 2), np.float32))
    kit.model().train(2, ds.NumpySlicesDataset(columns, shuffle=False).batch(2))
    assert calls.counts == [1] * 10


def test_the_second_epoch_compiles_nothing(kit):
    for sink in (False, True):
        model = kit.model()
        model.train(1, kit.data(8), dataset_sink_mode=sink)
        model.eval(kit.data(8))
        before = statistics.traces
        model.train(3, kit.data(8), dataset_sink_mode=sink)
        model.eval(kit.data(8))
        assert statistics.traces == before


# ***** evaluation and prediction *****

class Outputs(nn.Cell):
    """An evaluation network: the outputs of `net` in another order."""

    def __init__(self, net, order):
        super().__init__()
        self.net, self.loss, self.order = net, nn.MSELoss(), order

    def construct(self, x, y):
        out = self.net(x)
        found = (self.loss(out, y), out, y)
        return tuple([found[i] for i in self.order])


def test_eval_network(kit, mode):
    net = kit.net()
    expected = ms.Model(net, nn.MSELoss(), metrics={"mse", "loss"}).eval(kit.data(2))
    for order, indexes in (((0, 1, 2), [0, 1, 2]), ((2, 0, 1), [1, 2, 0])):
        model = ms.Model(net, eval_network=Outputs(net, order), metrics={"mse", "loss"}, eval_indexes=indexes)
        assert model.eval(kit.data(2)) == pytest.approx(expected)
    # a metric with indexes of its own, and outputs that are just what a metric takes
    metric = nn.MSE().set_indexes([1, 2])
    assert ms.Model(net, eval_network=Outputs(net, (0, 1, 2)), metrics={"m": metric}).eval(kit.data(2)) == {
        "m": pytest.approx(expected["mse"])}
    assert ms.Model(net, eval_network=Outputs(net, (1, 2)), metrics={"mse"}).eval(kit.data(2)) == {
        "mse": pytest.approx(expected["mse"])}
    with pytest.raises(ValueError, match="'Loss.update', 1 inputs"):
        ms.Model(net, eval_network=Outputs(net, (0, 1)), metrics={"loss"}).eval(kit.data(2))


def test_results_print_as_plain_numbers(kit):
    result = kit.model(metrics={"mse": nn.MSE(), "loss": nn.Loss()}).eval(kit.data(2))
    assert all(type(v) is float for v in result.values()), result


def test_eval_keeps_dropout_and_batch_norm_still(mode):
    net = nn.SequentialCell([nn.Dense(3, 2), nn.BatchNorm1d(2)])
    model = ms.Model(net, nn.MSELoss(), nn.Momentum(net.trainable_params(), 0.1, 0.9), metrics={"loss"})
    data = ds.NumpySlicesDataset((np.random.rand(8, 3).astype(np.float32), np.ones((8, 2), np.float32))).batch(4)
    before = net[1].moving_mean.asnumpy()
    model.eval(data)
    np.testing.assert_array_equal(net[1].moving_mean.asnumpy(), before)
    model.train(1, data)
    assert not np.array_equal(net[1].moving_mean.asnumpy(), before)


def test_predict(mode):
    net = nn.Dense(3, 2, weight_init="ones")
    model = ms.Model(net)
    assert model.predict(Tensor(np.ones((4, 3), np.float32))).asnumpy().tolist() == [[3.0, 3.0]] * 4
    assert model.predict_network is net and model.train_network is net and model.eval_network is None
    for wrong in (np.ones(3), [np.ones(3)], {"a": np.ones(3)}, object()):
        with pytest.raises(TypeError, match="Model.predict"):
            model.predict(wrong)


def test_networks_with_their_own_loss(mode):
    class WithLoss(nn.Cell):
        def __init__(self):
            super().__init__()
            self.dense = nn.Dense(3, 2)

        def construct(self, x, y, z):
            return ((self.dense(x) - y) ** 2).mean() + z.mean()

    columns = (np.ones((4, 3), np.float32), np.ones((4, 2), np.float32), np.ones(4, np.float32))
    net, history = WithLoss(), ms.History()
    model = ms.Model(net, optimizer=nn.Momentum(net.trainable_params(), 0.01, 0.9))
    model.train(5, ds.NumpySlicesDataset(columns).batch(2), callbacks=history)
    assert history.history["net_output"][-1] < history.history["net_output"][0]


def test_build(kit):
    model = kit.model()
    model.build(kit.data(2), kit.data(2))
    before = statistics.traces
    model.train(1, kit.data(2), dataset_sink_mode=False)
    model.eval(kit.data(2))
    assert statistics.traces == before
    with pytest.raises(ValueError, match="no metrics"):
        kit.model(metrics=None).build(kit.data(2), kit.data(2))
    ms.set_context(mode=ms.PYNATIVE_MODE)
    with pytest.raises(RuntimeError, match="GRAPH_MODE"):
        model.build(kit.data(2))
    ms.set_context(mode=ms.GRAPH_MODE)


def test_datasets_that_are_none(kit):
    for wrong in (None, [1, 2]):
        for run in (lambda w: kit.model().train(1, w), lambda w: kit.model().eval(w)):
            with pytest.raises(TypeError, match="a dataset of mindspore.dataset"):
                run(wrong)
    empty = ds.NumpySlicesDataset((np.ones((1, 3), np.float32), np.ones((1, 2), np.float32)))
    with pytest.raises(ValueError, match="the dataset is empty"):
        kit.model().train(1, empty.batch(2, drop_remainder=True))


# ***** interrupts *****

@pytest.mark.parametrize("sink", [False, True])
def test_an_interrupt_leaves_a_network_that_can_go_on(kit, mode, sink):
    """Ctrl-C in the middle of an epoch; the model then trains, saves and predicts as if it had ended there."""
    class Interrupt(ms.Callback):
        def on_train_step_end(self, run_context):
            if run_context.original_args().cur_step_num == 5:
                raise KeyboardInterrupt

    model, other = kit.model(), kit.model()
    with pytest.raises(KeyboardInterrupt):
        model.train(2, kit.data(4), callbacks=Interrupt(), dataset_sink_mode=sink)
    other.train(1, kit.data(4), dataset_sink_mode=False)
    other.train(1, kit.data(4).take(1), dataset_sink_mode=False)
    for a, b in zip(weights(model), weights(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    ms.save_checkpoint(model.train_network, f"{kit.folder}/after.ckpt")
    model.train(1, kit.data(4), dataset_sink_mode=sink)
    assert np.isfinite(model.predict(Tensor(np.ones((1, 3), np.float32))).asnumpy()).all()


def test_callbacks_are_left_when_one_fails(kit):
    log = []

    class Guard(ms.Callback):
        def __init__(self, name, fails=False):
            self.name, self.fails = name, fails

        def __enter__(self):
            if self.fails:
                raise OSError("no")
            log.append(f"enter {self.name}")
            return self

        def __exit__(self, *err):
            log.append(f"leave {self.name} {err[0].__name__ if err[0] else None}")

        def on_train_step_end(self, run_context):
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        kit.model().train(1, kit.data(2), callbacks=[Guard("a"), Guard("b")])
    assert log == ["enter a", "enter b", "leave b RuntimeError", "leave a RuntimeError"]
    log.clear()
    with pytest.raises(OSError, match="no"):
        kit.model().train(1, kit.data(2), callbacks=[Guard("a"), Guard("b", fails=True)])
    assert log == ["enter a", "leave a OSError"]


# ***** mixed precision *****

def batch_norm_net():
    return nn.SequentialCell([nn.Dense(3, 4, weight_init="ones"), nn.BatchNorm1d(4), nn.ReLU(), nn.Dense(4, 2)])


def types(cell):
    """The type that each layer computes in."""
    return {name: str(np.dtype(c._dtype)) if c._dtype is not None else None
            for name, c in cell.cells_and_names() if not c._cells and name}


@pytest.mark.parametrize(("kwargs", "step", "dense", "norm"), [
    ({}, "TrainOneStepCell", None, None),
    ({"level": "O2"}, "TrainOneStepWithLossScaleCell", "float16", "float32"),
    ({"level": "O3"}, "TrainOneStepCell", "float16", "float16"),
    ({"level": "auto"}, "TrainOneStepWithLossScaleCell", "float16", "float32"),
    ({"level": "O2", "keep_batchnorm_fp32": False}, "TrainOneStepWithLossScaleCell", "float16", "float16"),
    ({"level": "O3", "keep_batchnorm_fp32": True}, "TrainOneStepCell", "float16", "float32"),
    ({"level": "O2", "loss_scale_manager": None}, "TrainOneStepCell", "float16", "float32"),
    ({"level": "O3", "cast_model_type": ms.bfloat16}, "TrainOneStepCell", "bfloat16", "bfloat16"),
    ({"loss_scale_manager": ms.FixedLossScaleManager(8.0)}, "TrainOneStepWithLossScaleCell", None, None),
    ({"loss_scale_manager": ms.FixedLossScaleManager(8.0, False)}, "TrainOneStepCell", None, None),
    ({"loss_scale_manager": ms.DynamicLossScaleManager()}, "TrainOneStepWithLossScaleCell", None, None),
])
def test_build_train_network(kwargs, step, dense, norm):
    net = batch_norm_net()
    built = build_train_network(net, nn.Momentum(net.trainable_params(), 0.1, 0.9), nn.MSELoss(), **kwargs)
    assert type(built).__name__ == step and built.training
    found = {type(c).__name__: str(np.dtype(c._dtype)) if c._dtype is not None else None
             for _, c in net.cells_and_names()}
    assert found["Dense"] == dense and found["BatchNorm1d"] == norm
    assert [p.name for p in net.trainable_params()] == ["0.weight", "0.bias", "1.gamma", "1.beta", "3.weight", "3.bias"]


@pytest.mark.parametrize("kwargs", [
    {"amp_level": "O3"}, {"amp_level": "O2", "loss_scale_manager": ms.FixedLossScaleManager(64.0)},
    {"loss_scale_manager": ms.DynamicLossScaleManager(2**10, 2, 3)},
    {"amp_level": "O2", "keep_batchnorm_fp32": False, "loss_scale_manager": ms.DynamicLossScaleManager(2**10)},
    {"loss_scale_manager": ms.FixedLossScaleManager(64.0, False)},
])
def test_training_in_mixed_precision(kwargs):
    """The loss falls as far as in float32, within what float16 can do; the Parameters stay float32."""
    rng = np.random.RandomState(0)
    x = rng.rand(16, 3).astype(np.float32)
    data = ds.NumpySlicesDataset((x, (x @ np.ones((3, 2)) - 1).astype(np.float32)), shuffle=False).batch(8)
    losses = []
    for options in ({}, kwargs):
        ms.set_seed(1)
        net = batch_norm_net()
        manager = options.get("loss_scale_manager")
        fixed = manager is not None and manager.get_update_cell() is None
        scale = manager.get_loss_scale() if fixed else 1.0
        optimizer = nn.Momentum(net.trainable_params(), 0.05, 0.9, loss_scale=scale)
        history = ms.History()
        model = ms.Model(net, nn.MSELoss(), optimizer, metrics={"loss"}, **options)
        model.train(6, data, callbacks=history, dataset_sink_mode=False)
        losses.append(history.history["net_output"])
        assert {str(p.dtype) for p in net.trainable_params()} == {"Float32"}
        assert model.eval(data)["loss"] < losses[-1][0]
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.1, atol=0.02)


def test_the_default_loss_scale_finds_its_way_down(kit, mode):
    """It starts at 2**24, where float16 overflows: steps are skipped until the scale fits, and then the loss falls."""
    history = ms.History()
    kit.model(amp_level="O2").train(30, kit.data(2), callbacks=history)
    losses = history.history["net_output"]
    assert losses[0] == losses[1] and losses[-1] < losses[0] / 2


def test_an_overflow_skips_the_update_and_lowers_the_scale(mode):
    class Overflowing(nn.Cell):
        def __init__(self):
            super().__init__()
            self.w = ms.Parameter(Tensor([1.0]), name="w")

        def construct(self, x, y):
            return (self.w * x * y).sum()

    net, manager = Overflowing(), ms.DynamicLossScaleManager(2**10, 2, 100)
    model = ms.Model(net, optimizer=nn.Momentum(net.trainable_params(), 0.1, 0.9), loss_scale_manager=manager)
    columns = (np.array([[1.0], [np.inf], [1.0]], np.float32), np.ones((3, 1), np.float32))
    seen = []
    spy = ms.LambdaCallback(on_train_step_end=lambda c: seen.append(
        (float(net.w.asnumpy()[0]), manager.get_loss_scale())))
    model.train(1, ds.NumpySlicesDataset(columns, shuffle=False).batch(1), callbacks=spy)
    assert [scale for _, scale in seen] == [1024, 512, 512]
    assert seen[0][0] == pytest.approx(0.9) and seen[1][0] == seen[0][0] and seen[2][0] < seen[1][0]


def test_auto_mixed_precision():
    x = Tensor(np.ones((4, 3), np.float32))
    for level, dense, norm, out in (("O0", None, None, "Float32"), ("O1", "float16", None, "Float32"),
                                    ("O2", "float16", "float32", "Float16"), ("O3", "float16", "float16", "Float16")):
        net = batch_norm_net()
        assert ms.amp.auto_mixed_precision(net, level) is net
        found = {type(c).__name__: str(np.dtype(c._dtype)) if c._dtype is not None else None
                 for _, c in net.cells_and_names()}
        assert (found["Dense"], found["BatchNorm1d"]) == (dense, norm), level
        assert str(net(x).dtype) == out, level
    with pytest.raises(ValueError, match="amp_level"):
        ms.amp.auto_mixed_precision(net, "O5")
    with pytest.raises(TypeError, match="network"):
        ms.amp.auto_mixed_precision(3)


def test_all_finite(mode):
    good, bad = Tensor([1.0, 2.0]), Tensor([1.0, float("nan")])
    assert bool(ms.amp.all_finite(good)) and bool(ms.amp.all_finite([good, good]))
    assert not bool(ms.amp.all_finite((good, bad))) and not bool(ms.amp.all_finite(bad))


# ***** helpers *****

def test_dataset_helper(kit):
    helper = ms.DatasetHelper(kit.data(3), dataset_sink_mode=False)
    for _ in range(2):
        assert [[t.shape for t in inputs] for inputs in helper] == [[(2, 3), (2, 2)]] * 3
    assert helper.sink_size() == 3
    helper = ms.DatasetHelper(kit.data(3), dataset_sink_mode=True, sink_size=2)
    first = [inputs[0].asnumpy() for _ in range(3) for inputs in helper]
    assert len(first) == 6
    np.testing.assert_array_equal(first[3], first[0])
    helper.release()
    for args, error in (((kit.data(3), 1), TypeError), ((3, False), TypeError), ((kit.data(3), True, 0), ValueError),
                        ((kit.data(3), True, -2), ValueError)):
        with pytest.raises(error, match="DatasetHelper"):
            ms.DatasetHelper(*args)


def test_a_loop_with_dataset_helper(kit, mode):
    net = kit.net()
    step = build_train_network(net, nn.Momentum(net.trainable_params(), 0.1, 0.9), nn.MSELoss())
    helper = ms.DatasetHelper(kit.data(4))
    connected = ms.connect_network_with_dataset(step, helper)
    for _ in range(2):
        for inputs in helper:
            connected(*inputs)
    model = kit.model()
    model.train(2, kit.data(4), dataset_sink_mode=False)
    for a, b in zip(net.get_parameters(), model.predict_network.get_parameters(), strict=True):
        np.testing.assert_allclose(a.asnumpy(), b.asnumpy(), rtol=1e-5, atol=1e-6)
    with pytest.raises(TypeError, match="dataset_helper"):
        ms.connect_network_with_dataset(net, 3)


def test_data_sink(kit, calls):
    net = kit.net()
    step = build_train_network(net, nn.Momentum(net.trainable_params(), 0.1, 0.9), nn.MSELoss())
    sink = ms.data_sink(step, kit.data(4), sink_size=4)
    losses = [float(sink()) for _ in range(2)]
    assert calls.counts == [4, 4]
    history = ms.History()
    kit.model().train(2, kit.data(4), callbacks=history, dataset_sink_mode=False)
    assert losses == pytest.approx(history.history["net_output"], rel=1e-5)
    assert float(ms.data_sink(lambda x, y: ops.reduce_sum(x), kit.data(1), jit_config=ms.JitConfig())()) > 0 \
        if hasattr(ms, "JitConfig") else True
    for args, error in (((3, kit.data(1)), TypeError), ((step, 3), TypeError), ((step, kit.data(1), 0), ValueError)):
        with pytest.raises(error, match="data_sink"):
            ms.data_sink(*args)


# ***** loss scalers *****

def test_dynamic_loss_scaler_moves_as_in_mindspore(mode):
    """The sequence was recorded with MindSpore 1.8.1."""
    recorded = [(True, 16, 1), (True, 32, 0), (True, 32, 1), (False, 16, 0), (False, 8, 0), (True, 8, 1), (True, 16, 0),
                (False, 8, 0), (False, 4, 0), (False, 2, 0), (False, 1, 0), (False, 1, 0)]
    scaler = ms.amp.DynamicLossScaler(16, 2, 2)
    for finite, scale, count in recorded:
        assert scaler.adjust(Tensor(finite)) is None
        assert (float(scaler.scale_value), int(scaler.counter)) == (scale, count)


def test_loss_scalers_keep_dtypes_and_structure():
    scaler = ms.amp.StaticLossScaler(4.0)
    half = Tensor([1.0], ms.float16)
    scaled = scaler.scale((half, Tensor([2.0])))
    assert isinstance(scaled, tuple) and [t.asnumpy().tolist() for t in scaled] == [[4.0], [8.0]]
    assert scaled[0].dtype is ms.float16
    assert scaler.unscale(half).asnumpy().tolist() == [0.25] and scaler.adjust(Tensor(True)) is None


@pytest.mark.parametrize(("args", "error"), [
    ((0,), ValueError), (("x",), TypeError), ((0, 2, 2), ValueError), ((16, 0, 2), ValueError),
    ((16, 2, 0), ValueError), ((16, 2, 1.5), TypeError), ((16, 1.5, 2), TypeError), ((0.5, 2, 2), ValueError),
])
def test_loss_scalers_refuse(args, error):
    kind = ms.amp.StaticLossScaler if len(args) == 1 else ms.amp.DynamicLossScaler
    with pytest.raises(error, match=kind.__name__):
        kind(*args)

"""What callbacks do beyond the texts recorded from MindSpore, which test_model.py compares."""
import io
import logging
import os

import numpy as np
import pytest
from rich.console import Console

import mycelium as ms
from mycelium import Tensor, nn
from mycelium.train.callbacks import InternalCallbackParam, ProgressMonitor, base, saving
from mycelium.train.callbacks.base import CallbackList


def context(**params):
    return ms.RunContext(InternalCallbackParam(params))


class Epochs:
    """Drives a callback through epochs with given values, as `Model.fit` would."""

    def __init__(self, callback, optimizer=None):
        self.net = nn.Dense(2, 1, weight_init="ones")
        self.optimizer = optimizer or nn.Momentum(self.net.trainable_params(), 0.5, 0.9)
        self.callback = callback
        self.context = context(train_network=self.net, optimizer=self.optimizer, cur_epoch_num=0)
        callback.on_train_begin(self.context)

    def run(self, *values, name="eval_loss"):
        """The learning rate after each epoch, until the end is asked for."""
        rates = []
        for value in values:
            params = self.context.original_args()
            params.cur_epoch_num += 1
            params.eval_results = {name: value}
            self.net.bias.set_data(Tensor([float(params.cur_epoch_num)]))
            self.callback.on_train_epoch_end(self.context)
            rates.append(float(self.optimizer.learning_rate.asnumpy()))
            if self.context.get_stop_requested():
                break
        self.callback.on_train_end(self.context)
        return rates


# ***** parameters and contexts *****

def test_parameters_are_items_and_attributes():
    params = InternalCallbackParam(a=1)
    params.b = 2
    assert params["b"] == 2 and params.a == 1 and dict(params) == {"a": 1, "b": 2}
    assert not hasattr(params, "c")
    for error in (AttributeError, KeyError):
        with pytest.raises(error, match="no 'c' in the parameters of this callback; there are a, b"):
            _ = params.c


def test_a_callback_calls_its_old_methods_unless_it_has_new_ones():
    class Both(ms.Callback):
        calls = []

        def step_end(self, run_context):
            self.calls.append("step_end")

        def on_eval_step_end(self, run_context):
            self.calls.append("on_eval_step_end")

    callback = Both()
    callback.on_train_step_end(None)
    callback.on_eval_step_end(None)
    callback.on_train_begin(None)
    assert callback.calls == ["step_end", "on_eval_step_end"]


def test_how_many_steps_may_run_unwatched():
    class Step(ms.LossMonitor):
        def step_end(self, run_context):
            super().step_end(run_context)

    class Begin(ms.Callback):
        def on_train_step_begin(self, run_context):
            pass

    class Epoch(ms.Callback):
        def epoch_end(self, run_context):
            pass

    params = InternalCallbackParam(cur_step_num=3, batch_num=4)
    every = {ms.LossMonitor(): None, ms.TimeMonitor(): None, ms.History(): None, ProgressMonitor(): None,
             ms.EarlyStopping(): None, ms.ReduceLROnPlateau(): None, Epoch(): None,
             ms.LambdaCallback(on_train_epoch_end=print): None, ms.LambdaCallback(on_train_step_end=print): 1,
             ms.LearningRateScheduler(max): 1, Step(): 1, Begin(): 1}
    for callback, expected in every.items():
        assert callback._steps_without(params) == expected, callback
    assert CallbackList(list(every)).steps_without(params) == 1
    assert CallbackList([ms.LossMonitor()]).steps_without(params) is None
    assert CallbackList(None).callbacks == []


def test_which_callbacks_evaluate_in_fit():
    kept = [ms.TimeMonitor(), ms.LambdaCallback(on_eval_begin=print), ms.Callback()]
    found = CallbackList([ms.LossMonitor(), *kept, ms.History(), ms.EarlyStopping()])
    assert found.for_evaluation() == kept


def test_old_methods_are_refused_in_fit_by_name():
    class Old(ms.LossMonitor):
        def step_end(self, run_context):
            pass

    with pytest.raises(ValueError, match="Old defines step_end"):
        base.check_new_style([ms.LossMonitor(), Old()])
    base.check_new_style([ms.LossMonitor(), ms.TimeMonitor(), ms.ModelCheckpoint()])


# ***** monitors *****

@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_loss_monitor_stops_a_training_that_diverged(value):
    with pytest.raises(ValueError, match="In epoch 2, step 3, the loss is"):
        ms.LossMonitor().step_end(context(cur_epoch_num=2, cur_step_num=7, batch_num=4, net_outputs=Tensor(value)))


def test_time_monitor_needs_to_know_the_number_of_steps(capsys):
    monitor = ms.TimeMonitor()
    with pytest.raises(TypeError, match="data_size"):
        monitor.epoch_end(context(mode="train"))
    ms.TimeMonitor(data_size=4).epoch_end(context(mode="eval"))
    assert capsys.readouterr().out.startswith("Eval epoch time: ")


def test_time_monitor_tells_training_from_the_evaluation_within(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    monitor = ms.TimeMonitor()
    for mode, at, event in (("train", 1, "begin"), ("eval", 5, "begin"), ("eval", 6, "end"), ("train", 7, "end")):
        now[0] = float(at)
        getattr(monitor, f"epoch_{event}")(context(mode=mode, batch_num=2))
    assert capsys.readouterr().out == ("Eval epoch time: 1000.000 ms, per step time: 500.000 ms\n"
                                       "Train epoch time: 6000.000 ms, per step time: 3000.000 ms\n")


def test_progress_monitor_shows_epochs_loss_and_metrics():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    monitor = ProgressMonitor(console)
    params = InternalCallbackParam(epoch_num=2, batch_num=5, cur_step_num=0)
    run_context = ms.RunContext(params)
    monitor.on_train_begin(run_context)
    for epoch in (1, 2):
        params.cur_epoch_num = epoch
        monitor.on_train_epoch_begin(run_context)
        for _ in range(5):
            params.cur_step_num += 1
            params.net_outputs = Tensor(0.125 * epoch)
            monitor.on_train_step_end(run_context)
        params.metrics = {"accuracy": 0.75}
        monitor.on_train_epoch_end(run_context)
    monitor.on_train_end(run_context)
    text = console.file.getvalue()
    for expected in ("epoch 1/2", "epoch 2/2", "5/5", "loss 0.125", "loss 0.25", "accuracy 0.75"):
        assert expected in text


def test_progress_monitor_lets_go_of_the_terminal_when_a_training_fails():
    monitor = ProgressMonitor(Console(file=io.StringIO()))
    with pytest.raises(KeyboardInterrupt), monitor:
        monitor.on_train_begin(context())
        assert monitor._progress is not None
        raise KeyboardInterrupt
    assert monitor._progress is None


def test_summary_collector_says_that_it_records_nothing(tmp_path, caplog):
    collector = ms.SummaryCollector(str(tmp_path), collect_freq=1, collect_specified_data={"collect_metric": True})
    with caplog.at_level(logging.WARNING, "mycelium"):
        collector.on_train_begin(context())
    assert "records nothing" in caplog.text and not os.listdir(tmp_path)
    with pytest.raises(ValueError, match="did you mean 'collect_metric'"):
        ms.SummaryCollector(str(tmp_path), collect_specified_data={"collect_metrics": True})
    for kwargs in ({"keep_default_action": 1}, {"max_file_size": "x"}, {"custom_lineage_data": 3}):
        with pytest.raises(TypeError, match=next(iter(kwargs))):
            ms.SummaryCollector(str(tmp_path), **kwargs)
    for kwargs in ({"max_file_size": 0}, {"collect_tensor_freq": 0}):
        with pytest.raises(ValueError, match=next(iter(kwargs))):
            ms.SummaryCollector(str(tmp_path), **kwargs)
    with pytest.raises(ValueError, match="summary_dir"):
        ms.SummaryCollector(" ")


# ***** learning rates and stopping *****

def test_reduce_lr_waits_for_patience():
    assert Epochs(ms.ReduceLROnPlateau(factor=0.5, patience=2)).run(1, 1, 1, 1, 1) == [0.5, 0.5, 0.25, 0.25, 0.125]
    assert Epochs(ms.ReduceLROnPlateau(factor=0.5, patience=0, min_delta=0.2)).run(1, 0.9, 0.5) == [0.5, 0.25, 0.25]
    rising = Epochs(ms.ReduceLROnPlateau("acc", factor=0.5, patience=0))
    assert rising.run(0.1, 0.2, 0.1, name="acc") == [0.5, 0.5, 0.25]
    nan = float("nan")
    assert Epochs(ms.ReduceLROnPlateau(factor=0.5, patience=0)).run(nan, nan) == [0.25, 0.125]


def test_early_stopping_with_a_baseline():
    """Only epochs that beat the baseline end the waiting."""
    for values, epochs in (((1, 0.9, 0.8), 2), ((0.4, 0.3, 0.6, 0.7), 4), ((0.6, 0.4, 0.6, 0.6), 4)):
        assert len(Epochs(ms.EarlyStopping(patience=2, baseline=0.5)).run(*values)) == epochs
    with pytest.raises(TypeError, match="baseline"):
        ms.EarlyStopping(baseline="x")


def test_early_stopping_restores_the_best_epoch():
    driven = Epochs(ms.EarlyStopping(patience=2, restore_best_weights=True))
    driven.run(1, 0.5, 0.7, 0.6, 0.1)
    assert driven.net.bias.asnumpy().tolist() == [2.0]
    driven = Epochs(ms.EarlyStopping(patience=9, restore_best_weights=True))
    driven.run(1, 0.5, 0.7)
    assert driven.net.bias.asnumpy().tolist() == [3.0]       # the training was not ended early


@pytest.mark.parametrize("kind", [ms.EarlyStopping, ms.ReduceLROnPlateau])
def test_a_value_that_is_not_there_is_warned_of(kind, caplog):
    with caplog.at_level(logging.WARNING, "mycelium"):
        driven = Epochs(kind("nothing", patience=0))
        driven.run(1, 1, name="mse")
    assert "no 'nothing' to look at; there are 'mse'" in caplog.text and not driven.context.get_stop_requested()


def test_watchers_start_anew_with_each_training():
    callback = ms.EarlyStopping(patience=1)
    assert len(Epochs(callback).run(1, 2, 3)) == 2
    assert len(Epochs(callback).run(5, 4, 6)) == 3


def test_schedules_of_the_optimizer_are_not_changed():
    net = nn.Dense(2, 1)
    groups = [{"params": [net.weight], "lr": 0.1}, {"params": [net.bias], "lr": 0.2}]
    decay = nn.ExponentialDecayLR(0.1, 0.9, 4)
    for optimizer in (nn.Momentum(groups, 0.1, 0.9), nn.Momentum(net.trainable_params(), decay, 0.9)):
        with pytest.raises(AttributeError, match="a fixed learning rate"):
            Epochs(ms.ReduceLROnPlateau(patience=0), optimizer).run(float("nan"))
        with pytest.raises(AttributeError, match="a fixed learning rate"):
            ms.LearningRateScheduler(max).step_end(context(optimizer=optimizer, cur_step_num=1))


@pytest.mark.parametrize("new", [0.25, np.float32(0.25), np.float64(0.25), Tensor(0.25)])
def test_a_scheduler_may_return_any_number(new):
    net = nn.Dense(2, 1)
    optimizer = nn.Momentum(net.trainable_params(), 0.1, 0.9)
    seen = []
    ms.LearningRateScheduler(lambda lr, step: seen.append((lr, step)) or new).step_end(
        context(optimizer=optimizer, cur_step_num=7))
    assert seen == [(0.1, 7)]
    assert optimizer.learning_rate.asnumpy() == np.float32(0.25)


# ***** saving *****

def checkpoint_params(step, batch_num=100):
    return context(train_network=nn.Dense(2, 1), cur_step_num=step, batch_num=batch_num,
                   cur_epoch_num=(step - 1) // batch_num + 1)


def names(folder):
    return sorted(os.listdir(folder), key=lambda f: int(f.split("_")[1].split(".")[0]))


def test_one_file_of_every_n_minutes_is_kept(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(saving.time, "monotonic", lambda: now[0])
    config = ms.CheckpointConfig(keep_checkpoint_max=0, keep_checkpoint_per_n_minutes=1)
    callback = ms.ModelCheckpoint("n", str(tmp_path), config)
    for step in range(1, 9):
        now[0] = 20.0 * step
        callback.step_end(checkpoint_params(step))
    # kept for good: at 20, 80, 140 seconds; and the last one
    assert names(tmp_path) == ["n-1_1.ckpt", "n-1_4.ckpt", "n-1_7.ckpt", "n-1_8.ckpt"]


def test_saving_by_seconds(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(saving.time, "monotonic", lambda: now[0])
    config = ms.CheckpointConfig(save_checkpoint_steps=0, save_checkpoint_seconds=50)
    callback = ms.ModelCheckpoint("n", str(tmp_path), config)
    for step in range(1, 9):
        now[0] = 20.0 * step
        callback.step_end(checkpoint_params(step))
    assert names(tmp_path) == ["n-1_3.ckpt", "n-1_6.ckpt"]
    assert callback._steps_without(InternalCallbackParam(cur_step_num=8)) == 1


def test_files_that_somebody_removed_are_not_missed(tmp_path):
    callback = ms.ModelCheckpoint("n", str(tmp_path), ms.CheckpointConfig(keep_checkpoint_max=2))
    for step in range(1, 5):
        callback.step_end(checkpoint_params(step))
        if step == 2:
            os.remove(tmp_path / "n-1_1.ckpt")
    assert names(tmp_path) == ["n-1_3.ckpt", "n-1_4.ckpt"]


def test_the_state_of_saving_is_told(tmp_path):
    run_context = checkpoint_params(3)
    callback = ms.ModelCheckpoint("n", str(tmp_path))
    assert callback.latest_ckpt_file_name == ""
    callback.step_end(run_context)
    params = run_context.original_args()
    assert params.last_save_ckpt_step == 3
    assert params.latest_ckpt_file == callback.latest_ckpt_file_name == str(tmp_path / "n-1_3.ckpt")


def test_checkpoints_are_encrypted(tmp_path):
    key = bytes(16)
    callback = ms.ModelCheckpoint("n", str(tmp_path), ms.CheckpointConfig(enc_key=key))
    callback.step_end(checkpoint_params(1))
    with pytest.raises(ValueError, match="encrypted"):
        ms.load_checkpoint(callback.latest_ckpt_file_name)
    assert list(ms.load_checkpoint(callback.latest_ckpt_file_name, dec_key=key)) == ["weight", "bias"]
    with pytest.raises(ValueError, match="enc_key"):
        ms.CheckpointConfig(enc_key="text")


def test_directories_are_made(tmp_path):
    ms.ModelCheckpoint("n", str(tmp_path / "a" / "b")).step_end(checkpoint_params(1))
    assert os.listdir(tmp_path / "a" / "b") == ["n-1_1.ckpt"]


def test_checkpoint_config_properties():
    config = ms.CheckpointConfig(save_checkpoint_steps=3, save_checkpoint_seconds=9, keep_checkpoint_per_n_minutes=2,
                                 append_info=["epoch_num", {"lr": 0.5}])
    assert config.get_checkpoint_policy() == {
        "save_checkpoint_steps": 3, "save_checkpoint_seconds": None, "keep_checkpoint_max": 5,
        "keep_checkpoint_per_n_minutes": None, "saved_network": None}
    assert config.append_dict == {"epoch_num": 0, "lr": 0.5} and config.enc_mode == "AES-GCM"
    assert config.integrated_save and not config.async_save and config.enc_key is None

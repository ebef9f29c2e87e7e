"""Small trainings whose printed text is compared between MindSpore and this package. Nothing is imported here: the
functions get MindSpore's modules, or ours, as `ms`, `nn` and `ds`."""
import os

import numpy as np

SCENARIOS = {}


def scenario(function):
    """Registers a scenario."""
    SCENARIOS[function.__name__] = function
    return function


class Kit:
    """What the scenarios are made of."""

    def __init__(self, ms, nn, ds, params, folder):
        self.ms, self.nn, self.ds, self.params, self.folder = ms, nn, ds, params, folder

    def net(self):
        """A network from three inputs to two outputs, the same at every run."""
        return self.nn.SequentialCell([self.nn.Dense(3, 2, weight_init="ones")])

    def data(self, batches=2, size=2):
        """Pseudo-random data."""
        rng = np.random.RandomState(0)
        columns = {name: rng.rand(batches * size, n).astype(np.float32) for name, n in (("x", 3), ("y", 2))}
        return self.ds.NumpySlicesDataset(columns, shuffle=False).batch(size)

    def model(self, net=None, **kwargs):
        """A model of `net` with momentum."""
        net = net or self.net()
        optimizer = self.nn.Momentum(net.trainable_params(), 0.1, 0.9)
        kwargs.setdefault("metrics", {"mse": self.nn.MSE()})
        return self.ms.Model(net, self.nn.MSELoss(), optimizer, **kwargs)

    def spy(self, style, stop_at=None):
        """A callback that prints what it is told."""
        events = ("begin", "epoch_begin", "step_begin", "step_end", "epoch_end", "end")

        def printing(event):
            def method(callback, run_context):
                p = run_context.original_args()
                shown = {k: p[k] for k in ("mode", "epoch_num", "batch_num", "cur_epoch_num", "cur_step_num",
                                           "dataset_sink_mode") if k in p}
                print(event, shown, sorted(p))
                if event == stop_at:
                    run_context.request_stop()
            return method

        prefixes = ("on_train_", "on_eval_") if style == "new" else ("",)
        return type("Spy", (self.ms.Callback,), {p + e: printing(p + e) for p in prefixes for e in events})()

    def files(self):
        """The files in the folder but MindSpore's graph files, sorted."""
        return sorted(f for f in os.listdir(self.folder) if not f.endswith(".meta"))


@scenario
def loss_monitor(k):
    k.model().train(2, k.data(3), callbacks=[k.ms.LossMonitor(), k.ms.TimeMonitor()], dataset_sink_mode=False)
    k.model().train(2, k.data(3), callbacks=k.ms.LossMonitor(2), dataset_sink_mode=False)
    k.model().train(1, k.data(3), callbacks=k.ms.LossMonitor(0), dataset_sink_mode=False)
    monitor, model = k.ms.LossMonitor(2), k.model()
    for _ in range(2):
        model.train(1, k.data(3), callbacks=[monitor], dataset_sink_mode=False)


@scenario
def loss_monitor_alone(k):
    monitor = k.ms.LossMonitor(30)
    params = k.params()
    params.update(cur_epoch_num=1, batch_num=10, mode="train", dataset_sink_mode=False)
    context = k.ms.RunContext(params)
    for _ in range(2):
        for step in range(7, 200, 7):
            params.cur_step_num = step
            params.net_outputs = k.ms.Tensor(float(step))
            monitor.step_end(context)
    monitor = k.ms.LossMonitor()
    params.cur_step_num = 1
    for outputs in (k.ms.Tensor(2.5), [k.ms.Tensor(1.5), k.ms.Tensor(2.0)], (k.ms.Tensor([1.0, 2.0]),), 5.0, None,
                    k.ms.Tensor([1, 2]), k.ms.Tensor(0.1), "text"):
        params.net_outputs = outputs
        monitor.step_end(context)


@scenario
def callbacks_old_style(k):
    model = k.model()
    model.train(2, k.data(2), callbacks=[k.spy("old")], dataset_sink_mode=False)
    model.eval(k.data(1), callbacks=[k.spy("old")], dataset_sink_mode=False)


@scenario
def callbacks_new_style(k):
    model = k.model()
    model.train(2, k.data(2), callbacks=[k.spy("new")], dataset_sink_mode=False, initial_epoch=1)
    model.fit(2, k.data(1), k.data(1), callbacks=[k.spy("new")], dataset_sink_mode=False)


@scenario
def stopping(k):
    for event in ("on_train_step_end", "on_train_epoch_end", "on_train_epoch_begin", "on_train_begin"):
        print(event)
        k.model().train(3, k.data(2), callbacks=[k.spy("new", event)], dataset_sink_mode=False)


@scenario
def fit(k):
    history = k.ms.History()
    k.model().fit(4, k.data(2), k.data(3), valid_frequency=2, dataset_sink_mode=False,
                  callbacks=[k.ms.LossMonitor(), k.ms.TimeMonitor(), history])
    print(history.epoch, history.history)
    k.model().fit(3, k.data(2), k.data(3), valid_frequency=[1, 3], callbacks=[k.ms.LossMonitor()],
                  dataset_sink_mode=False)
    k.model().fit(2, k.data(2), callbacks=[k.ms.LossMonitor()], dataset_sink_mode=False)


@scenario
def history(k):
    found, model = k.ms.History(), k.model()
    model.train(2, k.data(2), callbacks=[found], dataset_sink_mode=False)
    print(found.epoch, found.history)
    model.train(1, k.data(2), callbacks=[found], dataset_sink_mode=False)
    print(found.epoch, found.history)


@scenario
def evaluation(k):
    print(k.model().eval(k.data(3), callbacks=[k.ms.LossMonitor(), k.ms.TimeMonitor()], dataset_sink_mode=False))
    print(k.model(metrics={"loss"}).eval(k.data(3), dataset_sink_mode=False))


@scenario
def early_stopping(k):
    for options in ({"monitor": "mse", "patience": 1}, {"monitor": "eval_loss", "patience": 1},
                    {"monitor": "loss", "patience": 0}, {"monitor": "mse", "patience": 1, "mode": "max"},
                    {"monitor": "mse", "patience": 1, "restore_best_weights": True}):
        print(options)
        model = k.model()
        model.fit(8, k.data(2), k.data(2), dataset_sink_mode=False,
                  callbacks=[k.ms.EarlyStopping(verbose=True, **options), k.ms.LossMonitor(2)])
        print(model.eval(k.data(2), dataset_sink_mode=False))


@scenario
def reduce_lr(k):
    for options in ({"patience": 0}, {"patience": 0, "factor": 0.5, "min_lr": 0.03}, {"patience": 1, "min_delta": 0.5},
                    {"patience": 0, "factor": 0.5, "cooldown": 2}, {"monitor": "mse", "mode": "max", "patience": 0}):
        print(options)
        k.model().fit(8, k.data(2), k.data(2), dataset_sink_mode=False,
                      callbacks=[k.ms.ReduceLROnPlateau(verbose=True, **options), k.ms.LossMonitor(2)])


@scenario
def scheduler(k):
    def halved(lr, step):
        print(lr, step)
        return lr * 0.5

    k.model().train(2, k.data(2), callbacks=[k.ms.LearningRateScheduler(halved), k.ms.LossMonitor()],
                    dataset_sink_mode=False)


@scenario
def lambdas(k):
    callback = k.ms.LambdaCallback(on_train_epoch_begin=lambda c: print("epoch", c.original_args().cur_epoch_num),
                                   on_train_step_end=lambda c: print("step", c.original_args().cur_step_num),
                                   on_eval_begin=lambda c: print("eval"))
    model = k.model()
    model.train(2, k.data(2), callbacks=[callback], dataset_sink_mode=False)
    model.eval(k.data(1), callbacks=[callback], dataset_sink_mode=False)


@scenario
def checkpoints(k):
    every = ({}, {"save_checkpoint_steps": 3}, {"save_checkpoint_steps": 3, "keep_checkpoint_max": 2},
             {"keep_checkpoint_max": 0}, {"save_checkpoint_steps": 100},
             {"save_checkpoint_steps": 0, "save_checkpoint_seconds": 100},
             {"save_checkpoint_steps": 1, "keep_checkpoint_max": 0, "keep_checkpoint_per_n_minutes": 1},
             {"save_checkpoint_steps": 0, "save_checkpoint_seconds": 0},
             {"async_save": True, "save_checkpoint_steps": 4})
    for i, options in enumerate(every):
        callback = k.ms.ModelCheckpoint(f"net{i}", k.folder, k.ms.CheckpointConfig(**options))
        k.model().train(3, k.data(4), callbacks=[callback], dataset_sink_mode=False)
        latest = os.path.basename(callback.latest_ckpt_file_name)
        print(options, [f for f in k.files() if f.startswith(f"net{i}-")], latest)


@scenario
def checkpoint_names(k):
    for existing in ((), ("net-1_1.ckpt",), ("net_5-1_1.ckpt",), ("netx-1_1.ckpt",), ("net.ckpt",), ("net-1.ckpt",),
                     ("net_a-1_1.ckpt",), ("net-1_1_breakpoint.ckpt",), ("net_2-foo.ckpt", "net-1_1.ckpt")):
        for name in os.listdir(k.folder):
            os.remove(os.path.join(k.folder, name))
        for name in existing:
            open(os.path.join(k.folder, name), "w").close()
        k.model().train(1, k.data(1), callbacks=[k.ms.ModelCheckpoint("net", k.folder)], dataset_sink_mode=False)
        print(existing, [f for f in k.files() if f not in existing])


@scenario
def checkpoint_contents(k):
    config = k.ms.CheckpointConfig(save_checkpoint_steps=3, append_info=["epoch_num", "step_num", {"lr": 0.5, "n": 3}])
    k.model().train(2, k.data(4), callbacks=[k.ms.ModelCheckpoint("a", k.folder, config)], dataset_sink_mode=False)
    config = k.ms.CheckpointConfig(saved_network=k.net(), save_checkpoint_steps=8)
    k.model().train(2, k.data(4), callbacks=[k.ms.ModelCheckpoint("b", k.folder, config)], dataset_sink_mode=False)
    for name in k.files():
        values = k.ms.load_checkpoint(os.path.join(k.folder, name))
        print(name, sorted(values), [values[n].asnumpy().item() for n in ("epoch_num", "step_num", "lr", "n")
                                     if n in values])


@scenario
def checkpoint_of_an_exception(k):
    def fail(context):
        if context.original_args().cur_step_num == 2:
            raise RuntimeError("boom")

    config = k.ms.CheckpointConfig(save_checkpoint_steps=3, exception_save=True)
    try:
        k.model().train(2, k.data(4), dataset_sink_mode=False, callbacks=[
            k.ms.ModelCheckpoint("net", k.folder, config), k.ms.LambdaCallback(on_train_step_end=fail)])
    except RuntimeError as error:
        print(error)
    print(k.files())


@scenario
def training_flags(k):
    net = k.net()
    model = k.model(net)
    print(net.training)
    model.train(1, k.data(1), dataset_sink_mode=False)
    print(net.training)
    model.eval(k.data(1), dataset_sink_mode=False)
    print(net.training)
    model.train(1, k.data(1), dataset_sink_mode=False)
    print(net.training, model.train_network.training)
    model.predict(k.ms.Tensor(np.ones((2, 3), np.float32)))
    print(net.training)


@scenario
def without_optimizer(k):
    k.ms.Model(k.net(), k.nn.MSELoss()).train(1, k.data(2), callbacks=k.ms.LossMonitor(), dataset_sink_mode=False)


@scenario
def uneven_batches(k):
    def data():
        columns = {"x": np.ones((5, 3), np.float32), "y": np.ones((5, 2), np.float32)}
        return k.ds.NumpySlicesDataset(columns, shuffle=False).batch(2)

    model = k.model()
    model.train(1, data(), callbacks=k.ms.LossMonitor(), dataset_sink_mode=True)
    print(model.eval(data()))


def errors(k):
    """(what is tried, function) pairs that raise."""
    ms, nn = k.ms, k.nn
    model, net, loss = k.model(), k.net(), k.nn.MSELoss()

    def train(**kwargs):
        return lambda: model.train(kwargs.pop("epoch", 1), kwargs.pop("data", k.data(1)), **kwargs)

    def fit(**kwargs):
        return lambda: model.fit(2, k.data(1), k.data(1), **kwargs)

    three = k.ds.NumpySlicesDataset({c: np.ones((4, 3), np.float32) for c in "xyz"}).batch(2)
    return {
        "callbacks=3": train(callbacks=3), "callbacks=[3]": train(callbacks=[3]), "epoch=0": train(epoch=0),
        "epoch=-1": train(epoch=-1), "epoch=1.5": train(epoch=1.5), "epoch=True": train(epoch=True),
        "sink=1": train(dataset_sink_mode=1), "sink_size=0": train(sink_size=0), "sink_size=-2": train(sink_size=-2),
        "initial_epoch=1": train(initial_epoch=1), "initial_epoch=-1": train(initial_epoch=-1),
        "three columns": train(data=three, dataset_sink_mode=False),
        "eval sink=3": lambda: model.eval(k.data(1), dataset_sink_mode=3),
        "eval without metrics": lambda: ms.Model(net, loss).eval(k.data(1)),
        "eval with no metric": lambda: ms.Model(net, loss, metrics=set()).eval(k.data(1)),
        "fit old callback": fit(callbacks=[k.spy("old")]), "fit frequency x": fit(valid_frequency="x"),
        "metrics without loss": lambda: ms.Model(net, metrics={"acc"}), "network=3": lambda: ms.Model(3),
        "optimizer=3": lambda: ms.Model(net, loss, 3), "metrics=[acc]": lambda: ms.Model(net, loss, metrics=["acc"]),
        "metrics={zz}": lambda: ms.Model(net, loss, metrics={"zz"}), "foo=3": lambda: ms.Model(net, loss, foo=3),
        "amp without optimizer": lambda: ms.Model(net, loss, amp_level="O2"),
        "scale without optimizer": lambda: ms.Model(net, loss, loss_scale_manager=ms.FixedLossScaleManager()),
        "eval_indexes=[0, 1]": lambda: ms.Model(net, loss, eval_network=net, metrics={"acc"}, eval_indexes=[0, 1]),
        "eval_indexes=3": lambda: ms.Model(net, loss, eval_network=net, metrics={"acc"}, eval_indexes=3),
        "predict array": lambda: model.predict(np.ones((2, 3), np.float32)),
        "infer_predict_layout": lambda: model.infer_predict_layout(ms.Tensor(1.0)),
        "infer_train_layout": lambda: model.infer_train_layout(k.data(1)),
        "LossMonitor(-1)": lambda: ms.LossMonitor(-1), "LossMonitor(1.5)": lambda: ms.LossMonitor(1.5),
        "RunContext(3)": lambda: ms.RunContext(3), "prefix a/b": lambda: ms.ModelCheckpoint("a/b"),
        "prefix 3": lambda: ms.ModelCheckpoint(3), "config 3": lambda: ms.ModelCheckpoint("a", None, 3),
        "directory 3": lambda: ms.ModelCheckpoint("a", 3), "directory ''": lambda: ms.ModelCheckpoint("a", ""),
        **{f"CheckpointConfig({o})": (lambda o=o: ms.CheckpointConfig(**o)) for o in (
            {"save_checkpoint_steps": -1}, {"save_checkpoint_steps": 1.5}, {"keep_checkpoint_max": -1},
            {"integrated_save": 3}, {"async_save": 2}, {"saved_network": 3}, {"append_info": 3},
            {"append_info": ["zz"]}, {"append_info": [3]}, {"append_info": [{"a": 1}, {"b": 1}]},
            {"save_checkpoint_steps": None, "save_checkpoint_seconds": None, "keep_checkpoint_max": None,
             "keep_checkpoint_per_n_minutes": None})},
        **{f"ReduceLROnPlateau({o})": (lambda o=o: ms.ReduceLROnPlateau(**o)) for o in (
            {"factor": 1.0}, {"factor": 2}, {"factor": 0.0}, {"patience": -1}, {"patience": 1.5}, {"mode": "x"},
            {"mode": 3}, {"monitor": 3}, {"verbose": 3}, {"min_delta": "x"}, {"cooldown": -1}, {"min_lr": "x"})},
        **{f"EarlyStopping({o})": (lambda o=o: ms.EarlyStopping(**o)) for o in (
            {"patience": -1}, {"patience": 1.5}, {"mode": "x"}, {"mode": 3}, {"monitor": 3}, {"verbose": 3},
            {"min_delta": "x"}, {"restore_best_weights": 3})},
        "SummaryCollector(3)": lambda: ms.SummaryCollector(3),
        "collect_freq=0": lambda: ms.SummaryCollector(k.folder, collect_freq=0),
        "collect_freq=1.5": lambda: ms.SummaryCollector(k.folder, collect_freq=1.5),
        "collect zz": lambda: ms.SummaryCollector(k.folder, collect_specified_data={"zz": 1}),
        "FixedLossScaleManager(0)": lambda: ms.FixedLossScaleManager(0),
        "DynamicLossScaleManager(0.5)": lambda: ms.DynamicLossScaleManager(0.5),
        "DynamicLossScaleManager(2, 0)": lambda: ms.DynamicLossScaleManager(2, 0),
        "DynamicLossScaleManager(2, 2, 0)": lambda: ms.DynamicLossScaleManager(2, 2, 0),
        "DynamicLossScaleManager(2, 2, 1.5)": lambda: ms.DynamicLossScaleManager(2, 2, 1.5),
        "level O1": lambda: ms.build_train_network(net, nn.SGD(net.trainable_params()), loss, level="O1"),
        "boost_level O9": lambda: ms.build_train_network(net, nn.SGD(net.trainable_params()), loss, boost_level="O9"),
        "build foo": lambda: ms.build_train_network(net, nn.SGD(net.trainable_params()), loss, foo=3),
        "loss_scale_manager=3": lambda: ms.build_train_network(net, nn.SGD(net.trainable_params()), loss,
                                                               loss_scale_manager=3),
        "keep_batchnorm_fp32=3": lambda: ms.build_train_network(net, nn.SGD(net.trainable_params()), loss,
                                                                keep_batchnorm_fp32=3),
    }


def loss_scales(k):
    """How a dynamic loss scale moves."""
    manager = k.ms.DynamicLossScaleManager(16, 2, 2)
    moves = []
    for overflow in (False, False, False, True, True, False, False, True, True, True, True, True, False, False, False):
        manager.update_loss_scale(overflow)
        moves.append(float(manager.get_loss_scale()))
    return moves

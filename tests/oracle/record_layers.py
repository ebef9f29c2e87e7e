"""Record what real MindSpore's layers and losses compute, forward and backward; run it under MindSpore 1.8.1.

``layers.json`` lists the cases. To replay case ``i``: build ``eval(code)`` with ``nn``, ``Tensor``, ``ms`` and ``np``
in scope, call ``set_train(train)``, set every Parameter to ``i/before/<name>``, take the arguments from ``arguments``
(a number ``k`` is the array ``i/input/k``, a list is a tuple), call once, compare the flattened outputs with
``i/output/k`` and the Parameters with ``i/after/<name>`` (present when the call moved them). For gradients start
afresh: ``i/sens/k`` weighs the outputs, ``i/grad/input/k`` and ``i/grad/param/<name>`` are the results. All arrays are
in ``layers.npz``. ``graph_gap`` is the largest difference between the two modes when it is above 1e-5; ``quirk`` says
what real MindSpore does wrong in a case.
"""

import json
import sys
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import ParameterTuple, Tensor, nn, ops

IMAGE, ODD, SEQUENCE = (2, 4, 7, 6), (1, 2, 5, 8), (2, 4, 9)



CONVOLUTIONS = [
    *[(f"nn.Conv2d(4, 6, 3, {options})", [IMAGE]) for options in (
        "stride=1", "stride=2", "stride=(2, 3)", "pad_mode='valid'", "pad_mode='valid', stride=2",
        "pad_mode='pad', padding=1", "pad_mode='pad', padding=2, stride=2", "pad_mode='pad', padding=(0, 1, 2, 3)",
        "pad_mode='pad', padding=0", "has_bias=True", "dilation=2", "dilation=(1, 2), pad_mode='valid'",
        "stride=2, dilation=2", "group=2", "group=2, has_bias=True, stride=2",
        "pad_mode='pad', padding=2, dilation=2")],
    ("nn.Conv2d(4, 6, 1)", [IMAGE]), ("nn.Conv2d(4, 6, 1, stride=2)", [IMAGE]), ("nn.Conv2d(4, 6, 2)", [IMAGE]),
    ("nn.Conv2d(4, 6, 2, stride=2)", [IMAGE]), ("nn.Conv2d(4, 6, 4, stride=2)", [IMAGE]),
    ("nn.Conv2d(4, 6, (3, 2))", [IMAGE]), ("nn.Conv2d(4, 6, (1, 5), stride=(1, 2))", [IMAGE]),
    ("nn.Conv2d(4, 6, 5, stride=3)", [IMAGE]), ("nn.Conv2d(4, 4, 3, group=4)", [IMAGE]),
    ("nn.Conv2d(4, 8, 3, group=4, stride=2)", [IMAGE]), ("nn.Conv2d(2, 3, 3, stride=2)", [ODD]),
    *[(f"nn.Conv1d(4, 6, 3, {options})", [SEQUENCE]) for options in (
        "stride=1", "stride=2", "pad_mode='valid', dilation=2", "pad_mode='pad', padding=2, has_bias=True", "group=2")],
    ("nn.Conv1d(4, 6, 4, stride=3)", [SEQUENCE]),
    *[(f"nn.Conv3d(2, 3, 3, {options})", [(1, 2, 4, 5, 3)]) for options in (
        "stride=1", "stride=2, has_bias=True", "pad_mode='valid'", "pad_mode='pad', padding=1",
        "pad_mode='pad', padding=(0, 1, 1, 2, 2, 0)")],
    *[(f"nn.Conv2dTranspose(4, 3, 3, {options})", [(2, 4, 4, 3)]) for options in (
        "stride=1", "stride=2", "stride=(2, 3)", "pad_mode='valid'", "pad_mode='valid', stride=2",
        "pad_mode='pad', padding=1", "pad_mode='pad', padding=1, stride=2", "pad_mode='pad', padding=(0, 1, 2, 1)",
        "has_bias=True", "dilation=2", "pad_mode='pad', padding=1, stride=2, dilation=2")],
    ("nn.Conv2dTranspose(4, 3, 2, stride=2)", [(2, 4, 4, 3)]),
    ("nn.Conv2dTranspose(4, 3, 4, stride=2)", [(2, 4, 4, 3)]),
    ("nn.Conv2dTranspose(4, 4, 3, group=2)", [(2, 4, 4, 3)]),
    ("nn.Conv1dTranspose(4, 3, 3, stride=2)", [(2, 4, 5)]),
    ("nn.Conv1dTranspose(4, 3, 3, pad_mode='valid')", [(2, 4, 5)]),
    ("nn.Conv1dTranspose(4, 3, 3, pad_mode='pad', padding=1, stride=2, has_bias=True)", [(2, 4, 5)]),
    ("nn.Conv3dTranspose(2, 3, 3, stride=2)", [(1, 2, 3, 2, 3)]),
]
POOLING = [
    *[(f"nn.{kind}Pool2d({options})", [IMAGE]) for kind in ("Max", "Avg") for options in (
        "", "2", "2, 2", "3, 2, 'same'", "3, 1, 'same'", "(2, 3), (1, 2)", "(2, 3), (1, 2), 'same'", "3, 3, 'valid'",
        "2, 2, 'same'")],
    *[(f"nn.{kind}Pool1d({options})", [SEQUENCE]) for kind in ("Max", "Avg") for options in
      ("2, 2", "3, 2, 'same'", "4, 3")],
    ("nn.AdaptiveAvgPool1d(3)", [SEQUENCE]), ("nn.AdaptiveMaxPool1d(3)", [SEQUENCE]),
    ("nn.AdaptiveMaxPool2d((3, 2))", [IMAGE]), ("nn.AdaptiveMaxPool2d((None, 3))", [IMAGE]),
    ("nn.AdaptiveMaxPool2d(3, return_indices=True)", [IMAGE]), ("nn.AdaptiveAvgPool2d((3, 2))", [IMAGE]),
]
NORMS = [
    *[(f"nn.BatchNorm2d(4{options})", [IMAGE], train) for train in (False, True) for options in (
        "", ", use_batch_statistics=True", ", use_batch_statistics=False", ", eps=0.01, momentum=0.5",
        ", affine=False")],
    ("nn.BatchNorm2d(4, momentum=1.0)", [IMAGE], True), ("nn.BatchNorm2d(4, momentum=0.0)", [IMAGE], True),
    ("nn.BatchNorm1d(4)", [(5, 4)], False), ("nn.BatchNorm1d(4)", [(5, 4)], True),
    ("nn.BatchNorm1d(4, use_batch_statistics=False)", [(5, 4)], True), ("nn.BatchNorm1d(3)", [(1, 3)], True),
    ("nn.BatchNorm3d(2)", [(2, 2, 2, 3, 2)], False), ("nn.BatchNorm3d(2)", [(2, 2, 2, 3, 2)], True),
    ("nn.SyncBatchNorm(4)", [IMAGE], True),
    ("nn.LayerNorm((6,))", [(2, 4, 6)]), ("nn.LayerNorm((4, 6), 1, 1)", [(2, 4, 6)]),
    ("nn.LayerNorm((4, 6), begin_norm_axis=1, begin_params_axis=1, epsilon=0.01)", [(2, 4, 6)]),
    ("nn.LayerNorm((6,), begin_norm_axis=1, begin_params_axis=2)", [(2, 4, 6)]),
    ("nn.GroupNorm(2, 4)", [IMAGE]), ("nn.GroupNorm(4, 4, eps=0.01)", [IMAGE]), ("nn.GroupNorm(1, 4, affine=False)",
    [IMAGE]),
    ("nn.InstanceNorm2d(4)", [IMAGE], True), ("nn.LRN()", [IMAGE]), ("nn.LRN(2, 2.0, 0.5, 0.75)", [IMAGE]),
]
DENSE = [
    ("nn.Dense(5, 3)", [(4, 5)]), ("nn.Dense(5, 3, has_bias=False)", [(4, 5)]), ("nn.Dense(5, 3)", [(2, 3, 5)]),
    ("nn.Dense(5, 3, activation='relu')", [(4, 5)]), ("nn.Dense(5, 3, activation=nn.Tanh())", [(4, 5)]),
    ("nn.Embedding(7, 3)", [("int", 7, (2, 5))]), ("nn.Embedding(7, 3, True)", [("int", 7, (2, 5))]),
    ("nn.Embedding(7, 3, padding_idx=2)", [("int", 7, (2, 5))]),
    ("nn.EmbeddingLookup(7, 3, sparse=False)", [("int", 7, (2, 5))]),
    ("nn.EmbeddingLookup(7, 3, max_norm=0.5, sparse=False)", [("int", 7, (2, 5))]),
    ("nn.BiDense(4, 3, 2)", [(5, 4), (5, 3)]), ("nn.DenseBnAct(5, 3, has_bn=True, activation='relu')", [(4, 5)], True),
    ("nn.Conv2dBnAct(4, 3, 3, has_bn=True, activation='relu')", [IMAGE], True),
    ("nn.SequentialCell([nn.Dense(5, 4), nn.ReLU(), nn.Dense(4, 2)])", [(3, 5)]),
    ("nn.TimeDistributed(nn.Dense(5, 3), 1, 0)", [(2, 4, 5)]),
]
ACTIVATIONS = [(f"nn.{name}", [(3, 6)]) for name in (
    "ReLU()", "ReLU6()", "LeakyReLU()", "LeakyReLU(0.01)", "ELU()", "GELU()", "GELU(False)", "FastGelu()", "Sigmoid()",
    "Tanh()", "Softmax()", "Softmax(0)", "LogSoftmax()", "LogSoftmax(0)", "Softmin()", "HSwish()", "HSigmoid()",
    "LogSigmoid()", "Softsign()", "SoftShrink()", "SoftShrink(0.2)", "HShrink()", "HShrink(0.2)", "Hardtanh()",
    "Hardtanh(-0.5, 2.0)", "CELU()", "SeLU()", "SiLU()", "Mish()", "Tanhshrink()", "Threshold(0.1, 20)",
    "get_activation('relu')", "get_activation('hswish')", "Identity()")]
ACTIVATIONS += [("nn.PReLU(4)", [IMAGE]), ("nn.PReLU()", [IMAGE])]
SHAPES = [
    ("nn.Flatten()", [IMAGE]), ("nn.Pad(((0, 0), (1, 2)))", [(3, 4)]), ("nn.Pad(((1, 1), (2, 2)), 'REFLECT')",
    [(3, 4)]),
    ("nn.Pad(((1, 1), (2, 2)), 'SYMMETRIC')", [(3, 4)]), ("nn.ConstantPad1d((1, 2), 0.5)", [SEQUENCE]),
    ("nn.ConstantPad2d((1, 0, 2, 1), 0.5)", [IMAGE]), ("nn.ZeroPad2d((1, 0, 2, 1))", [IMAGE]),
    ("nn.ReflectionPad1d((1, 2))", [SEQUENCE]), ("nn.ReflectionPad2d((1, 0, 2, 1))", [IMAGE]),
    ("nn.Unfold([1, 2, 3, 1], [1, 1, 2, 1], [1, 1, 1, 1])", [IMAGE]), ("nn.Tril()", [(4, 5)]), ("nn.Triu()", [(4, 5)]),
    ("nn.OneHot(depth=4)", [("int", 4, (5,))]), ("nn.OneHot(0, 4, 2.0, -1.0)", [("int", 4, (5,))]),
    ("nn.Norm(1)", [(3, 4)]), ("nn.Norm((0, 1), True)", [(3, 4)]), ("nn.ClipByNorm()", [(3, 4), ("value", 1.0)]),
    ("nn.L1Regularizer(0.3)", [(3, 4)]), ("nn.ReduceLogSumExp(1)", [(3, 4)]), ("nn.Moments(1)", [(3, 4)]),
    ("nn.Moments((0, 1), True)", [(3, 4)]), ("nn.CosineSimilarity()", [(3, 4)]), ("nn.ImageGradients()", [IMAGE]),
    ("nn.Roll(1, 0)", [(3, 4)]), ("nn.CentralCrop(0.5)", [IMAGE]), ("nn.PSNR()", [("unit", IMAGE), ("unit", IMAGE)]),
    ("nn.SSIM(filter_size=3)", [("unit", IMAGE), ("unit", IMAGE)]), ("nn.MatMul()", [(3, 4), (4, 2)]),
    ("nn.Dropout(0.5)", [(3, 4)], False), ("nn.Dropout(1.0)", [(3, 4)], True),
    ("nn.Dropout2d(0.5)", [IMAGE], False), ("nn.Dropout3d(0.5)", [(1, 2, 3, 2, 2)], False),
]
REDUCTIONS = ("mean", "sum", "none")
LOSSES = [
    *[(f"nn.{name}(reduction='{reduction}')", [(3, 4), (3, 4)]) for reduction in REDUCTIONS for name in (
        "L1Loss", "MSELoss", "SmoothL1Loss", "MAELoss", "HuberLoss")],
    ("nn.L1Loss()", [(3, 4), (4,)]), ("nn.MSELoss()", [(3, 4), (3, 1)]), ("nn.SmoothL1Loss()", [(3, 4), (3, 4)]),
    ("nn.SmoothL1Loss(0.3, 'mean')", [(3, 4), (3, 4)]), ("nn.HuberLoss(delta=0.3)", [(3, 4), (3, 4)]),
    ("nn.RMSELoss()", [(3, 4), (3, 4)]), ("nn.BCELoss()", [("unit", (3, 4)), ("unit", (3, 4))]),
    *[(f"nn.BCELoss(reduction='{reduction}')", [("unit", (3, 4)), ("bit", (3, 4))]) for reduction in REDUCTIONS],
    ("nn.BCELoss(Tensor(np.full((3, 4), 0.7, np.float32)), 'mean')", [("unit", (3, 4)), ("unit", (3, 4))]),
    *[(f"nn.BCEWithLogitsLoss('{reduction}')", [(3, 4), ("unit", (3, 4))]) for reduction in REDUCTIONS],
    ("nn.BCEWithLogitsLoss(weight=Tensor(np.full((3, 4), 0.7, np.float32)), "
     "pos_weight=Tensor(np.full((4,), 2, np.float32)))",
     [(3, 4), ("unit", (3, 4))]),
    *[(f"nn.SoftmaxCrossEntropyWithLogits(True, '{reduction}')", [(3, 4), ("int", 4, (3,))])
      for reduction in REDUCTIONS],
    *[(f"nn.SoftmaxCrossEntropyWithLogits(False, '{reduction}')", [(3, 4), ("simplex", (3, 4))])
      for reduction in REDUCTIONS],
    *[(f"nn.CrossEntropyLoss(reduction='{reduction}')", [(3, 4), ("int", 4, (3,))]) for reduction in REDUCTIONS],
    ("nn.CrossEntropyLoss(label_smoothing=0.1)", [(3, 4), ("int", 4, (3,))]),
    ("nn.CrossEntropyLoss(ignore_index=1)", [(6, 4), ("int", 4, (6,))]),
    ("nn.CrossEntropyLoss(Tensor(np.array([1, 2, 3, 4], np.float32)))", [(3, 4), ("int", 4, (3,))]),
    ("nn.CrossEntropyLoss()", [(3, 4), ("simplex", (3, 4))]),
    ("nn.CrossEntropyLoss()", [(2, 4, 3), ("int", 4, (2, 3))]),
    *[(f"nn.NLLLoss(reduction='{reduction}')", [(3, 4), ("int", 4, (3,))]) for reduction in REDUCTIONS],
    *[(f"nn.CosineEmbeddingLoss(0.1, '{reduction}')", [(3, 4), (3, 4), ("sign", (3,))]) for reduction in REDUCTIONS],
    ("nn.DiceLoss()", [("unit", (3, 4)), ("bit", (3, 4))]), ("nn.MultiClassDiceLoss()", [(3, 4), ("bit", (3, 4))]),
    ("nn.FocalLoss()", [(2, 3, 2, 2), ("int", 3, (2, 1, 2, 2))]), ("nn.SoftMarginLoss()", [(3, 4), ("sign", (3, 4))]),
]
RECURRENT = [
    *[(f"nn.{name}(3, 4{options})", [shape, states])
      for name in ("LSTM", "GRU", "RNN") for options, shape, directions in (
        ("", (5, 2, 3), 1), (", batch_first=True", (2, 5, 3), 1), (", num_layers=2", (5, 2, 3), 2),
        (", bidirectional=True", (5, 2, 3), 2), (", num_layers=2, bidirectional=True, has_bias=False", (5, 2, 3), 4))
      for states in [[(directions, 2, 4)] * 2 if name == "LSTM" else (directions, 2, 4)]],
    ("nn.RNN(3, 4, nonlinearity='relu')", [(5, 2, 3), (1, 2, 4)]),
    *[(f"nn.{name}(3, 4, batch_first=True, bidirectional=True)", [(3, 5, 3), states, ("lengths", (5, 2, 3))])
      for name, states in (("LSTM", [(2, 3, 4)] * 2), ("GRU", (2, 3, 4)), ("RNN", (2, 3, 4)))],
    ("nn.LSTM(3, 4)", [(5, 2, 3)]), ("nn.GRU(3, 4)", [(5, 2, 3)]),
    ("nn.LSTMCell(3, 4)", [(2, 3), [(2, 4), (2, 4)]]),
    ("nn.LSTMCell(3, 4, has_bias=False)", [(2, 3), [(2, 4), (2, 4)]]),
    ("nn.GRUCell(3, 4)", [(2, 3), (2, 4)]), ("nn.RNNCell(3, 4)", [(2, 3), (2, 4)]),
    ("nn.RNNCell(3, 4, nonlinearity='relu')", [(2, 3), (2, 4)]),
]
QUIRKS = {  # where the CPU kernels contradict the documentation
    "nn.LayerNorm((4, 6), begin_norm_axis=1, begin_params_axis=1, epsilon=0.01)": "epsilon is ignored",
    "nn.SeLU()": "the gradient is wrong where the input is negative", "nn.CELU()": "exact to 1e-4 only",
}
CASES = CONVOLUTIONS + POOLING + NORMS + DENSE + ACTIVATIONS + SHAPES + LOSSES + RECURRENT


def draw(spec, generator):
    if isinstance(spec[0], int):
        return generator.randn(*spec).astype(np.float32)
    kind, shape = spec[0], spec[-1]
    if kind == "int":
        return generator.randint(0, spec[1], shape).astype(np.int32)
    if kind == "lengths":
        return np.array(shape, np.int32)
    if kind == "value":
        return np.array(shape, np.float32)
    drawn = {"unit": generator.uniform(0.05, 0.95, shape), "bit": generator.randint(0, 2, shape),
             "sign": generator.randint(0, 2, shape) * 2 - 1,
             "simplex": generator.dirichlet(np.ones(shape[-1]), shape[:-1])}
    return drawn[kind].astype(np.float32)


def parameter_value(name, parameter, generator):
    drawn = generator.randn(*parameter.shape)
    if "variance" in name:
        drawn = np.abs(drawn) + 0.5
    elif "gamma" in name:
        drawn = 1 + 0.3 * drawn
    else:
        drawn = 0.4 * drawn
    return drawn.astype(parameter.asnumpy().dtype)


class Replay:
    """One case: its arrays, and the layer built afresh in a given mode."""

    def __init__(self, index, case):
        self.code, specs, self.train = case if len(case) == 3 else (*case, False)
        self.generator = np.random.RandomState(index)
        self.inputs = []
        self.arguments = [self.register(spec) for spec in specs]
        self.before = None

    def register(self, spec):
        if isinstance(spec, list):
            return [self.register(item) for item in spec]
        self.inputs.append(draw(spec, self.generator))
        return len(self.inputs) - 1

    def build(self):
        layer = eval(self.code, {"nn": nn, "Tensor": Tensor, "ms": ms, "np": np})
        if not isinstance(layer, nn.Cell):
            raise TypeError("not a Cell")
        layer.set_train(self.train)
        if self.before is None:
            self.before = {p.name: parameter_value(p.name, p, self.generator) for p in layer.get_parameters()}
        for parameter in layer.get_parameters():
            parameter.set_data(Tensor(self.before[parameter.name]))
        return layer

    def values(self, tree=None):
        tree = self.arguments if tree is None else tree
        return [tuple(self.values(item)) if isinstance(item, list) else Tensor(self.inputs[item]) for item in tree]

    def forward(self):
        layer = self.build()
        outputs = flatten(layer(*self.values()))
        after = {p.name: p.asnumpy().copy() for p in layer.get_parameters()}
        return [o.asnumpy() for o in outputs], {n: v for n, v in after.items() if not np.array_equal(v, self.before[n])}

    def backward(self, sens):
        layer = self.build()
        weights = ParameterTuple(layer.trainable_params())
        structure = layer(*self.values())
        for parameter in layer.get_parameters():
            parameter.set_data(Tensor(self.before[parameter.name]))
        gradient = ops.GradOperation(get_all=True, get_by_list=True, sens_param=True)(layer, weights)
        of_inputs, of_weights = gradient(*self.values(), pack(structure, iter(sens)))
        direct = [k for k in self.arguments if not isinstance(k, list)]
        named = {}
        if len(of_inputs) == len(direct):
            named.update({f"input/{k}": g for k, g in zip(direct, of_inputs) if self.inputs[k].dtype == np.float32})
        named.update({f"param/{p.name}": g for p, g in zip(weights, of_weights)})
        return {name: value.asnumpy() for name, value in named.items()}


def flatten(tree):
    if isinstance(tree, (tuple, list)):
        return [leaf for item in tree for leaf in flatten(item)]
    return [tree]


def pack(structure, leaves):
    if isinstance(structure, (tuple, list)):
        return tuple(pack(item, leaves) for item in structure)
    return Tensor(next(leaves))


def describe(error):
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:160] if lines else ''}"


def in_mode(mode, action, *arguments):
    ms.set_context(mode=mode, device_target="CPU")
    try:
        return action(*arguments), None
    except Exception as error:
        return None, describe(error)


def gap(left, right):
    return max([float(np.abs(np.float64(a) - b).max()) for a, b in zip(left, right) if a.size] or [0.0])


def main(target):
    arrays, cases = {}, []
    for index, case in enumerate(CASES):
        replay = Replay(index, case)
        entry = {"case": index, "code": replay.code, "train": replay.train, "arguments": replay.arguments}
        if replay.code in QUIRKS:
            entry["quirk"] = QUIRKS[replay.code]
        cases.append(entry)
        pynative, error = in_mode(ms.PYNATIVE_MODE, replay.forward)
        graph, graph_error = in_mode(ms.GRAPH_MODE, replay.forward)
        result = pynative or graph
        if error or graph_error:
            entry.update({k: v for k, v in (("error", error), ("graph_error", graph_error)) if v})
        if result is not None:
            outputs, after = result
            if pynative and graph and gap(pynative[0], graph[0]) > 1e-5:
                entry["graph_gap"] = gap(pynative[0], graph[0])
            entry["outputs"] = [str(o.dtype) for o in outputs]
            for kind, group in (("input", dict(enumerate(replay.inputs))), ("before", replay.before),
                                ("output", dict(enumerate(outputs))), ("after", after)):
                arrays.update({f"{index}/{kind}/{name}": value for name, value in group.items()})
            sens = [np.asarray(replay.generator.randn(*o.shape), o.dtype) for o in outputs]
            gradients, error = in_mode(ms.PYNATIVE_MODE if pynative else ms.GRAPH_MODE, replay.backward, sens)
            if error:
                entry["gradient_error"] = error
            else:
                arrays.update({f"{index}/sens/{k}": value for k, value in enumerate(sens)})
                arrays.update({f"{index}/grad/{name}": value for name, value in gradients.items()})
        print(index, entry, file=sys.stderr, flush=True)
    np.savez_compressed(Path(target) / "layers.npz", **arrays)
    lines = ",\n".join(json.dumps(entry) for entry in cases)
    Path(target, "layers.json").write_text(f'{{"version": "{ms.__version__}", "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main(sys.argv[1])

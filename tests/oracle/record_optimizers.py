"""Record ten steps of every optimizer of real MindSpore on fixed gradients; run it under MindSpore 1.8.1.

``optimizers.json`` lists the cases: ``code`` builds the optimizer from the names ``w``, ``b``, ``k`` (Parameters
``layer.weight``, ``layer.bias``, ``conv.weight``), ``nn``, ``Tensor``, ``ms``. ``optimizers.npz`` holds the starting
values (``start/<name>``), the gradients (``gradient/<name>``, ten of each), per case the Parameters after every step
(``<case>/<name>``, ten of each) and the optimizer's own Parameters at the end (``<case>/state/<name>``). A step is
``optimizer((gradient of w, of b, of k))`` with the gradients multiplied by the case's ``scale``; ``quirk`` says what
real MindSpore does wrong in a case.
"""

import json
import sys
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import Parameter, Tensor, nn

STEPS = 10
SHAPES = {"layer.weight": (2, 3), "layer.bias": (3,), "conv.weight": (2, 2, 3, 3)}
SCHEDULES = ["nn.ExponentialDecayLR(0.1, 0.8, 3)", "nn.ExponentialDecayLR(0.1, 0.8, 3, True)",
             "nn.NaturalExpDecayLR(0.1, 0.8, 3)", "nn.InverseDecayLR(0.1, 0.8, 3)", "nn.CosineDecayLR(0.01, 0.1, 6)",
             "nn.PolynomialDecayLR(0.1, 0.01, 6, 0.5)", "nn.PolynomialDecayLR(0.1, 0.01, 4, 2.0, True)",
             "nn.WarmUpLR(0.1, 4)"]


def grouped(name, options, rest):
    return f"nn.{name}([{{'params': [w, k], {options}}}, {{'params': [b]}}], {rest})"


CASES = [
    "nn.SGD([w, b, k], 0.1)",
    "nn.SGD([w, b, k], 0.1, momentum=0.9)",
    "nn.SGD([w, b, k], 0.1, momentum=0.9, dampening=0.3)",
    "nn.SGD([w, b, k], 0.1, momentum=0.9, nesterov=True)",
    "nn.SGD([w, b, k], 0.1, momentum=0.9, weight_decay=0.05)",
    "nn.SGD([w, b, k], 0.1, momentum=0.9, nesterov=True, weight_decay=0.05)",
    ("nn.SGD([w, b, k], 0.1, momentum=0.9, weight_decay=0.05, loss_scale=8.0)", 8.0),
    "nn.Momentum([w, b, k], 0.1, 0.9)",
    "nn.Momentum([w, b, k], 0.1, 0.9, use_nesterov=True)",
    "nn.Momentum([w, b, k], 0.1, 0.9, weight_decay=0.05)",
    "nn.Momentum([w, b, k], 0.1, 0.9, weight_decay=0.05, use_nesterov=True)",
    ("nn.Momentum([w, b, k], 0.1, 0.9, weight_decay=0.05, loss_scale=8.0)", 8.0),
    "nn.Adam([w, b, k])",
    "nn.Adam([w, b, k], 0.1)",
    "nn.Adam([w, b, k], 0.1, 0.8, 0.95, 1e-4)",
    "nn.Adam([w, b, k], 0.1, use_nesterov=True)",
    "nn.Adam([w, b, k], 0.1, weight_decay=0.05)",
    ("nn.Adam([w, b, k], 0.1, weight_decay=0.05, loss_scale=8.0)", 8.0),
    "nn.Adam([w, b, k], 0.1, use_locking=True)",
    "nn.AdamWeightDecay([w, b, k])",
    "nn.AdamWeightDecay([w, b, k], 0.1)",
    "nn.AdamWeightDecay([w, b, k], 0.1, 0.8, 0.95, 1e-4, weight_decay=0.05)",
    "nn.RMSProp([w, b, k])",
    "nn.RMSProp([w, b, k], 0.1)",
    "nn.RMSProp([w, b, k], 0.1, decay=0.8, momentum=0.5, epsilon=1e-4)",
    "nn.RMSProp([w, b, k], 0.1, centered=True)",
    "nn.RMSProp([w, b, k], 0.1, decay=0.8, momentum=0.5, epsilon=1e-4, centered=True, weight_decay=0.05)",
    ("nn.RMSProp([w, b, k], 0.1, weight_decay=0.05, loss_scale=8.0)", 8.0),
    "nn.Adagrad([w, b, k])",
    "nn.Adagrad([w, b, k], accum=0.2, learning_rate=0.05)",
    "nn.Adagrad([w, b, k], accum=0.2, learning_rate=0.05, update_slots=False)",
    ("nn.Adagrad([w, b, k], learning_rate=0.05, weight_decay=0.05, loss_scale=8.0)", 8.0),
    "nn.Lamb([w, b, k], 0.1)",
    "nn.Lamb([w, b, k], 0.1, 0.8, 0.95, 1e-4, weight_decay=0.05)",
    "nn.FTRL([w, b, k])",
    "nn.FTRL([w, b, k], learning_rate=0.1, l1=0.01, l2=0.02)",
    "nn.FTRL([w, b, k], initial_accum=0.3, learning_rate=0.1, lr_power=-0.7)",
    ("nn.FTRL([w, b, k], learning_rate=0.1, weight_decay=0.05, loss_scale=8.0)", 8.0),
    "nn.LazyAdam([w, b, k], 0.1)",
    "nn.LazyAdam([w, b, k], 0.1, use_nesterov=True, weight_decay=0.05)",
    "nn.AdaMax([w, b, k], 0.1, weight_decay=0.05)",
    "nn.Adadelta([w, b, k], 1.0, rho=0.8)",
    "nn.ASGD([w, b, k], 0.1, t0=3.0)",
    "nn.Rprop([w, b, k], 0.1)",
    "nn.ProximalAdagrad([w, b, k], learning_rate=0.1, l1=0.01, l2=0.02)",
    "nn.LARS(nn.Momentum([w, b, k], 0.1, 0.9), lars_filter=lambda x: 'bias' not in x.name)",
    # learning rates
    "nn.SGD([w, b, k], [0.1, 0.05, 0.2, 0.0, 0.1, 0.3, 0.1, 0.1, 0.1, 0.5])",
    "nn.SGD([w, b, k], [0.1, 0.05, 0.02])",
    "nn.SGD([w, b, k], Tensor(0.05))",
    "nn.SGD([w, b, k], Tensor([0.1, 0.05, 0.02, 0.1]))",
    "nn.Adam([w, b, k], [0.1, 0.05, 0.02, 0.1])",
    *[f"nn.SGD([w, b, k], {schedule})" for schedule in SCHEDULES],
    "nn.Adam([w, b, k], nn.PolynomialDecayLR(0.1, 0.01, 6, 0.5))",
    "nn.AdamWeightDecay([w, b, k], nn.ExponentialDecayLR(0.1, 0.8, 3), weight_decay=0.05)",
    # groups
    grouped("Momentum", "'lr': 0.02", "0.1, 0.9"),
    grouped("Momentum", "'weight_decay': 0.05", "0.1, 0.9"),
    grouped("Momentum", "'weight_decay': 0.05", "0.1, 0.9, weight_decay=0.2"),
    grouped("Momentum", "'lr': [0.1, 0.05, 0.02]", "0.1, 0.9"),
    grouped("Momentum", "'lr': nn.ExponentialDecayLR(0.1, 0.8, 3)", "0.1, 0.9"),
    grouped("Momentum", "'grad_centralization': True", "0.1, 0.9"),
    "nn.Momentum([{'params': [k], 'lr': 0.02, 'weight_decay': 0.05, 'grad_centralization': True}, "
    "{'params': [b, w]}, {'order_params': [w, b, k]}], 0.1, 0.9, weight_decay=0.01)",
    grouped("Adam", "'lr': 0.02, 'weight_decay': 0.05", "0.1"),
    grouped("AdamWeightDecay", "'weight_decay': 0.05", "0.1"),
    grouped("SGD", "'lr': 0.02, 'weight_decay': 0.05", "0.1"),
    grouped("RMSProp", "'weight_decay': 0.05", "0.1"),
    grouped("Lamb", "'weight_decay': 0.05", "0.1"),
]

QUIRKS = [  # part of the code, optimizers concerned, where the recorded numbers contradict the documentation
    ("use_nesterov=True", "Momentum", "the CPU kernel ignores use_nesterov; documented: w -= lr * (d + momentum * v)"),
    ("'weight_decay': 0.05}, {'params': [b]}", "SGD", "1.8.1 ignores a group's weight_decay in SGD; 2.0.0 applies it"),
    ("grad_centralization", "Momentum", "grad_centralization has no effect on the CPU"),
    ("l1=0.01, l2=0.02", "FTRL", "the CPU kernel adds l1 with one sign whatever that of linear; documented: "
                                 "sign(linear) l1"),
    ("l1=0.01, l2=0.02", "ProximalAdagrad", "the CPU kernel takes off more than lr l1 / sqrt(accum), the documented "
                                            "step"),
    ("0.05, 0.02]", "SGD Momentum", "past the end of a list of learning rates the rate is 0"),
    ("0.02, 0.1]", "SGD Adam", "past the end of a list of learning rates the rate is 0"),
]


def run(code, scale, start, gradients):
    w, b, k = (Parameter(Tensor(start[name]), name=name) for name in SHAPES)
    optimizer = eval(code, {"w": w, "b": b, "k": k, "nn": nn, "Tensor": Tensor, "ms": ms})
    order = [p.name for p in (optimizer.opt if isinstance(optimizer, nn.LARS) else optimizer).parameters]
    history = {name: [] for name in SHAPES}
    for step in range(STEPS):
        optimizer(tuple(Tensor(gradients[name][step] * np.float32(scale)) for name in order))
        for parameter in (w, b, k):
            history[parameter.name].append(parameter.asnumpy().copy())
    own = {p.name: p.asnumpy().copy() for p in optimizer.get_parameters() if p.name not in SHAPES}
    return order, {name: np.stack(values) for name, values in history.items()}, own


def main(target):
    generator = np.random.RandomState(0)
    start = {name: generator.randn(*shape).astype(np.float32) for name, shape in SHAPES.items()}
    gradients = {name: generator.randn(STEPS, *shape).astype(np.float32) for name, shape in SHAPES.items()}
    arrays = {**{f"start/{name}": value for name, value in start.items()},
              **{f"gradient/{name}": value for name, value in gradients.items()}}
    cases = []
    for index, case in enumerate(CASES):
        code, scale = case if isinstance(case, tuple) else (case, 1.0)
        entry = {"case": index, "code": code, "scale": scale}
        name = code[len("nn."):code.index("(")]
        quirks = [text for part, names, text in QUIRKS if part in code and name in names.split()]
        if quirks:
            entry["quirk"] = quirks[0]
        results = {}
        for mode in (ms.PYNATIVE_MODE, ms.GRAPH_MODE):
            ms.set_context(mode=mode, device_target="CPU")
            try:
                results[mode] = run(code, scale, start, gradients)
            except Exception as error:
                lines = [line for line in str(error).strip().splitlines() if line.strip()]
                entry["error" if mode == ms.PYNATIVE_MODE else "graph_error"] = (
                    f"{type(error).__name__}: {lines[0][:200] if lines else ''}")
        if results:
            order, history, own = results.get(ms.PYNATIVE_MODE) or results[ms.GRAPH_MODE]
            entry["order"] = order
            arrays.update({f"{index}/{name}": value for name, value in history.items()})
            arrays.update({f"{index}/state/{name}": value for name, value in own.items()})
            if len(results) == 2:
                other = results[ms.GRAPH_MODE][1]
                gap = max(float(np.abs(history[name] - other[name]).max()) for name in SHAPES)
                if gap > 1e-6:
                    entry["graph_gap"] = gap
        cases.append(entry)
        print(index, entry, file=sys.stderr, flush=True)
    np.savez_compressed(Path(target) / "optimizers.npz", **arrays)
    (Path(target) / "optimizers.json").write_text(json.dumps({"version": ms.__version__, "cases": cases}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1])

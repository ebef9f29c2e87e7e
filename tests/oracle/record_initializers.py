"""Measure what real MindSpore's initializers draw; run it under MindSpore 1.8.1.

Writes ``initializers.json``: ``draws`` holds mean, std, min, max (float64) of each initializer on a Dense-shaped and a
convolution-shaped array, ``layers`` the same for the Parameters of layers built with defaults, ``values`` small exact
results (deterministic ones), ``errors`` what is refused.
"""

import json
import sys
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn
from mindspore.common import initializer as init

SHAPES = {"dense": [400, 600], "conv": [64, 48, 5, 5]}
GAINED = ["init.{0}()", "init.{0}(negative_slope=1, mode='fan_out')", "init.{0}(nonlinearity='relu')",
          "init.{0}(mode='fan_out', nonlinearity='relu')", "init.{0}(negative_slope=0.3, nonlinearity='leaky_relu')",
          "init.{0}(nonlinearity='sigmoid')", "init.{0}(nonlinearity='tanh')", "init.{0}(nonlinearity='linear')"]
EXPRESSIONS = [
    *[form.format("HeNormal") for form in GAINED], *[form.format("HeUniform") for form in GAINED],
    "init.XavierUniform()", "init.XavierUniform(gain=2)", "init.Normal()", "init.Normal(0.5)", "init.Normal(0.5, 3.0)",
    "init.TruncatedNormal()", "init.TruncatedNormal(0.5)", "init.Uniform()", "init.Uniform(0.5)",
    "init.VarianceScaling()", "init.VarianceScaling(2.0, 'fan_out', 'untruncated_normal')",
    "init.VarianceScaling(3.0, 'fan_avg', 'uniform')", "init.Sparse(0.3)", "init.Sparse(0.3, 0.5)",
    "'normal'", "'uniform'", "'he_normal'", "'he_uniform'", "'xavier_uniform'", "'xavier_normal'", "'truncatedNormal'",
    "'TruncatedNormal'", "'ones'", "'zeros'", "'one'", "'zero'", "'ONES'", "'orthogonal'", "'identity'", "3", "0.25",
]
EXACT = [
    "init.initializer('ones', [2, 2])", "init.initializer('zeros', [2], ms.float16)",
    "init.initializer(3, [2], ms.int32)",
    "init.initializer(init.Constant(0.5), [2])", "init.initializer(init.Identity(), [2, 3])",
    "init.initializer(init.Dirac(), [2, 2, 3])", "init.initializer(init.Dirac(groups=2), [4, 1, 3, 3])",
    "init.initializer(Tensor([1.0, 2.0]), [2])", "init.initializer(init.One(), [])", "init.initializer('one', 3)",
    "init.initializer(init.One(), ())", "init.initializer('zeros', (2,), ms.bool_)",
]
ERRORS = [
    "init.initializer('foo', [2])", "init.initializer('ones', [2.5])", "init.initializer('ones', 'a')",
    "init.initializer(None, [2])", "init.initializer([1], [2])", "init.initializer(Tensor([1.0]), [2])",
    "init.initializer('ones', [0, 2])", "init.initializer('ones', [-1])", "init.initializer(init.Identity(), [2])",
    "init.initializer(init.Orthogonal(), [2])", "init.initializer(init.HeNormal(), [2])", "init.HeNormal(mode='fan')",
    "init.initializer(init.HeNormal(mode='fan'), [2, 2])",
    "init.initializer(init.HeNormal(nonlinearity='foo'), [2, 2])",
    "init.initializer(init.XavierUniform(), [2])", "init.Normal('a')", "init.initializer(init.Normal('a'), [2])",
    "init.initializer(init.Sparse(0.5), [2])", "init.initializer(init.Normal(), [2], ms.int32)",
    "init.initializer('normal', [2], ms.int32)", "init.Sparse(3.0)", "init.Constant('a')",
    "init.initializer(init.Constant('a'), [2])", "init.initializer('ones', [2], 'float32')",
]
LAYERS = [
    "nn.Dense(600, 400)", "nn.Conv2d(48, 64, 5, has_bias=True)", "nn.Conv1d(96, 128, 5, has_bias=True)",
    "nn.Conv3d(16, 32, 3, has_bias=True)", "nn.Conv2dTranspose(48, 64, 5, has_bias=True)",
    "nn.Conv1dTranspose(48, 64, 5, has_bias=True)", "nn.Embedding(500, 300)", "nn.BatchNorm2d(64)",
    "nn.LayerNorm((64,))", "nn.GroupNorm(4, 64)", "nn.InstanceNorm2d(8)", "nn.PReLU(4)",
    "nn.LSTM(64, 128, num_layers=2, bidirectional=True)", "nn.GRU(64, 128)", "nn.RNN(64, 128)",
    "nn.LSTMCell(64, 128)", "nn.GRUCell(64, 128)", "nn.RNNCell(64, 128)", "nn.BiDense(64, 32, 128)",
    "nn.EmbeddingLookup(500, 300)",
]


def names():
    return {"init": init, "ms": ms, "nn": nn, "Tensor": Tensor, "np": np}


def first_line(error):
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0][:250] if str(error).strip() else ''}"


def statistics(array):
    array = np.asarray(array, np.float64)
    return {"shape": list(array.shape), **{name: float(f"{getattr(array, name)():.6g}") for name in
                                           ("mean", "std", "min", "max")}, "zeros": float((array == 0).mean())}


def main(target):
    ms.set_context(mode=ms.PYNATIVE_MODE, device_target="CPU")
    ms.set_seed(1)
    result = {"version": ms.__version__, "draws": {}, "orthogonal": {}, "layers": {}, "values": {}, "errors": {}}
    for expression in EXPRESSIONS:
        result["draws"][expression] = {}
        for kind, shape in SHAPES.items():
            try:
                drawn = init.initializer(eval(expression, names()), shape, ms.float32).init_data().asnumpy()
                result["draws"][expression][kind] = statistics(drawn)
            except Exception as error:
                result["draws"][expression][kind] = first_line(error)
    for shape in ([20, 30], [30, 20], [8, 3, 2, 2]):
        for gain in (1.0, 2.0):
            drawn = init.initializer(init.Orthogonal(gain), shape, ms.float32).init_data().asnumpy()
            flat = drawn.reshape(shape[0], -1).astype(np.float64)
            small = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
            off = np.abs(small - small[0, 0] * np.eye(len(small))).max()
            entry = {"diagonal": round(float(small[0, 0]), 4), "off": float(off)}
            result["orthogonal"][f"gain {gain} shape {shape}"] = entry
    for expression in LAYERS:
        try:
            layer = eval(expression, names())
            result["layers"][expression] = {p.name: statistics(p.asnumpy()) for p in layer.get_parameters()}
        except Exception as error:
            result["layers"][expression] = first_line(error)
    for expression in EXACT:
        try:
            made = eval(expression, names())
            made = made.init_data() if made.has_init else made
            result["values"][expression] = {"dtype": str(made.dtype), "value": made.asnumpy().tolist()}
        except Exception as error:
            result["values"][expression] = first_line(error)
    for expression in ERRORS:
        try:
            made = eval(expression, names())
            result["errors"][expression] = f"no error: {type(made).__name__}"
        except Exception as error:
            result["errors"][expression] = first_line(error)
    Path(target).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])

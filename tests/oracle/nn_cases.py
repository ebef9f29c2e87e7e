"""Calls of neural network operators, written so that MindSpore 1.8.1 and this package both run them.

`record_nn.py` evaluates them with MindSpore and keeps what they give; tests/ops/test_recorded_nn.py with this package.
"""
import numpy as np


def namespace(ms):
    """The names the expressions use, on the given package."""
    ops, nn, Tensor, Parameter = ms.ops, ms.nn, ms.Tensor, ms.Parameter

    def arr(*shape, seed=0, dtype="float32", scale=1.0, shift=0.0):
        return (np.random.RandomState(seed).randn(*shape) * scale + shift).astype(dtype)

    def t(*shape, **kwargs):
        return Tensor(arr(*shape, **kwargs))

    def c(values, dtype="float32"):
        return Tensor(np.array(values, dtype))

    def p(*shape, name="p", **kwargs):
        values = arr(*shape, **kwargs)
        return Parameter(Tensor((np.abs(values) + 0.1).astype(values.dtype)), name=name)

    def steps(op, *args, count=2):
        """The Parameters among `args` after some calls."""
        for _ in range(count):
            op(*args)
        return tuple([a.asnumpy() for a in args if isinstance(a, Parameter)])

    class Net(nn.Cell):
        def __init__(self, op):
            super().__init__()
            self.op = op

        def construct(self, *args):
            return self.op(*args)

    class First(nn.Cell):
        def __init__(self, op):
            super().__init__()
            self.op = op

        def construct(self, *args):
            return self.op(*args)[0]

    def grads(op, *args, first=False):
        """Gradients of all inputs, for ones as the gradient of the (first) output."""
        return ops.GradOperation(get_all=True)(First(op) if first else Net(op))(*args)

    nn_ops = getattr(getattr(ops, "operations", None), "nn_ops", ops)
    return dict(np=np, ms=ms, ops=ops, Tensor=Tensor, Parameter=Parameter, t=t, c=c, p=p, steps=steps, grads=grads,
                nn_ops=nn_ops, f32=ms.float32, i32=ms.int32, arr=arr)


KINKS = "c([-7, -3.5, -3, -1.2, -0.5, 0, 0.3, 0.5, 1, 3, 3.5, 6, 7])"
ACTIVATIONS = ["ops.ReLU()", "ops.ReLU6()", "ops.Elu()", "ops.GeLU()", "ops.FastGeLU()", "ops.Sigmoid()",
               "ops.HSigmoid()", "ops.HSwish()", "ops.Softplus()", "ops.Tanh()", "ops.Softmax()", "ops.LogSoftmax()",
               "ops.HShrink()", "ops.SoftShrink()", "ops.CeLU()", "nn_ops.SeLU()", "nn_ops.Mish()",
               "nn_ops.Softsign()"]
X4, BN = "t(2, 3, 4, 4)", "c([1.0, 2, 3]), c([0.1, 0.2, 0.3])"
RATES = "0.9, 0.99, 0.1, 0.9, 0.99, 1e-3"
TENSOR_RATES = "c(0.9), c(0.99), c(0.1), c(0.9), c(0.99), c(1e-3)"
VAR, M, V = "p(2, 3, seed=1, name='var')", "p(2, 3, seed=2, name='m')", "p(2, 3, seed=3, name='v')"
G = "t(2, 3, seed=4)"
ROWS = "t(3, 3, seed=4), c([0, 1, 0], 'int32')"
VAR3, M3, V3 = "p(3, 3, seed=1, name='var')", "p(3, 3, seed=2, name='m')", "p(3, 3, seed=3, name='v')"
CTC = "t(5, 3, 4), c([[0, 0], [0, 1], [1, 0], [2, 0], [2, 1], [2, 2]], 'int64'), c([0, 1, 2, 1, 1, 2], 'int32')"
LOGITS, PROBS = "t(3, 4)", "c([[0, 0, 0, 1], [0.2, 0.3, 0.5, 0], [1, 0, 0, 0]])"
LOG_P, IDX, CLASS_W = "t(4, 3)", "c([0, 1, 2, 1], 'int32')", "c([0.5, 1, 2])"
LOG_P4, IDX4 = "t(2, 3, 2, 2)", "c([[[0, 1], [2, 1]], [[2, 1], [0, 0]]], 'int32')"
BOXES = "c([[0, 0, 1, 1], [0.2, 0.1, 0.8, 0.9], [-0.5, 0, 0.5, 1.5], [1, 1, 0, 0], [0.3, 0.3, 0.3, 0.3]])"
ROIS = "c([[0, 1, 1, 4, 3], [1, 0, 0, 5.5, 4.5], [0, 2, 2, 2.2, 2.3], [1, -3, -2, 10, 9], [0, 4, 4, 1, 1]])"
ANCHORS = "c([[0, 0, 4, 4], [1, 1, 3, 3], [5, 5, 8, 9]])"
SCORED = ("c([[0, 0, 4, 4, 0.5], [1, 1, 4, 4, 0.8], [5, 5, 9, 9, 0.3], [0, 0, 5, 5, 0.7], [6, 5, 9, 9, 0.2], "
          "[0, 0, 2, 2, 0.6]])")

CASES = [
    *(f"{a}({KINKS})" for a in ACTIVATIONS),
    # the gradient of its SeLU is that of another function where x < 0
    *(f"grads({a}, {KINKS})" for a in ACTIVATIONS if "SeLU" not in a),
    *(f"{a}({KINKS.replace('])', '], {0})')})".format("'float16'") for a in ACTIVATIONS),
    # convolution
    "ops.Conv2D(4, 3)(t(2, 2, 8, 7), t(4, 2, 3, 3))",
    "ops.Conv2D(4, 3, pad_mode='same', stride=2)(t(2, 2, 8, 7), t(4, 2, 3, 3))",
    "ops.Conv2D(4, 3, pad_mode='same', stride=3, dilation=2)(t(2, 2, 8, 7), t(4, 2, 3, 3))",
    "ops.Conv2D(4, (2, 3), pad_mode='same')(t(2, 2, 8, 7), t(4, 2, 2, 3))",
    "ops.Conv2D(4, 3, pad_mode='pad', pad=(1, 2, 3, 4), stride=(1, 2))(t(2, 2, 8, 7), t(4, 2, 3, 3))",
    "ops.Conv2D(4, 3, stride=(1, 1, 2, 3))(t(2, 2, 8, 7), t(4, 2, 3, 3))",
    "ops.Conv2D(4, 3, group=2, dilation=(1, 2))(t(2, 2, 8, 7), t(4, 1, 3, 3))",
    "ops.Conv2D(6, 3, group=2)(t(2, 4, 8, 7), t(6, 2, 3, 3))",
    "grads(ops.Conv2D(4, 3, pad_mode='same', stride=2), t(2, 2, 8, 7), t(4, 2, 3, 3))",
    "ops.Conv3D(4, 3, pad_mode='same', stride=2)(t(1, 2, 5, 5, 5), t(4, 2, 3, 3, 3))",
    "ops.Conv3D(4, 2, pad_mode='pad', pad=(1, 0, 0, 1, 1, 1))(t(1, 2, 4, 4, 4), t(4, 2, 2, 2, 2))",
    "ops.Conv2DTranspose(2, 3)(t(1, 2, 6, 6), t(2, 3, 3, 3), (1, 3, 8, 8))",
    "ops.Conv2DTranspose(2, 3, pad_mode='same', stride=2)(t(1, 2, 4, 4), t(2, 3, 3, 3), (1, 3, 8, 8))",
    "ops.Conv2DTranspose(2, 3, pad_mode='pad', pad=1, stride=2)(t(1, 2, 4, 4), t(2, 3, 3, 3), (1, 3, 7, 7))",
    "ops.BiasAdd()(t(2, 3, 2, 2), t(3))",
    # pooling
    "ops.MaxPool(2, 2, 'same')(t(2, 2, 7, 7))",
    "ops.MaxPool(3, 2, 'same')(t(2, 2, 8, 7))",
    "ops.MaxPool((2, 3), (1, 2))(t(2, 2, 7, 7))",
    "grads(ops.MaxPool(3, 2, 'same'), t(2, 2, 7, 8))",
    "ops.MaxPoolWithArgmax(2, 2)(t(2, 2, 6, 7))",
    "grads(ops.MaxPoolWithArgmax(2, 2), t(2, 2, 6, 7), first=True)",
    "ops.AvgPool(3, 2, 'same')(t(2, 2, 8, 7))",
    "ops.AvgPool((2, 3), (1, 2))(t(2, 2, 7, 7))",
    "grads(ops.AvgPool(3, 2, 'same'), t(2, 2, 8, 7))",
    "ops.MaxPool3D(2, 2, 'same')(t(1, 2, 5, 5, 4))",
    "ops.MaxPool3D(2, 2, 'pad', 1)(t(1, 2, 5, 5, 4))",
    "ops.AvgPool3D(2, 2, 'same')(t(1, 2, 5, 5, 4))",
    "ops.AvgPool3D(2, 2, 'pad', 1, count_include_pad=False)(t(1, 2, 5, 5, 4))",
    "ops.AvgPool3D(2, 2, 'pad', 1, True)(t(1, 2, 5, 5, 4))",
    "ops.AvgPool3D(2, 1, divisor_override=3)(t(1, 2, 3, 3, 3))",
    "ops.AdaptiveMaxPool2D((2, 3), True)(t(2, 2, 5, 7))",
    "ops.AdaptiveMaxPool2D((None, 2))(t(2, 5, 7))",
    # normalization
    f"ops.BatchNorm()({X4}, {BN}, c([0.5, 0.6, 0.7]), c([1.0, 2, 3]))[0]",
    f"ops.BatchNorm(True)({X4}, {BN}, c([0.5, 0.6, 0.7]), c([1.0, 2, 3]))[0]",
    f"ops.BatchNorm(True)({X4}, {BN}, c([0.5, 0.6, 0.7]), c([1.0, 2, 3]))[3:]",
    "ops.BatchNorm(True, 1e-3)(t(6, 3), c([1.0, 2, 3]), c([0.1, 0.2, 0.3]), p(3), p(3))[0]",
    "steps(ops.BatchNorm(True, 1e-5, 0.3), t(2, 3, 4, 4), p(3, seed=1), p(3, seed=2), p(3, seed=3), p(3, seed=4))",
    "steps(ops.BatchNorm(False, 1e-5, 0.3), t(2, 3, 4, 4), p(3, seed=1), p(3, seed=2), p(3, seed=3), p(3, seed=4))",
    f"grads(ops.BatchNorm(), {X4}, {BN}, c([0.5, 0.6, 0.7]), c([1.0, 2, 3]), first=True)[:3]",
    "ops.LayerNorm()(t(2, 3, 4), t(3, 4, seed=1), t(3, 4, seed=2))",
    "ops.LayerNorm(-1, -1)(t(2, 3, 4), t(4, seed=1), t(4, seed=2))",
    "ops.LayerNorm(1, 2)(t(2, 3, 4), t(4, seed=1), t(4, seed=2))",
    "grads(ops.LayerNorm(-1, -1), t(2, 3, 4), t(4, seed=1), t(4, seed=2), first=True)",
    "ops.L2Normalize()(t(2, 3, 4))",
    "ops.L2Normalize(axis=(-1,), epsilon=4.0)(t(2, 3, 4))",
    "ops.LRN()(t(1, 7, 2, 2))",
    "ops.LRN(1, 2.0, 0.5, 0.75)(t(1, 7, 2, 2))",
    "grads(ops.LRN(1, 2.0, 0.5, 0.75), t(1, 7, 2, 2))",
    # losses
    f"ops.SoftmaxCrossEntropyWithLogits()({LOGITS}, {PROBS})",
    f"grads(ops.SoftmaxCrossEntropyWithLogits(), {LOGITS}, {PROBS}, first=True)",
    f"ops.SparseSoftmaxCrossEntropyWithLogits()({LOGITS}, c([3, 0, 1], 'int32'))",
    f"ops.SparseSoftmaxCrossEntropyWithLogits(True)({LOGITS}, c([3, 0, 1], 'int64'))",
    *(f"ops.NLLLoss('{r}')({LOG_P}, {IDX}, {CLASS_W})" for r in ("none", "mean", "sum")),
    f"ops.NLLLoss('none')({LOG_P}, c([0, 1, -100, 1], 'int32'), {CLASS_W})[0]",
    *(f"ops.BinaryCrossEntropy('{r}')(c([0.2, 0.7, 0.1]), c([0, 1, 0]), c([1, 2, 2]))"
      for r in ("none", "mean", "sum")),
    "ops.BinaryCrossEntropy('none')(c([0, 1, 0, 1]), c([0, 1, 1, 0]), None)",
    "grads(ops.BinaryCrossEntropy('none'), c([0, 1, 0, 1, 0.3]), c([0, 1, 1, 0, 0.2]), c([1, 2, 2, 1, 3]))",
    *(f"ops.BCEWithLogitsLoss('{r}')({LOGITS}, {PROBS}, c([2, 2, 2, 2]), c([1, 2, 3, 4]))"
      for r in ("none", "mean", "sum")),
    f"grads(ops.BCEWithLogitsLoss(), {LOGITS}, {PROBS}, c([2, 2, 2, 2]), c([1, 2, 3, 4]))",
    *(f"ops.SmoothL1Loss(0.5, '{r}')(c([1, 2, 3]), c([1, 2.2, 5]))" for r in ("none", "mean", "sum")),
    "grads(ops.SmoothL1Loss(0.5), c([1, 2, 3, 1]), c([1, 2.2, 5, 0.5]))",
    "ops.L2Loss()(t(3, 4))",
    f"ops.SigmoidCrossEntropyWithLogits()({LOGITS}, {PROBS})",
    f"grads(ops.SigmoidCrossEntropyWithLogits(), {LOGITS}, {PROBS})",
    *(f"ops.{f}({x}, {y}, {w}, {ignored}, '{r}', {s})" for f in ("nll_loss", "cross_entropy")
      for x, y in ((LOG_P, IDX), (LOG_P4, IDX4)) for w in ("None", CLASS_W)
      for r, ignored, s in (("mean", -100, 0.0), ("mean", 2, 0.1), ("sum", 2, 0.0), ("none", 2, 0.1))),
    *(f"ops.cross_entropy(t(2, 3), c([[0.1, 0.2, 0.7], [0.5, 0.5, 0]]), {CLASS_W}, -100, '{r}', 0.1)"
      for r in ("none", "mean", "sum")),
    "ops.cross_entropy(t(3), Tensor(2, i32))",
    *(f"ops.CTCLoss({a})({CTC}, c([5, 3, 5], 'int32'))" for a in
      ("", "ctc_merge_repeated=False", "preprocess_collapse_repeated=True", "True, False")),
    f"ops.CTCLoss(False, True, True)({CTC}, c([5, 3, 3], 'int32'))",
    f"grads(ops.CTCLoss(), {CTC}, c([5, 3, 5], 'int32'), first=True)[0]",
    *(f"ops.ctc_greedy_decoder(t(5, 3, 4), c([5, 3, 4], 'int32'), {m})" for m in (True, False)),
    # optimizers; with l1 > 0 its dense FTRL, AdagradDA and ProximalAdagrad lose the sign of negative numbers
    f"steps(ops.ApplyMomentum(), {VAR}, {M}, 0.1, {G}, 0.9)",
    *(f"steps(ops.SGD({a}), {VAR}, {G}, c(0.1), {M}, c(0.9), Parameter(c([[0, 1, 0], [1.5, -0.3, 0.2]]), name='s'))"
      for a in ("", "0.1", "0.0, 0.1", "0.0, 0.1, True")),
    *(f"steps(ops.Adam({a}), {VAR}, {M}, {V}, {RATES}, {G})" for a in ("", "use_nesterov=True")),
    *(f"ops.AdamNoUpdateParam({a})({M}, {V}, {TENSOR_RATES}, {G})" for a in ("", "use_nesterov=True")),
    f"steps(ops.AdamWeightDecay(), {VAR}, {M}, {V}, 0.1, 0.9, 0.99, 1e-3, 0.2, {G})",
    f"steps(ops.FusedCastAdamWeightDecay(), p(2, 3, dtype='float16'), {M}, {V}, 0.1, 0.9, 0.99, 1e-3, 0.2, "
    "t(2, 3, dtype='float16'), 2.0)",
    f"steps(ops.ApplyAdamWithAmsgrad(0.9, 0.99, 1e-3), {VAR}, {M}, {V}, p(2, 3, seed=5), c(0.9), c(0.99), c(0.1), {G})",
    f"steps(ops.ApplyRMSProp(), {VAR}, {M}, {V}, 0.1, {G}, 0.9, 0.8, 1e-3)",
    f"steps(ops.ApplyCenteredRMSProp(), {VAR}, p(2, 3, scale=0.1), p(2, 3, shift=3.0), {V}, {G}, 0.1, 0.9, 0.8, 1e-3)",
    *(f"steps(ops.ApplyAdagrad({a}), {VAR}, {M}, 0.1, {G})" for a in (True, False)),
    f"steps(ops.ApplyAdagradV2(0.1), {VAR}, {M}, 0.1, {G})",
    f"steps(ops.ApplyAdagradDA(), {VAR}, {M}, {V}, {G}, c(0.1), c(0.0), c(0.02), c(3, 'int32'))",
    f"steps(ops.ApplyAdadelta(), {VAR}, {M}, {V}, 0.1, 0.9, 1e-3, {G})",
    *(f"steps(ops.ApplyFtrl(), {VAR}, {M}, {V}, {G}, 0.1, 0.0, 0.02, {power})" for power in (-0.5, -0.7)),
    f"steps(ops.ApplyGradientDescent(), {VAR}, 0.1, {G})",
    f"steps(ops.ApplyProximalAdagrad(), {VAR}, {M}, 0.1, 0.0, 0.0, {G})",
    f"steps(ops.ApplyPowerSign(), {VAR}, {M}, 0.1, float(np.e), 0.9, 0.8, {G})",
    *(f"steps(ops.{op}({a}), {VAR3}, {M3}, {V3}, {TENSOR_RATES}, {ROWS})"
      for op in ("FusedSparseAdam", "FusedSparseLazyAdam") for a in ("", "use_nesterov=True")),
    *(f"steps(ops.{op}(0.1, 0.01, 0.02, -0.5), {VAR3}, {M3}, {V3}, {ROWS})" for op in ("FusedSparseFtrl",
                                                                                       "SparseApplyFtrl")),
    f"steps(ops.FusedSparseProximalAdagrad(), {VAR3}, {M3}, c(0.1), c(0.01), c(0.02), {ROWS})",
    *(f"steps(ops.SparseApplyAdagrad(0.1, {a}), {VAR3}, {M3}, {ROWS})" for a in (True, False)),
    f"steps(ops.SparseApplyAdagradV2(0.1, 0.1), {VAR3}, {M3}, {ROWS})",
    f"ops.SparseApplyAdagradV2(0.1, 0.1)({VAR3}, {M3}, t(1, 3), c([7], 'int32'))",
    *(f"steps(ops.FusedAdaFactor({a}), (1e-30, 1e-3), 1.0, 0.9, 0.8, 0.01, 0.03, {G}, {VAR}, {M}, p(2), p(3), {V})"
      for a in ("", "True", "False, True", "False, False, True", "True, True, True")),
    "steps(ops.FusedAdaFactor(), (1e-30, 1e-3), 1.0, 0.9, 0.8, 0.01, 0.03, t(4), p(4), p(4), p(1), p(1), p(4, seed=2))",
    # recurrent
    *(f"ops.LSTM(2, 3, 1, {bias}, {two}, 0.0)(t(4, 2, 2), t({d}, 2, 3), t({d}, 2, 3), t({n}, 1, 1, scale=0.5))[:3]"
      for bias, two, d, n in ((True, False, 1, 72), (False, False, 1, 60), (True, True, 2, 144),
                              (False, True, 2, 120))),
    # images
    *(f"ops.ResizeBilinear({size}, {corners})(t(1, 2, 3, 4))" for size in ((6, 8), (5, 5), (2, 3), (1, 1))
      for corners in (False, True)),
    *(f"ops.ResizeNearestNeighbor({size}, {corners})(t(1, 2, 3, 4))" for size in ((6, 8), (5, 5), (2, 3))
      for corners in (False, True)),
    "ops.ResizeNearestNeighbor((2, 2))(c([[[[1, 2, 3], [4, 5, 6]]]], 'int32'))",
    "grads(ops.ResizeBilinear((2, 3)), t(1, 1, 3, 4))",
    "grads(ops.ResizeNearestNeighbor((5, 2)), t(1, 1, 3, 4))",
    *(f"ops.interpolate(t(1, 2, 4), None, None, ({n},), '{mode}')" for n in (6, 3)
      for mode in ("align_corners", "half_pixel", "asymmetric")),
    *(f"ops.interpolate(t(1, 2, 3, 4), None, {scales}, {sizes}, '{mode}', 'bilinear')"
      for scales, sizes in ((None, (5, 6)), ((1.0, 1.0, 2.0, 1.7), None)) for mode in ("align_corners", "asymmetric")),
    *(f"ops.CropAndResize('{m}', -7.0)(t(2, 3, 4, 2), {BOXES}, c([0, 1, 0, 1, 0], 'int32'), {size})"
      for m in ("bilinear", "nearest") for size in ((2, 3), (4, 2))),
    *(f"ops.ROIAlign({a})(t(2, 2, 5, 6), {ROIS})" for a in ("2, 2, 1.0, 2, 0", "2, 2, 1.0, 2, 1", "2, 3, 0.5, 2, 1",
                                                           "1, 1, 1.0, 1, 0", "2, 2, 1.0, 3, 1")),
    f"grads(ops.ROIAlign(2, 2, 1.0, 2, 1), t(2, 2, 5, 6), {ROIS})",
    *(f"ops.grid_sample(t(2, 2, 3, 4), t(2, 2, 3, 2, seed=3), '{m}', '{p}', {c})" for m in ("bilinear", "nearest")
      for p in ("zeros", "border", "reflection") for c in (False, True)),
    *(f"ops.grid_sample(t(1, 2, 3, 4, 2), t(1, 2, 2, 2, 3, seed=3), '{m}', '{p}', False)"
      for m in ("bilinear", "nearest") for p in ("zeros", "border", "reflection")),
    *(f"ops.deformable_conv2d(t(1, 2, 5, 5), t(3, 2, 2, 2), t(1, {n}, seed=1), (2, 2), {a})" for n, a in (
        ("12, 4, 4", "(1, 1, 1, 1), (0, 0, 0, 0)"), ("12, 3, 3", "(1, 1, 2, 2), (1, 0, 0, 1)"),
        ("24, 4, 4", "(1, 1, 1, 1), (0, 0, 0, 0), deformable_groups=2"),
        ("12, 3, 3", "(1, 1, 1, 1), (0, 0, 0, 0), bias=t(3), dilations=(1, 1, 2, 2)"))),
    *(f"ops.IOU('{m}')({ANCHORS}, c([[0, 0, 4, 4], [2, 2, 6, 6]]))" for m in ("iou", "iof")),
    *(f"ops.NMSWithMask({v})({SCORED})" for v in (0.1, 0.3, 0.6)),
    "ops.BoundingBoxEncode((0.1, 0.2, 0.3, 0.4), (0.5, 0.6, 0.7, 2.0))(c([[4, 1, 9, 5], [2, 2, 8, 3]]), "
    "c([[1, 2, 3, 4], [1, 2, 5, 9]]))",
    *(f"ops.BoundingBoxDecode({a})(c([[4, 1, 9, 5], [2, 2, 8, 3]]), c([[3, 1, 0.2, 20], [1, 2, -30, 0.4]]))"
      for a in ("(768, 1280)", "(20, 10), (0.1, 0.2, 0.3, 0.4), (0.5, 0.6, 0.7, 2.0), 0.5")),
    "ops.CheckValid()(c([[0, 0, 2, 1], [0, 0, 7, 5], [0, 0, 5, 5], [0, 0, 5, 7], [-1, 0, 1, 1]]), c([3, 4, 2]))",
    "ops.HSVToRGB()(c([[[[0, 1, 1], [0.2, 0.5, 0.7], [0.5, 0.3, 0.9], [0.99, 1, 0.5], [0.7, 0, 0.3]]]]))",
]

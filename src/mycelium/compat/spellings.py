"""What MindSpore r2.0 spells otherwise than r1.8: other names of functions and methods, other names of arguments.

Every operator is defined once, under the names and arguments of r1.8 where that has it. The tables here add the
spellings of r2.0. Where both know a call and mean different things by it, r1.8 wins unless the arguments tell:

    call                          r1.8 (what happens here)            r2.0                        what tells r2.0
    ops.max(x), ops.min(x)        (place, value) along axis 0         (value, 0) over all         keepdims, initial,
                                                                                                  where, axis=None
    ops.argmin(x)                 along the last axis                 over all elements           axis=None
    ops.norm(x, 1)                2-norm along axis 1                 1-norm over all             ord, dim, keepdim, a
                                                                                                  word or a float
    ops.split(x, 1, 2)            into 2 parts along axis 1           parts of size 1, axis 2     the keyword, a list, a
                                                                                                  lone number above 0
    ops.arange(3), randperm       int32                               int64                       dtype
    ops.dropout2d, dropout3d      (output, mask)                      output                      training
    ops.vjp(f, x, v)              (output, gradient)                  (output, function)          f takes both
    ops.interpolate(x, roi, ...)  scales, sizes, linear               size, scale_factor, nearest those keywords
    ops.avg_pool2d(x, 3, 1, ...)  pad_mode, data_format               padding, ceil_mode          those keywords, an int
    Tensor.argmax(), argmin()     int32                               int64                       -
    Tensor.max(axis)              value                               value                       -
    nn.BCELoss()                  reduction "none"                    "mean"                      -
    nn.Dropout(0.9)               keeps 0.9                           keeps 0.9                   p
    Tensor.cumsum()               flattens                            needs an axis               -
    x[bool Tensor]                refused by r1.8                     selects                     selects here
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def _pairs(text: str) -> dict[str, str]:
    """{new: old} from "new=old new=old"."""
    return dict(pair.split("=") for pair in text.split())


# Names of r2.0 under `ops` = what they are called here.
FUNCTIONS = _pairs("""
    arccos=acos arccosh=acosh arcsin=asin arcsinh=asinh arctan=atan arctan2=atan2 arctanh=atanh cat=concat clip=clamp
    det=matrix_determinant divide=div i0=bessel_i0 lt=less multiply=mul negative=neg true_divide=div
    unsqueeze=expand_dims
""")

# Names of r2.0 under `mindspore` itself.
TOP = _pairs("jit_class=ms_class")

# Names of r2.0 on Tensor = functions under `ops`, whose first argument is the Tensor.
METHODS = _pairs("""
    arccos=acos arccosh=acosh arcsin=asin arcsinh=asinh arctan=atan arctan2=atan2 arctanh=atanh
    det=matrix_determinant divide=div i0=bessel_i0 lt=less multiply=mul negative=neg true_divide=div
    unsqueeze=expand_dims
""")

# "new=old" names of arguments: the functions under `ops` that take them.
ARGUMENTS = {
    "input=x": """abs absolute acos acosh adaptive_max_pool3d amax amin argmin asin atan baddbmm bernoulli broadcast_to
        ceil cos cosh cummax cummin det digamma dropout2d dropout3d erf erfc exp exp2 expm1 floor gather_elements
        inverse interpolate isinf isreal lgamma log log1p log2 log_matrix_determinant logical_not logsumexp
        masked_select
        matrix_determinant max min neg nonzero prod reciprocal relu round rsqrt sign sin sinh soft_shrink square tan
        unique unique_consecutive arccos arccosh arcsin arctan""",
    "input=x other=y": """add atan2 bitwise_and bitwise_or bitwise_xor div divide equal greater greater_equal
        less_equal logical_and logical_or logical_xor mul multiply not_equal sub true_divide xlogy""",
    "input=input_x": """adaptive_avg_pool2d adaptive_max_pool2d diag erfinv flatten ones_like squeeze tanh tile
        transpose trunc zeros_like""",
    "input=x1 other=x2": "cross dot logaddexp logaddexp2 matmul",
    "input=x1 vec2=x2": "ger outer",
    "x=input_x": "dtype reverse",
    "input_x=x": "avg_pool2d cholesky_inverse sort",
    "input=input_data tensor1=x1 tensor2=x2": "addcdiv addcmul",
    "tensors=input_x": "cat concat stack",
    "x=input": "copysign frac",
    "values=other": "heaviside",
    "input=inputs": "cross_entropy narrow",
    "input=a other=x": "igamma igammac",
    "x1=x x2=y": "cdist",
    "image=x box_indices=box_index": "crop_and_resize",
    "input=x dim=axis": "cumprod",
    "dim=axis": "unsqueeze",
    "dtype=t": "eye",
    "input=input_x mode=interpolation_mode": "grid_sample",
    "axis=dim": "index_fill",
    "input=start": "lerp",
    "end=stop steps=num": "linspace",
    "input=x A=a": "lstsq",
    "b=x LU_data=lu_data LU_pivots=lu_pivots": "lu_solve",
    "input=inputs num_samples=num_sample": "multinomial",
    "A=x": "norm",
    "dtype=type": "ones",
    "padding=paddings": "pad",
    "input=x exponent=y": "pow",
    "end=limit step=delta": "range",
    "input=input_x axis=dim": "renorm",
    "input=input_x shape=input_shape": "reshape",
    "input=logits target=labels": "smooth_l1_loss",
    "tensor=input_x": "split",
    "dim0=axis0 dim1=axis1": "swapdims",
    "size=shape dtype=type": "zeros",
}

# "new=old" names of arguments: the methods of Tensor that take them.
METHOD_ARGUMENTS = {
    "other=y": """add atan2 div divide equal greater greater_equal le less less_equal logical_and logical_or logical_xor
        maximum minimum mul multiply ne not_equal sub true_divide ge gt""",
    "other=x2": "cross dot logaddexp logaddexp2",
    "tensor2=x2": "matmul",
    "other=x": "bitwise_and bitwise_or bitwise_xor igamma igammac",
    "tensor1=x1 tensor2=x2": "addcdiv addcmul",
    "dim=axis": "cumprod repeat_interleave unsqueeze",
    "vec2=x": "ger",
    "values=other": "heaviside",
    "axis=dim": "index_fill renorm",
    "keepdims=keep_dims": "logsumexp",
    "A=a": "lstsq",
    "tensor=updates": "masked_scatter",
    "num_samples=num_sample": "multinomial",
    "exponent=power": "pow",
    "input2=tau input3=other": "ormqr",
    "divisor=other": "remainder",
    "dim0=axis0 dim1=axis1": "swapdims",
}


def apply(functions: dict[str, Any], publish: Callable, tensor: type) -> None:
    """Gives the functions of a namespace and the methods of `tensor` the spellings above."""
    publish(**{new: functions[old] for new, old in FUNCTIONS.items()})
    for new, old in METHODS.items():
        setattr(tensor, new, functions[old])
    for text, names in ARGUMENTS.items():
        publish(**{name: respelled(functions[name], _pairs(text)) for name in names.split()})
    for text, names in METHOD_ARGUMENTS.items():
        for name in names.split():
            setattr(tensor, name, respelled(tensor.__dict__[name], _pairs(text)))


def respelled(fn: Callable, names: dict[str, str]) -> Callable:
    """`fn` that takes its keywords by other names too.

    Args:
        fn: A function.
        names: {other name: name of the argument}.

    Returns:
        A function with the signature of `fn`.

    Examples:
        >>> print(ops.add(input=Tensor([1]), other=2))
        [3]
    """
    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {names.get(k, k): v for k, v in kwargs.items()}
        return fn(*args, **kwargs)

    return call

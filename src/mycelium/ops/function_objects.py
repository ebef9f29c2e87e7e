"""Primitives of MindSpore r2.0 that are one of the functions here with some arguments given first: one table."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.tensor import Tensor
from mycelium.ops import registry
from mycelium.ops.bessel import bessel_j0, bessel_j1, bessel_k0, bessel_k0e, bessel_k1, bessel_k1e, bessel_y0, bessel_y1
from mycelium.ops.op import primitive
from mycelium.ops.primitive import Primitive

_F = registry.functions


def _tuple(value: Any) -> Any:
    """A constant Tensor or list as a tuple of numbers."""
    if isinstance(value, Tensor):
        value = value.asnumpy().tolist()
    return tuple(value) if isinstance(value, list) else value


def _number(value: Any) -> Any:
    return value.asnumpy().item() if isinstance(value, Tensor) else value


def _object(name: str, call: Callable, **attributes: Any) -> None:
    """Registers a primitive: `attributes` are its arguments with their defaults; `call(primitive, *inputs)` runs it."""
    head = "".join(f", {k}=_defaults[{k!r}]" if v is not ... else f", {k}" for k, v in attributes.items())
    body = "".join(f"    self.{k} = {k}\n" for k in attributes)
    source = f"def __init__(self{head}):\n    _init(self, {name!r})\n{body}"
    namespace: dict[str, Any] = {"_defaults": attributes, "_init": Primitive.__init__}
    exec(source, namespace)     # made of the names above
    first = (call.__doc__ or "").strip().splitlines()[0]
    primitive(type(name, (Primitive,), {
        "__init__": namespace["__init__"], "__call__": call, "__module__": __name__,
        "__doc__": f"{first}\n\n    Args:\n        {', '.join(attributes) or 'None'}: Given first, the rest with the "
                   f"Tensors.\n\n    MindSpore r2.0 `ops.{name}`.\n    "}))


def _same(name: str, function: Callable, *order: str, **attributes: Any) -> None:
    """A primitive whose call is a function with its attributes by name; `order` says what they are called there."""
    pairs = [(k, o.partition("=")[2] or k) for k, o in zip(attributes, order or attributes, strict=True)]

    def call(self: Any, *inputs: Any) -> Any:
        return function(*inputs, **{theirs: _tuple(getattr(self, ours)) for ours, theirs in pairs})

    call.__doc__ = function.__doc__
    _object(name, call, **attributes)


for _name, _fn in (("BesselJ0", bessel_j0), ("BesselJ1", bessel_j1), ("BesselK0", bessel_k0), ("BesselK0e", bessel_k0e),
                   ("BesselK1", bessel_k1), ("BesselK1e", bessel_k1e), ("BesselY0", bessel_y0), ("BesselY1", bessel_y1),
                   ("IndexFill", _F["index_fill"]), ("NonZero", _F["nonzero"]), ("StopGradient", _F["stop_gradient"]),
                   ("MatrixBandPart", _F["matrix_band_part"]), ("Fills", _F["fills"])):
    _same(_name, _fn)
_same("GLU", _F["glu"], axis=-1)
_same("AffineGrid", _F["affine_grid"], align_corners=False)
_same("ChannelShuffle", _F["channel_shuffle"], "group=groups", group=...)
_same("CTCLossV2", _F["ctc_loss"], blank=0, reduction="none", zero_infinity=False)
_same("Cummin", _F["cummin"], axis=...)
_same("CountNonZero", _F["count_nonzero"], "dims=axis", dims=())
_same("GridSampler2D", _F["grid_sample"], interpolation_mode="bilinear", padding_mode="zeros", align_corners=False)
_same("GridSampler3D", _F["grid_sample"], interpolation_mode="bilinear", padding_mode="zeros", align_corners=False)
_same("IsClose", _F["isclose"], rtol=1e-5, atol=1e-8, equal_nan=True)
_same("MatrixSolve", _F["matrix_solve"], adjoint=False)
_same("Roll", _F["roll"], "shift=shifts", "axis=dims", shift=..., axis=...)
_same("TensorScatterElements", _F["tensor_scatter_elements"], axis=0, reduction="none")
_same("AdaptiveAvgPool3D", _F["adaptive_avg_pool3d"], output_size=...)


def _nuclear_norm(self: Any, x: Tensor) -> Tensor:
    """The sum of the singular values of each matrix."""
    return _F["norm"](x, ord="nuc", dim=_tuple(self.dim), keepdim=self.keepdim)


def _bernoulli(self: Any, x: Tensor, p: Any) -> Tensor:
    """Ones with probability `p`, else zeros, in the shape and dtype of a Tensor."""
    return _F["bernoulli"](x, p, self.seed)


def _col2im(self: Any, x: Tensor, output_size: Any) -> Tensor:
    """Images as sums of overlapping windows."""
    return _F["col2im"](x, output_size, *map(_tuple, (self.kernel_size, self.dilation, self.padding, self.stride)))


def _log_space(self: Any, start: Any, end: Any) -> Tensor:
    """Powers whose exponents are evenly spaced."""
    return _F["logspace"](start, end, self.steps, self.base, dtype=self.dtype)


def _matrix_diag(self: Any, x: Tensor, k: Any = 0, num_rows: Any = -1, num_cols: Any = -1, padding: Any = 0) -> Tensor:
    """Matrices with the given diagonals."""
    return _F["matrix_diag"](x, _tuple(k), _number(num_rows), _number(num_cols), _number(padding), self.align)


def _matrix_diag_part(self: Any, x: Tensor, k: Any, padding: Any) -> Tensor:
    """The diagonals of matrices."""
    return _F["matrix_diag_part"](x, _tuple(k), _number(padding), self.align)


def _matrix_set_diag(self: Any, x: Tensor, diagonal: Tensor, k: Any) -> Tensor:
    """Matrices with their diagonals replaced."""
    return _F["matrix_set_diag"](x, diagonal, _tuple(k), self.align)


def _unpool(name: str) -> Callable:
    def call(self: Any, x: Tensor, argmax: Tensor) -> Tensor:
        stride = _tuple(self.strides) or None
        return _F[name](x, argmax, _tuple(self.ksize), stride, _tuple(self.pads), _tuple(self.output_shape) or None)

    call.__doc__ = _F[name].__doc__
    return call


def _indices(name: str) -> Callable:
    def call(self: Any) -> Tensor:
        return _F[name](self.row, self.col, self.offset, dtype=self.dtype)

    call.__doc__ = _F[name].__doc__
    return call


def _max_with_places(self: Any, x: Tensor) -> tuple:
    """The largest element of each window, and its place in the flat (H, W)."""
    values, places = _F["max_pool2d"](x, *map(_tuple, (self.kernel_size, self.strides, self.pads, self.dilation)), True,
                                      self.ceil_mode)
    return values, _F["cast"](places, self.argmax_type)


def _max_with_places3d(self: Any, x: Tensor) -> tuple:
    """The largest element of each window, and its place in the flat (D, H, W)."""
    values, places = _F["max_pool3d"](x, *map(_tuple, (self.ksize, self.strides, self.pads, self.dilation)),
                                      self.ceil_mode, True)
    return values, _F["cast"](places, self.argmax_type)


def _adaptive_max3d(self: Any, x: Tensor, output_size: Any) -> tuple:
    """Maxima over windows that cover the volume, and their places."""
    values, places = _F["adaptive_max_pool3d"](x, _tuple(output_size), True)
    return values, _F["cast"](places, mstype.int32)


def _identities(self: Any, x: Any) -> tuple:
    """The Tensors themselves, in new objects."""
    return tuple([_F["identity"](v) for v in x])


def _ramp(self: Any, x: Tensor, per_group_size: Any, group_num: Any) -> Tensor:
    """Keys dealt out to groups in turn: key % groups * size + key // groups."""
    size, groups = _number(per_group_size), _number(group_num)
    return x % groups * size + x // groups


def _filtered(self: Any, x: Tensor, max_num: Any, offset: Any) -> tuple:
    """The elements minus an offset that then lie in [0, max_num), and their places; the length depends on data."""
    moved = x.asnumpy() - _number(offset)
    kept = np.flatnonzero((moved >= 0) & (moved < _number(max_num)))
    return Tensor(moved[kept].astype(moved.dtype)), Tensor(kept.astype(moved.dtype))


def _difference(self: Any, x: Tensor, y: Tensor) -> tuple:
    """The elements of `x` that `y` does not hold, and their places; the length depends on data."""
    host = x.asnumpy()
    kept = np.flatnonzero(~np.isin(host, y.asnumpy()))
    return Tensor(host[kept]), Tensor(kept.astype(mstype.to_numpy_dtype(self.out_idx)))


def _unravel(self: Any, indices: Tensor, dims: Any) -> Tensor:
    """Places in a flat Tensor as coordinates, one row for each axis."""
    places = np.unravel_index(indices.asnumpy(), _tuple(dims))
    return Tensor(np.stack(places).astype(indices.asnumpy().dtype))


def _ragged(self: Any, starts: Tensor, limits: Tensor, deltas: Tensor) -> tuple:
    """Several ranges one after the other: where each begins, and their numbers."""
    hosts = [np.atleast_1d(v.asnumpy()) for v in (starts, limits, deltas)]
    ranges = [np.arange(*v) for v in np.broadcast(*hosts)]
    splits = np.cumsum([0, *map(len, ranges)]).astype(mstype.to_numpy_dtype(self.Tsplits))
    return Tensor(splits), Tensor(np.concatenate(ranges).astype(hosts[0].dtype))


def _format_places(self: Any, x: Tensor) -> Tensor:
    """Where each axis of one format is in another."""
    table = [self.src_format.index(c) for c in self.dst_format]
    return _F["gather"](Tensor(np.int32(table)), x, 0).astype(x.dtype)


def _format_order(self: Any, x: Tensor) -> Tensor:
    """The rows in the order of another format of axes."""
    whole = x.shape[0] == len(self.src_format)
    source = self.src_format if whole else self.src_format.replace("N", "").replace("C", "")
    order = [source.index(c) for c in self.dst_format if c in source]
    return _F["gather"](x, Tensor(np.int32(order)), 0)


def _bits(self: Any, x: Tensor, threshold: Tensor) -> Tensor:
    """Which elements exceed a threshold, eight of the last axis as the bits of a number."""
    exceeds = (x > threshold).astype(mstype.int32).reshape((*x.shape[:-1], x.shape[-1] // 8, 8))
    weights = Tensor(2 ** np.arange(7, -1, -1, dtype=np.int32))
    return _F["cast"]((exceeds * weights).sum(-1), mstype.uint8)


def _replaced_rows(self: Any, x: Tensor, indices: Any, v: Tensor) -> Tensor:
    """A Tensor with some of its rows replaced."""
    return _F["inplace_update"](x, v, _tuple(indices))


def _im2col(self: Any, x: Tensor) -> Tensor:
    """The elements under each position of a window, (N, C, elements, positions)."""
    columns = _F["unfold"](x, *map(_tuple, (self.ksizes, self.dilations, self.pads, self.strides)))
    return columns.reshape((x.shape[0], x.shape[1], -1, columns.shape[-1]))


def _checked(self: Any, x: Tensor) -> Tensor:
    """The Tensor itself; RuntimeError when it holds NaN or infinities."""
    if not np.isfinite(x.asnumpy()).all():
        raise RuntimeError("For 'CheckNumerics', 'x' should hold no NaN or infinity.")
    return x


def _added_along(self: Any, x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """A Tensor with others added at places along an axis."""
    return _F["tensor_scatter_elements"](x, indices, updates, self.axis, "add")


def _added_rows(self: Any, var: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Adds rows to a Parameter at places along an axis."""
    return _F["index_add"](var, indices, updates, self.axis)


def _host_function(self: Any, x: Any) -> tuple:
    """Results of a Python function of NumPy arrays, in PYNATIVE_MODE."""
    found = self.fn(*(v.asnumpy() for v in x))
    return tuple([Tensor(v) for v in (found if isinstance(found, tuple) else (found,))])


def _resized(mode: str) -> Callable:
    def call(self: Any, x: Tensor, size: Any) -> Tensor:
        first = getattr(self, "data_format", "NCHW") == "NCHW"
        primitive_ = {"bilinear": "ResizeBilinear", "nearest": "ResizeNearestNeighbor"}[mode]
        half = {"half_pixel_centers": self.half_pixel_centers} if mode == "bilinear" else {}
        resize = registry.primitives[primitive_](_tuple(size), align_corners=self.align_corners, **half)
        if first:
            return resize(x)
        return resize(x.transpose((0, 3, 1, 2))).transpose((0, 2, 3, 1))

    call.__doc__ = f"Images of another size, by {mode} interpolation."
    return call


def _resized_lines(self: Any, x: Tensor, size: Any) -> Tensor:
    """Signals of another length, by linear interpolation."""
    return _F["interpolate"](x, sizes=_tuple(size),
                             coordinate_transformation_mode=self.coordinate_transformation_mode)


def _summary(self: Any, name: str, value: Any) -> None:
    """Accepted for compatibility: what it would record is not written."""


def _padded(self: Any, x: Tensor, paddings: Any, value: Any = None) -> Tensor:
    """A Tensor with a number, its mirror image, its edge or itself again around its last axes."""
    sides = _tuple(paddings)
    if not self.paddings_contiguous:        # (before of all axes, after of all axes)
        half = len(sides) // 2
        sides = tuple(n for pair in zip(sides[:half], sides[half:], strict=True) for n in pair)
    mode = {"edge": "replicate"}.get(self.mode, self.mode)
    return _F["pad"](x, sides, mode, None if mode != "constant" or value is None else _number(value))


_object("NuclearNorm", _nuclear_norm, dim=None, keepdim=False)
_object("Bernoulli", _bernoulli, seed=-1, offset=0)
_object("Col2Im", _col2im, kernel_size=..., dilation=1, padding=0, stride=1)
_object("LogSpace", _log_space, steps=10, base=10, dtype=mstype.float32)
_object("MatrixDiagV3", _matrix_diag, align="RIGHT_LEFT")
_object("MatrixDiagPartV3", _matrix_diag_part, align="RIGHT_LEFT")
_object("MatrixSetDiagV3", _matrix_set_diag, align="RIGHT_LEFT")
_object("MaxUnpool2D", _unpool("max_unpool2d"), ksize=..., strides=0, pads=0, output_shape=(), data_format="NCHW")
_object("MaxUnpool3D", _unpool("max_unpool3d"), ksize=..., strides=0, pads=0, output_shape=(), data_format="NCDHW")
_object("TrilIndices", _indices("tril_indices"), row=..., col=..., offset=0, dtype=mstype.int32)
_object("TriuIndices", _indices("triu_indices"), row=..., col=..., offset=0, dtype=mstype.int32)
_object("MaxPoolWithArgmaxV2", _max_with_places, kernel_size=..., strides=None, pads=0, dilation=(1, 1),
        ceil_mode=False, argmax_type=mstype.int64)
_object("MaxPool3DWithArgmax", _max_with_places3d, ksize=..., strides=..., pads=..., dilation=(1, 1, 1),
        ceil_mode=False, data_format="NCDHW", argmax_type=mstype.int64)
_object("AdaptiveMaxPool3D", _adaptive_max3d)
_object("IdentityN", _identities)
_object("MapUniform", _ramp)
_object("SubAndFilter", _filtered)
_object("ListDiff", _difference, out_idx=mstype.int32)
_object("UnravelIndex", _unravel)
_object("RaggedRange", _ragged, Tsplits=...)
_object("DataFormatDimMap", _format_places, src_format="NHWC", dst_format="NCHW")
_object("DataFormatVecPermute", _format_order, src_format="NHWC", dst_format="NCHW")
_object("CompareAndBitpack", _bits)
_object("InplaceUpdateV2", _replaced_rows)
_object("Im2Col", _im2col, ksizes=..., strides=1, dilations=1, pads=0)
_object("CheckNumerics", _checked)
_object("ScatterAddWithAxis", _added_along, axis=0)
_object("InplaceIndexAdd", _added_rows, axis=...)
_object("PyFunc", _host_function, fn=..., in_types=..., in_shapes=..., out_types=..., out_shapes=..., stateful=True)
_object("ResizeBilinearV2", _resized("bilinear"), align_corners=False, half_pixel_centers=False)
_object("ResizeNearestNeighborV2", _resized("nearest"), align_corners=False, half_pixel_centers=False,
        data_format="NHWC")
_object("ResizeLinear1D", _resized_lines, coordinate_transformation_mode="align_corners")
for _name in ("ScalarSummary", "TensorSummary", "HistogramSummary", "ImageSummary"):
    _object(_name, _summary)
_same("ScatterNdMul", _F["scatter_nd_mul"], use_locking=False)
_object("PadV3", _padded, mode="constant", paddings_contiguous=True)

"""Windows of signals and Fourier transforms."""
from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Ints
from mycelium.ops.checks import dtype_name
from mycelium.ops.op import function, op, primitive
from mycelium.ops.primitive import Primitive

_WINDOW = """{meaning}

    Args:
        window_length: Int, or Tensor of one: how many points.
        periodic: Whether the window is one period; else it is symmetric.{more}
        dtype: Float dtype of the result; default float32.

    Returns:
        Tensor of shape (window_length,).

    Raises:
        TypeError: `window_length` is no int, or `dtype` no float dtype.
        ValueError: `window_length` is negative.

    Examples:
        >>> print(ops.{name}(4))
        {result}

    MindSpore r2.0 `ops.{name}`.
    """


def _points(owner: str, length: Any, periodic: bool, dtype: Any, shape: Callable) -> Tensor:
    if isinstance(length, Tensor):
        length = length.asnumpy().item()
    if not isinstance(length, int) or isinstance(length, bool):
        raise TypeError(f"For '{owner}', 'window_length' should be an int, but got {describe(length)}.")
    if length < 0:
        raise ValueError(f"For '{owner}', 'window_length' should be 0 or greater, but got {length}.")
    target = mstype.to_numpy_dtype(mstype.float32 if dtype is None else dtype)
    if target.kind not in "fV":
        raise TypeError(f"For '{owner}', 'dtype' should be a float dtype, but got {dtype}.")
    if length <= 1:
        return Tensor(np.ones(length).astype(target))
    return Tensor(shape(np.arange(length), length if periodic else length - 1).astype(target))


def _bartlett(n: Any, size: int) -> Any:
    return 1 - np.abs(2 * n / size - 1)


def _blackman(n: Any, size: int) -> Any:
    return 0.42 - 0.5 * np.cos(2 * np.pi * n / size) + 0.08 * np.cos(4 * np.pi * n / size)


def _hann(n: Any, size: int) -> Any:
    return 0.5 - 0.5 * np.cos(2 * np.pi * n / size)


def _window(name: str, primitive_name: str | None, meaning: str, shape: Callable, result: str) -> None:
    def public(window_length: Any, periodic: bool = True, *, dtype: mstype.Type | None = None) -> Tensor:
        return _points(name, window_length, periodic, dtype, shape)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = _WINDOW.format(name=name, meaning=meaning, result=result, more="")
    function(name)(public)
    if primitive_name is None:
        return

    def init(self: Any, periodic: bool = True, dtype: mstype.Type = mstype.float32) -> None:
        Primitive.__init__(self, primitive_name)
        self.periodic, self.dtype = periodic, dtype

    def call(self: Any, window_length: Any) -> Tensor:
        return _points(primitive_name, window_length, self.periodic, self.dtype, shape)

    primitive(type(primitive_name, (Primitive,), {
        "__init__": init, "__call__": call, "__module__": __name__,
        "__doc__": public.__doc__.replace(f"ops.{name}(4)", f"ops.{primitive_name}()(4)")}))


_window("bartlett_window", "BartlettWindow", "A triangle.", _bartlett, "[0.  0.5 1.  0.5]")
_window("blackman_window", "BlackmanWindow", "0.42 - cos(2 pi n / N) / 2 + 0.08 cos(4 pi n / N).", _blackman,
        "[-1.3877788e-17  3.4000000e-01  1.0000000e+00  3.4000000e-01]")
_window("hann_window", None, "(1 - cos(2 pi n / N)) / 2.", _hann, "[0.  0.5 1.  0.5]")


@function()
def hamming_window(window_length: Any, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *,
                   dtype: mstype.Type | None = None) -> Tensor:
    """alpha - beta cos(2 pi n / N).

    Args:
        window_length: Int, or Tensor of one: how many points.
        periodic: Whether the window is one period; else it is symmetric.
        alpha: The constant.
        beta: The factor of the cosine.
        dtype: Float dtype of the result; default float32.

    Returns:
        Tensor of shape (window_length,).

    Examples:
        >>> print(ops.hamming_window(4))
        [0.08 0.54 1.   0.54]

    MindSpore r2.0 `ops.hamming_window`.
    """
    return _points("hamming_window", window_length, periodic, dtype,
                   lambda n, size: alpha - beta * np.cos(2 * np.pi * n / size))


@primitive
class HammingWindow(Primitive):
    """alpha - beta cos(2 pi n / N).

    Args:
        periodic: Whether the window is one period; else it is symmetric.
        alpha: The constant.
        beta: The factor of the cosine.
        dtype: Float dtype of the result.

    Examples:
        >>> print(ops.HammingWindow()(Tensor([4])))
        [0.08 0.54 1.   0.54]

    MindSpore r2.0 `ops.HammingWindow`.
    """

    def __init__(self, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46,
                 dtype: mstype.Type = mstype.float32):
        super().__init__("HammingWindow")
        self.settings = periodic, alpha, beta
        self.dtype = dtype

    def __call__(self, length: Any) -> Tensor:
        return hamming_window(length, *self.settings, dtype=self.dtype)


@function()
def kaiser_window(window_length: Any, periodic: bool = True, beta: float = 12.0, *,
                  dtype: mstype.Type | None = None) -> Tensor:
    """I0(beta sqrt(1 - (2 n / N - 1)^2)) / I0(beta), with the modified Bessel function I0.

    Args:
        window_length: Int, or Tensor of one: how many points.
        periodic: Whether the window is one period; else it is symmetric.
        beta: How fast it falls.
        dtype: Float dtype of the result; default float32.

    Returns:
        Tensor of shape (window_length,).

    Examples:
        >>> print(ops.kaiser_window(2, beta=0.0))
        [1. 1.]

    MindSpore r2.0 `ops.kaiser_window`.
    """
    return _points("kaiser_window", window_length, periodic, dtype,
                   lambda n, size: np.i0(beta * np.sqrt(1 - (2 * n / size - 1) ** 2)) / np.i0(beta))


# ***** Fourier transforms *****

Norm = Literal["forward", "backward", "ortho"] | None


def _complex(owner: str, x: Any) -> Any:
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        return x
    if x.dtype not in (jnp.float32, jnp.float64) and not jnp.issubdtype(x.dtype, jnp.integer):
        raise TypeError(f"For '{owner}', 'input' should be a Tensor of numbers, but got {dtype_name(x)}.")
    return x.astype(jnp.complex128 if x.dtype == jnp.float64 else jnp.complex64)


_FOURIER = """The {words}discrete Fourier transform along {along}.

    Args:
        input: Tensor of numbers, real or complex.
        {size}: Length{s} the ax{i}s cut or filled up to; default as they are.
        dim: The ax{i}s.
        norm: Where to divide by the number of elements n: "forward", "backward" (default), or "ortho" for sqrt(n) in
            both.

    Returns:
        Tensor of a complex dtype.

    Examples:
        >>> print(ops.{name}(Tensor({example})))
        {result}

    MindSpore r2.0 `ops.{name}`.
    """


def _fourier(name: str, fn: Callable, words: str, example: str, result: str) -> None:
    one = not name.endswith(("2", "n"))

    def along_one(input: Array, n: int | None = None, dim: int = -1, norm: Norm = None) -> Any:
        return fn(_complex(name, input), n, dim, norm)

    def along_two(input: Array, s: Ints = None, dim: tuple = (-2, -1), norm: Norm = None) -> Any:
        return fn(_complex(name, input), s, dim, norm)

    def along_all(input: Array, s: Ints = None, dim: Ints = None, norm: Norm = None) -> Any:
        return fn(_complex(name, input), s, dim, norm)

    pure = along_one if one else along_two if name.endswith("2") else along_all
    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = _FOURIER.format(
        name=name, words=words, along="an axis" if one else "two axes" if name.endswith("2") else "axes",
        size="n" if one else "s", s="" if one else "s", i="i" if one else "e", example=example, result=result)
    op(None)(pure)


_fourier("fft", jnp.fft.fft, "", "[1.0, 1.0]", "[2.+0.j 0.+0.j]")
_fourier("fft2", jnp.fft.fft2, "", "[[1.0, 1.0]]", "[[2.+0.j 0.+0.j]]")
_fourier("fftn", jnp.fft.fftn, "", "[[1.0, 1.0]]", "[[2.+0.j 0.+0.j]]")
_fourier("ifft", jnp.fft.ifft, "inverse ", "[2.0, 0.0]", "[1.+0.j 1.+0.j]")
_fourier("ifft2", jnp.fft.ifft2, "inverse ", "[[2.0, 0.0]]", "[[1.+0.j 1.+0.j]]")
_fourier("ifftn", jnp.fft.ifftn, "inverse ", "[[2.0, 0.0]]", "[[1.+0.j 1.+0.j]]")


def _dimensions(owner: str, name: str, value: int) -> int:
    if value not in (1, 2, 3):
        raise ValueError(f"For '{owner}', '{name}' should be 1, 2 or 3, but got {value}.")
    return value


@op("FFTWithSize", function=None)
def fft_with_size(x: Array, *, signal_ndim: Annotated[int, _dimensions], inverse: bool, real: bool,
                  norm: Literal["forward", "backward", "ortho"] = "backward", onesided: bool = True,
                  signal_sizes: tuple = ()) -> Array:
    """The discrete Fourier transform along the last axes.

    Args:
        x: Tensor, complex, or real for the transform of a real signal.
        signal_ndim: Along how many axes: 1, 2 or 3.
        inverse: Whether to transform back.
        real: Whether the signal is real.
        norm: Where to divide by the number of elements n: "forward", "backward", or "ortho" for sqrt(n) in both.
        onesided: Whether the spectrum of a real signal is given without the half that follows from the other.
        signal_sizes: The sizes of the real signal that an inverse transform gives.

    Returns:
        Tensor; real for the inverse transform to a real signal.

    Examples:
        >>> print(ops.FFTWithSize(1, False, True)(Tensor([1.0, 1.0])))
        [2.+0.j 0.+0.j]

    MindSpore r2.0 `ops.FFTWithSize`.
    """
    axes = tuple(range(-signal_ndim, 0))
    if not real:
        return (jnp.fft.ifftn if inverse else jnp.fft.fftn)(x, axes=axes, norm=norm)
    if inverse:
        if onesided:
            return jnp.fft.irfftn(x, s=signal_sizes or None, axes=axes, norm=norm)
        return jnp.real(jnp.fft.ifftn(x, axes=axes, norm=norm))
    return (jnp.fft.rfftn if onesided else jnp.fft.fftn)(x, axes=axes, norm=norm)


@op("STFT", function=None)
def stft_(x: Array, window: Array, *, n_fft: int, hop_length: int, win_length: int, normalized: bool, onesided: bool,
          return_complex: bool) -> Array:
    """The Fourier transform of short pieces of a signal.

    Args:
        x: Tensor of shape (L,) or (B, L).
        window: Tensor of shape (win_length,): the factor of each element of a piece.
        n_fft: The length of the transform.
        hop_length: From one piece to the next.
        win_length: The length of a piece; zeros fill up both sides.
        normalized: Whether to divide by sqrt(n_fft).
        onesided: Whether to give n_fft // 2 + 1 frequencies only.
        return_complex: Whether to return complex numbers; else pairs along a last axis.

    Returns:
        Tensor of shape (*B, frequencies, pieces), or (*B, frequencies, pieces, 2).

    Examples:
        >>> stft = ops.STFT(4, 2, 4, False, True, True)
        >>> stft(Tensor(np.ones(8, np.float32)), Tensor(np.ones(4, np.float32))).shape
        (3, 3)

    MindSpore r2.0 `ops.STFT`.
    """
    before = (n_fft - win_length) // 2
    factor = jnp.pad(window, (before, n_fft - win_length - before))
    starts = np.arange(0, x.shape[-1] - n_fft + 1, hop_length)
    pieces = x[..., starts[:, None] + np.arange(n_fft)] * factor
    half = onesided and not jnp.iscomplexobj(pieces)
    spectrum = (jnp.fft.rfft if half else jnp.fft.fft)(pieces, axis=-1)
    if onesided and not half:
        spectrum = spectrum[..., :n_fft // 2 + 1]
    spectrum = jnp.swapaxes(spectrum / np.sqrt(n_fft) if normalized else spectrum, -1, -2)
    spectrum = spectrum.astype(jnp.complex128 if x.dtype in (jnp.float64, jnp.complex128) else jnp.complex64)
    return spectrum if return_complex else jnp.stack([spectrum.real, spectrum.imag], -1)


@op(None, function=None)
def reflected(x: Array, *, count: int, mode: str) -> Array:
    """The signal with more of it on both sides."""
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(count, count)], mode=mode)


@function()
def stft(x: Tensor, n_fft: int, hop_length: int | None = None, win_length: int | None = None,
         window: Tensor | None = None, center: bool = True, pad_mode: str = "REFLECT", normalized: bool = False,
         onesided: bool | None = None, return_complex: bool | None = None) -> Tensor:
    """The Fourier transform of short pieces of a signal.

    Args:
        x: Tensor of shape (L,) or (B, L).
        n_fft: The length of the transform.
        hop_length: From one piece to the next; default n_fft // 4.
        win_length: The length of a piece; default `n_fft`.
        window: Tensor of shape (win_length,): the factor of each element of a piece; default ones.
        center: Whether pieces lie around their places: the signal then goes on at both ends.
        pad_mode: How: "REFLECT", "CONSTANT" or "EDGE".
        normalized: Whether to divide by sqrt(n_fft).
        onesided: Whether to give n_fft // 2 + 1 frequencies only; default for real signals.
        return_complex: Whether to return complex numbers; else pairs along a last axis. Default for complex ones.

    Returns:
        Tensor of shape (*B, frequencies, pieces), or (*B, frequencies, pieces, 2).

    Examples:
        >>> ops.stft(Tensor(np.ones(8, np.float32)), 4, 2).shape
        (3, 5, 2)

    MindSpore r2.0 `ops.stft`.
    """
    win_length = n_fft if win_length is None else win_length
    is_complex = x.dtype in (mstype.complex64, mstype.complex128)
    if window is None:
        window = Tensor(np.ones(win_length, np.float32))
    if center:
        x = reflected(x, count=n_fft // 2, mode=pad_mode.lower())
    onesided = not is_complex if onesided is None else onesided
    return stft_(x, window, n_fft=n_fft, hop_length=max(n_fft // 4, 1) if hop_length is None else hop_length,
                 win_length=win_length, normalized=normalized, onesided=onesided,
                 return_complex=is_complex if return_complex is None else return_complex)

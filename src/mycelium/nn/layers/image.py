"""Images: gradients, similarity (PSNR, SSIM), cropping, resizing, patches."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium import ops
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_choice, check_int, check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.nn.container import CellList
from mycelium.nn.layers.conv import Conv2d
from mycelium.nn.layers.pooling import AvgPool2d
from mycelium.ops.layer_parts import patches


def _rank4(owner: str, **images: Tensor) -> None:
    for name, x in images.items():
        if x.ndim != 4:
            raise ValueError(f"For '{owner}', '{name}' should have shape (N, C, H, W), but got {tuple(x.shape)}.")


def _alike(owner: str, img1: Tensor, img2: Tensor) -> None:
    _rank4(owner, img1=img1, img2=img2)
    if img1.dtype != img2.dtype:
        raise TypeError(f"For '{owner}', 'img1' and 'img2' should have the same dtype, but got {img1.dtype} and "
                        f"{img2.dtype}.")
    if img1.shape != img2.shape:
        raise ValueError(f"For '{owner}', 'img1' and 'img2' should have the same shape, but got {tuple(img1.shape)} "
                         f"and {tuple(img2.shape)}.")


def _greater_than_0(owner: str, name: str, value: Any) -> Any:
    check_type(owner, name, value, (int, float))
    if value <= 0:
        raise ValueError(f"For '{owner}', '{name}' should be greater than 0, but got {value}.")
    return value


class ImageGradients(Cell):
    """Differences to the next row and the next column; 0 in the last one.

    Inputs:
        - **images** (Tensor): shape (N, C, H, W).

    Outputs:
        Tuple (dy, dx) of Tensors like `images`.

    Raises:
        ValueError: `images` has not 4 axes.

    Examples:
        >>> dy, dx = nn.ImageGradients()(Tensor([[[[1, 2], [3, 4]]]], ms.int32))
        >>> print(dy)
        [[[[2 2]
           [0 0]]]]

    MindSpore r1.8 `nn.ImageGradients`.
    """

    def construct(self, images: Tensor) -> tuple:
        """(dy, dx)."""
        _rank4("ImageGradients", images=images)
        return (self._padded(images[:, :, 1:] - images[:, :, :-1], 2),
                self._padded(images[:, :, :, 1:] - images[:, :, :, :-1], 3))

    def _padded(self, difference: Tensor, axis: int) -> Tensor:
        return ops.pad(difference, tuple([(0, 1) if i == axis else (0, 0) for i in range(4)]))


class PSNR(Cell):
    """Peak signal-to-noise ratio of two batches of images: 10 log10(max_val^2 / mean squared difference).

    Args:
        max_val: Range of the pixels, greater than 0. Default: 1.0.

    Inputs:
        - **img1** (Tensor): shape (N, C, H, W).
        - **img2** (Tensor): shape and dtype of `img1`.

    Outputs:
        Tensor, shape (N,), float32.

    Raises:
        TypeError: `max_val` is no number, or the dtypes differ.
        ValueError: `max_val` is not greater than 0, or the shapes differ or have not 4 axes.

    Examples:
        >>> print(nn.PSNR(2)(Tensor([[[[1.0, 2.0]]]]), Tensor([[[[3.0, 4.0]]]])))
        [0.]

    MindSpore r1.8 `nn.PSNR`.
    """

    def __init__(self, max_val: float = 1.0):
        super().__init__()
        self.max_val = _greater_than_0("PSNR", "max_val", max_val)

    def construct(self, img1: Tensor, img2: Tensor) -> Tensor:
        """The ratio of each image."""
        _alike("PSNR", img1, img2)
        if not isinstance(img1.dtype, mstype.Float):
            img1, img2 = ops.cast(img1, mstype.float32), ops.cast(img2, mstype.float32)
        mse = ops.ReduceMean()(ops.Square()(img1 - img2), (1, 2, 3))
        return 10.0 / float(np.log(10.0)) * ops.log(float(self.max_val) ** 2 / mse)


def _gaussian(size: int, sigma: float) -> Tensor:
    """A Gaussian window of sum 1, shape (1, 1, size, size)."""
    line = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * sigma ** 2))
    window = np.outer(line, line)
    return Tensor((window / window.sum()).astype(np.float32)[None, None])


class _StructuralSimilarity(Cell):
    """Shared by SSIM and MSSSIM: checks and the two factors."""

    def __init__(self, max_val: float, filter_size: int, filter_sigma: float, k1: float, k2: float):
        super().__init__()
        owner = type(self).__name__
        self.max_val = _greater_than_0(owner, "max_val", max_val)
        self.filter_size = check_int(owner, "filter_size", filter_size, 1)
        for name, value in (("filter_sigma", filter_sigma), ("k1", k1), ("k2", k2)):
            _greater_than_0(owner, name, check_type(owner, name, value, float))
        self.filter_sigma, self.k1, self.k2 = filter_sigma, k1, k2

    def _window(self) -> Conv2d:
        conv = Conv2d(1, 1, self.filter_size, pad_mode="valid",
                      weight_init=_gaussian(self.filter_size, self.filter_sigma))
        conv.weight.requires_grad = False
        return conv

    def _factors(self, conv: Conv2d, img1: Tensor, img2: Tensor) -> tuple[Tensor, Tensor]:
        """Luminance, and contrast with structure, of each image and channel, (N, C)."""
        n, c, h, w = img1.shape
        if min(h, w) < self.filter_size:
            raise ValueError(f"For '{type(self).__name__}', images should be at least filter_size={self.filter_size} "
                             f"high and wide, but got {tuple(img1.shape)}.")
        x, y = ops.reshape(img1, (n * c, 1, h, w)), ops.reshape(img2, (n * c, 1, h, w))
        mean_x, mean_y = conv(x), conv(y)
        c1, c2 = (self.k1 * self.max_val) ** 2, (self.k2 * self.max_val) ** 2
        product, squares = mean_x * mean_y, ops.Square()(mean_x) + ops.Square()(mean_y)
        light = (2.0 * product + c1) / (squares + c1)
        both = conv(x * y) - product
        spread = conv(ops.Square()(x) + ops.Square()(y)) - squares
        structure = (2.0 * both + c2) / (spread + c2)
        mean = ops.ReduceMean()
        return (ops.reshape(mean(light * structure, (1, 2, 3)), (n, c)),
                ops.reshape(mean(structure, (1, 2, 3)), (n, c)))


def _as_images(img1: Tensor, img2: Tensor) -> tuple[Tensor, Tensor]:
    if isinstance(img1.dtype, mstype.Float):
        return img1, img2
    return ops.cast(img1, mstype.float32), ops.cast(img2, mstype.float32)


class SSIM(_StructuralSimilarity):
    """Structural similarity of two batches of images, within Gaussian windows.

    ((2 mx my + c1) (2 sxy + c2)) / ((mx^2 + my^2 + c1) (sx^2 + sy^2 + c2)), c1 = (k1 max_val)^2, c2 = (k2 max_val)^2.

    Args:
        max_val: Range of the pixels, greater than 0. Default: 1.0.
        filter_size: Side of the window. Default: 11.
        filter_sigma: Standard deviation of the window. Default: 1.5.
        k1: Default: 0.01.
        k2: Default: 0.03.

    Inputs:
        - **img1** (Tensor): shape (N, C, H, W).
        - **img2** (Tensor): shape and dtype of `img1`.

    Outputs:
        Tensor, shape (N,).

    Raises:
        TypeError: An argument of the wrong type, or the dtypes differ.
        ValueError: A value out of range, or shapes that do not fit.

    Examples:
        >>> x = Tensor(np.ones((1, 3, 16, 16), np.float32))
        >>> nn.SSIM()(x, x).shape
        (1,)

    Wang et al. 2004; MindSpore r1.8 `nn.SSIM`.
    """

    def __init__(self, max_val: float = 1.0, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01,
                 k2: float = 0.03):
        super().__init__(max_val, filter_size, filter_sigma, k1, k2)
        self.conv = self._window()

    def construct(self, img1: Tensor, img2: Tensor) -> Tensor:
        """The similarity of each pair."""
        _alike("SSIM", img1, img2)
        whole, _ = self._factors(self.conv, *_as_images(img1, img2))
        return ops.ReduceMean()(whole, 1)


class MSSSIM(_StructuralSimilarity):
    """Structural similarity over several scales, each half the size of the one before.

    Args:
        max_val: Range of the pixels, greater than 0. Default: 1.0.
        power_factors: The weight of each scale, the full size first. Default: those of the paper.
        filter_size: Side of the window. Default: 11.
        filter_sigma: Standard deviation of the window. Default: 1.5.
        k1: Default: 0.01.
        k2: Default: 0.03.

    Inputs:
        - **img1** (Tensor): shape (N, C, H, W).
        - **img2** (Tensor): shape and dtype of `img1`.

    Outputs:
        Tensor, shape (N,).

    Raises:
        TypeError: An argument of the wrong type, or the dtypes differ.
        ValueError: A value out of range, or shapes that do not fit.

    Examples:
        >>> x = Tensor(np.ones((1, 3, 64, 64), np.float32))
        >>> nn.MSSSIM(power_factors=(0.3, 0.3, 0.4))(x, x).shape
        (1,)

    Wang et al. 2003; MindSpore r1.8 `nn.MSSSIM`.
    """

    def __init__(self, max_val: float = 1.0,
                 power_factors: tuple | list = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333), filter_size: int = 11,
                 filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03):
        super().__init__(max_val, filter_size, filter_sigma, k1, k2)
        self.power_factors = tuple(check_type("MSSSIM", "power_factors", power_factors, (tuple, list)))
        self.multi_convs_list = CellList([self._window() for _ in self.power_factors])
        self.half = AvgPool2d(2, 2)

    def construct(self, img1: Tensor, img2: Tensor) -> Tensor:
        """The similarity of each pair."""
        _alike("MSSSIM", img1, img2)
        img1, img2 = _as_images(img1, img2)
        result = None
        for i, power in enumerate(self.power_factors):
            if i:
                img1, img2 = self.half(img1), self.half(img2)
            whole, structure = self._factors(self.multi_convs_list[i], img1, img2)
            factor = ops.relu(whole if i == len(self.power_factors) - 1 else structure) ** power
            result = factor if result is None else result * factor
        return ops.ReduceMean()(result, 1)


class CentralCrop(Cell):
    """Cuts off the margins of images.

    Args:
        central_fraction: The part of height and width that is kept, a float in (0, 1].

    Inputs:
        - **image** (Tensor): shape (C, H, W) or (N, C, H, W).

    Outputs:
        Tensor, the middle of `image`.

    Raises:
        TypeError: `central_fraction` is not a float.
        ValueError: It is out of range, or `image` has other axes.

    Examples:
        >>> nn.CentralCrop(0.5)(Tensor(np.ones((4, 3, 4, 4), np.float32))).shape
        (4, 3, 2, 2)

    MindSpore r1.8 `nn.CentralCrop`.
    """

    def __init__(self, central_fraction: float):
        super().__init__()
        check_type("CentralCrop", "central_fraction", central_fraction, float)
        if not 0 < central_fraction <= 1:
            raise ValueError(f"For 'CentralCrop', 'central_fraction' should be in (0.0, 1.0], but got "
                             f"{central_fraction}.")
        self.central_fraction = central_fraction

    def construct(self, image: Tensor) -> Tensor:
        """The middle of `image`."""
        if image.ndim not in (3, 4):
            raise ValueError(f"For 'CentralCrop', 'image' should have 3 or 4 axes, but got shape {tuple(image.shape)}.")
        margins = []
        for n in image.shape[-2:]:
            start = int((n - n * self.central_fraction) / 2)
            margins.append((-start, -start))
        return ops.pad(image, ((0, 0),) * (image.ndim - 2) + tuple(margins))


class ResizeBilinear(Cell):
    """Resizes images with bilinear interpolation.

    Args:
        half_pixel_centers: Pixels are squares whose centre is their place. Default: False.

    Inputs:
        - **x** (Tensor): shape (N, C, H, W).
        - **size** (tuple): (height, width), or None. Default: None.
        - **scale_factor** (int): How many times larger the image gets, or None. Default: None.
        - **align_corners** (bool): The corner pixels stay where they are. Default: False.

    Outputs:
        Tensor, shape (N, C, height, width).

    Raises:
        TypeError: `scale_factor` is no int.
        ValueError: Not one of `size` and `scale_factor` is given, or a size is less than 1.

    Examples:
        >>> print(nn.ResizeBilinear()(Tensor([[[[1.0, 2.0, 3.0, 4.0]]]]), size=(1, 2)))
        [[[[1. 3.]]]]

    MindSpore r1.8 `nn.ResizeBilinear`.
    """

    def __init__(self, half_pixel_centers: bool = False):
        super().__init__()
        self.half_pixel_centers = half_pixel_centers

    def construct(self, x: Tensor, size: Any = None, scale_factor: int | None = None,
                  align_corners: bool = False) -> Tensor:
        """The resized images."""
        if (size is None) == (scale_factor is None):
            raise ValueError(f"For 'ResizeBilinear', one of 'size' and 'scale_factor' should be given, but got {size} "
                             f"and {scale_factor}.")
        if size is None:
            scale = check_int("ResizeBilinear", "scale_factor", scale_factor, 1)
            size = (x.shape[-2] * scale, x.shape[-1] * scale)
        elif not isinstance(size, (tuple, list)) or len(size) != 2:
            raise ValueError(f"For 'ResizeBilinear', 'size' should be (height, width), but got {describe(size)}.")
        size = tuple([check_int("ResizeBilinear", "size", n, 1) for n in size])
        return ops.ResizeBilinear(size, align_corners, self.half_pixel_centers)(x)


class Unfold(Cell):
    """Windows of images, laid out as channels.

    Args:
        ksizes: [1, height, width, 1] of a window.
        strides: [1, rows, columns, 1] from window to window.
        rates: [1, rows, columns, 1] from pixel to pixel within a window.
        padding: "valid" (default) or "same".

    Inputs:
        - **input_x** (Tensor): shape (N, C, H, W).

    Outputs:
        Tensor, shape (N, height * width * C, H_out, W_out).

    Raises:
        TypeError: `ksizes`, `strides` or `rates` is no tuple or list of ints.
        ValueError: One of them has not the form [1, a, b, 1], or `padding` is another.

    Examples:
        >>> net = nn.Unfold([1, 2, 2, 1], [1, 2, 2, 1], [1, 2, 2, 1])
        >>> net(Tensor(np.ones((2, 3, 6, 6), np.float32))).shape
        (2, 12, 2, 2)

    MindSpore r1.8 `nn.Unfold`.
    """

    def __init__(self, ksizes: Any, strides: Any, rates: Any, padding: str = "valid"):
        super().__init__()
        self.ksizes, self.strides, self.rates = (self._pair(name, value) for name, value in
                                                 (("ksizes", ksizes), ("strides", strides), ("rates", rates)))
        self.padding = check_choice("Unfold", "padding", padding.lower() if isinstance(padding, str) else padding,
                                    ("valid", "same"))

    def _pair(self, name: str, value: Any) -> tuple:
        check_type("Unfold", name, value, (tuple, list))
        for v in value:
            check_int("Unfold", name, v, 1)
        if len(value) != 4 or value[0] != 1 or value[3] != 1:
            raise ValueError(f"For 'Unfold', '{name}' should be [1, rows, columns, 1], but got {value}.")
        return tuple(value[1:3])

    def construct(self, input_x: Tensor) -> Tensor:
        """The windows."""
        return patches(input_x, size=self.ksizes, strides=self.strides, rates=self.rates, padding=self.padding)

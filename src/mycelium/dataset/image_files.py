"""Datasets of images that come as files: folders of images, MNIST, CIFAR-10 and CIFAR-100."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.checks import check_bool, check_workers
from mycelium.dataset.parallel import Workers
from mycelium.dataset.samplers import choose_sampler
from mycelium.dataset.source_steps import Arrays, RandomAccess
from mycelium.dataset.sources import SampledDataset
from mycelium.dataset.vision.pillow import pillow

_USAGES = ("train", "test", "all")


def _folder(owner: str, path: Any) -> Path:
    if not isinstance(path, (str, Path)):
        raise TypeError(f"For '{owner}', 'dataset_dir' should be str, but got {describe(path)}.")
    if not Path(path).is_dir():
        raise ValueError(f"For '{owner}', 'dataset_dir' should be a folder, but there is none at {path}.")
    return Path(path)


def _usage(owner: str, usage: Any) -> tuple[str, ...]:
    """The parts that are read, in the order of their files' names."""
    if usage is None or usage == "all":
        return ("test", "train")
    if not isinstance(usage, str):
        raise TypeError(f"For '{owner}', 'usage' should be str or None, but got {describe(usage)}.")
    if usage not in _USAGES:
        raise ValueError(f"For '{owner}', 'usage' should be one of {list(_USAGES)} or None, but got {usage!r}.")
    return (usage,)


class ImageFolderDataset(SampledDataset):
    """Images in folders: each folder is a class, numbered in the order of their names.

    Columns: "image", uint8, the content of the file of shape (bytes,) or the decoded picture (H, W, 3); "label", int32.

    Args:
        dataset_dir: The folder of the folders.
        num_samples: How many rows at most; None or 0 for all.
        num_parallel_workers: How many threads read; None for one.
        shuffle: Whether to read in a random order. Default: yes.
        sampler: A sampler, or an iterable of row numbers, instead of `shuffle`.
        extensions: Endings of the files to read, such as [".png"]; None reads all.
        class_indexing: The label of each class by the name of its folder; other folders are left out.
        decode: Whether to decode to RGB.
        num_shards: Into how many parts to divide the rows.
        shard_id: Which part to read.
        cache: Accepted for compatibility.
        decrypt: None: encrypted images are not read.

    Raises:
        NotImplementedError: `decrypt` is given.
        RuntimeError: There are no files.
        TypeError: An argument has the wrong type.
        ValueError: `dataset_dir` is no folder.

    Examples:
        >>> import tempfile, pathlib, PIL.Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("cat", "dog"):
        ...         (pathlib.Path(folder) / name).mkdir()
        ...         PIL.Image.new("RGB", (4, 3)).save(f"{folder}/{name}/0.png")
        ...     data = ms.dataset.ImageFolderDataset(folder, decode=True, shuffle=False)
        ...     [(image.shape, int(label)) for image, label in data.create_tuple_iterator(output_numpy=True)]
        [((3, 4, 3), 0), ((3, 4, 3), 1)]

    MindSpore r1.8 `dataset.ImageFolderDataset`.
    """

    def __init__(self, dataset_dir: str, num_samples: int | None = None, num_parallel_workers: int | None = None,
                 shuffle: bool | None = None, sampler: Any = None, extensions: list[str] | None = None,
                 class_indexing: dict[str, int] | None = None, decode: bool = False, num_shards: int | None = None,
                 shard_id: int | None = None, cache: Any = None, decrypt: Any = None) -> None:
        owner = "ImageFolderDataset"
        folder = _folder(owner, dataset_dir)
        check_workers(owner, num_parallel_workers)
        check_bool(owner, "decode", decode)
        if decrypt is not None:
            raise NotImplementedError(f"For '{owner}', 'decrypt' exists in MindSpore r1.8 but is not implemented by "
                                      "Mycelium yet.")
        for name, value, kind in (("extensions", extensions, (list, tuple)), ("class_indexing", class_indexing, dict)):
            if value is not None and not isinstance(value, kind):
                raise TypeError(f"For '{owner}', {name!r} should be {kind}, but got {describe(value)}.")
        classes = sorted(p for p in folder.iterdir() if p.is_dir())
        labels = class_indexing or {p.name: i for i, p in enumerate(classes)}
        files = [(file, labels[p.name]) for p in classes if p.name in labels for file in sorted(p.rglob("*"))
                 if file.is_file() and (extensions is None or file.suffix in extensions)]
        if not files:
            raise RuntimeError(f"For '{owner}', there are no files in the folders of {folder}"
                               + (f" that end in {list(extensions)}." if extensions else "."))
        chosen = choose_sampler(num_samples, sampler, shuffle, num_shards, shard_id)
        super().__init__(RandomAccess(["image", "label"], None, _Files(files, decode), chosen, Workers(1)))
        self._labels = dict(labels)

    def get_class_indexing(self) -> dict[str, int]:
        """The label of each class by the name of its folder."""
        return dict(self._labels)

    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self._labels)


class _Files:
    """Images that are read when they are asked for."""

    def __init__(self, files: list[tuple[Path, int]], decode: bool) -> None:
        self._files, self._decode = files, decode

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        file, label = self._files[index]
        content = file.read_bytes()
        if not self._decode:
            return np.frombuffer(content, np.uint8).copy(), np.array(label, np.int32)
        try:
            with pillow().open(io.BytesIO(content)) as image:
                return np.array(image.convert("RGB")), np.array(label, np.int32)
        except OSError as error:
            raise RuntimeError(f"For 'ImageFolderDataset', {file} cannot be decoded: {error}. Leave such files out "
                               "with extensions=[...].") from error

    def __len__(self) -> int:
        return len(self._files)


class MnistDataset(SampledDataset):
    """The handwritten digits of MNIST, from its files, unpacked.

    Columns: "image", uint8 of shape (28, 28, 1); "label", uint32.

    Args:
        dataset_dir: The folder of train-images-idx3-ubyte and its like.
        usage: "train", "test", "all" or None for all.
        num_samples: How many rows at most; None or 0 for all.
        num_parallel_workers: Accepted for compatibility.
        shuffle: Whether to read in a random order. Default: yes.
        sampler: A sampler, or an iterable of row numbers, instead of `shuffle`.
        num_shards: Into how many parts to divide the rows.
        shard_id: Which part to read.
        cache: Accepted for compatibility.

    Raises:
        RuntimeError: The files are missing or are no MNIST files.
        TypeError: An argument has the wrong type.
        ValueError: `dataset_dir` is no folder, or `usage` is unknown.

    Yann LeCun et al. 1998; MindSpore r1.8 `dataset.MnistDataset`.
    """

    def __init__(self, dataset_dir: str, usage: str | None = None, num_samples: int | None = None,
                 num_parallel_workers: int | None = None, shuffle: bool | None = None, sampler: Any = None,
                 num_shards: int | None = None, shard_id: int | None = None, cache: Any = None) -> None:
        owner = "MnistDataset"
        folder = _folder(owner, dataset_dir)
        check_workers(owner, num_parallel_workers)
        names = [{"test": "t10k", "train": "train"}[part] for part in _usage(owner, usage)]
        images = [_idx(owner, folder / f"{name}-images-idx3-ubyte", 3) for name in names]
        labels = [_idx(owner, folder / f"{name}-labels-idx1-ubyte", 1) for name in names]
        rows = [np.concatenate(images)[..., None], np.concatenate(labels).astype(np.uint32)]
        super().__init__(Arrays(["image", "label"], rows, choose_sampler(num_samples, sampler, shuffle, num_shards,
                                                                         shard_id)))


def _idx(owner: str, file: Path, axes: int) -> np.ndarray:
    """An array of bytes in the IDX format: 0, 0, 8 (uint8), the number of axes, the axes as big-endian int32."""
    if not file.is_file():
        raise RuntimeError(f"For '{owner}', there is no file {file.name} in {file.parent}.")
    content = np.frombuffer(file.read_bytes(), np.uint8)
    head = 4 + 4 * axes
    shape = content[4:head].view(">i4").tolist() if content[:4].tolist() == [0, 0, 8, axes] else None
    if shape is None or content.size - head != np.prod(shape):
        raise RuntimeError(f"For '{owner}', {file} is no whole IDX file of {axes} axes.")
    return content[head:].reshape(shape)


class Cifar10Dataset(SampledDataset):
    """CIFAR-10: small colour photographs of ten classes, from its binary files.

    Columns: "image", uint8 of shape (32, 32, 3); "label", uint32.

    Args:
        dataset_dir: The folder of data_batch_1.bin and its like.
        usage: "train", "test", "all" or None for all.
        num_samples: How many rows at most; None or 0 for all.
        num_parallel_workers: Accepted for compatibility.
        shuffle: Whether to read in a random order. Default: yes.
        sampler: A sampler, or an iterable of row numbers, instead of `shuffle`.
        num_shards: Into how many parts to divide the rows.
        shard_id: Which part to read.
        cache: Accepted for compatibility.

    Raises:
        RuntimeError: The files are missing or cut off.
        TypeError: An argument has the wrong type.
        ValueError: `dataset_dir` is no folder, or `usage` is unknown.

    Krizhevsky 2009; MindSpore r1.8 `dataset.Cifar10Dataset`.
    """

    columns = ("image", "label")
    files = {"train": "data_batch_*.bin", "test": "test_batch.bin"}

    def __init__(self, dataset_dir: str, usage: str | None = None, num_samples: int | None = None,
                 num_parallel_workers: int | None = None, shuffle: bool | None = None, sampler: Any = None,
                 num_shards: int | None = None, shard_id: int | None = None, cache: Any = None) -> None:
        owner = type(self).__name__
        folder = _folder(owner, dataset_dir)
        check_workers(owner, num_parallel_workers)
        found = sorted(file for part in _usage(owner, usage) for file in folder.glob(self.files[part]))
        if not found:
            raise RuntimeError(f"For '{owner}', there are no files {' or '.join(self.files.values())} in {folder}.")
        labels = len(self.columns) - 1      # bytes before the three planes of a picture
        rows = []
        for file in found:
            content = np.frombuffer(file.read_bytes(), np.uint8)
            if content.size % (labels + 3072):
                raise RuntimeError(f"For '{owner}', {file} is cut off: {content.size} bytes are no whole number of "
                                   "pictures.")
            rows.append(content.reshape(-1, labels + 3072))
        table = np.concatenate(rows)
        images = np.ascontiguousarray(table[:, labels:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        arrays = [images, *(table[:, i].astype(np.uint32) for i in range(labels))]
        super().__init__(Arrays(list(self.columns), arrays, choose_sampler(num_samples, sampler, shuffle, num_shards,
                                                                           shard_id)))


class Cifar100Dataset(Cifar10Dataset):
    """CIFAR-100: small colour photographs of 100 classes in 20 groups, from its binary files.

    Columns: "image", uint8 of shape (32, 32, 3); "coarse_label" and "fine_label", uint32.
    The arguments are those of `Cifar10Dataset`; the files are train.bin and test.bin.

    Krizhevsky 2009; MindSpore r1.8 `dataset.Cifar100Dataset`.
    """

    columns = ("image", "coarse_label", "fine_label")
    files = {"train": "train.bin", "test": "test.bin"}

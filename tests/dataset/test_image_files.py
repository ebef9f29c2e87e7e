"""Datasets of image files; the orders, dtypes and columns are those that MindSpore 2.0.0 showed for such files."""
from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

import mycelium.dataset as ds


def rows(data):
    return list(data.create_tuple_iterator(num_epochs=1, output_numpy=True))


@pytest.fixture
def pictures(tmp_path):
    random = np.random.default_rng(0)
    for folder in ("b", "a", "empty"):
        (tmp_path / folder).mkdir()
        for name in ("3.png", "0.bmp", "gray.png") if folder != "empty" else ():
            array = random.integers(0, 256, (4, 5) if name == "gray.png" else (4, 5, 3), np.uint8)
            Image.fromarray(array).save(tmp_path / folder / name)
    (tmp_path / "readme.txt").write_text("no picture")
    return tmp_path


def test_image_folder(pictures):
    data = ds.ImageFolderDataset(str(pictures), shuffle=False)
    assert data.get_col_names() == ["image", "label"]
    assert data.get_class_indexing() == {"a": 0, "b": 1, "empty": 2} and data.num_classes() == 3
    files = [pictures / folder / name for folder in "ab" for name in ("0.bmp", "3.png", "gray.png")]
    for (content, label), file in zip(rows(data), files, strict=True):
        assert content.dtype == np.uint8 and content.tobytes() == file.read_bytes()
        assert label.dtype == np.int32 and label == "ab".index(file.parent.name)


def test_image_folder_decodes_to_rgb(pictures):
    for (image, _), file in zip(rows(ds.ImageFolderDataset(str(pictures), shuffle=False, decode=True)),
                                sorted(pictures.glob("[ab]/*")), strict=True):
        np.testing.assert_array_equal(image, np.array(Image.open(file).convert("RGB")))


def test_image_folder_chooses(pictures):
    assert len(rows(ds.ImageFolderDataset(str(pictures), extensions=[".png"]))) == 4
    data = ds.ImageFolderDataset(str(pictures), class_indexing={"b": 7})
    assert [int(label) for _, label in rows(data)] == [7, 7, 7] and data.num_classes() == 1
    (pictures / "a" / "x.txt").write_text("no picture")
    with pytest.raises(RuntimeError, match=r"x\.txt cannot be decoded"):
        rows(ds.ImageFolderDataset(str(pictures), shuffle=False, decode=True))
    with pytest.raises(ValueError, match="there is none at"):
        ds.ImageFolderDataset(str(pictures / "nothing"))
    with pytest.raises(RuntimeError, match="no files in the folders"):
        ds.ImageFolderDataset(str(pictures / "empty"))


def test_mnist(tmp_path):
    for name, count in (("train", 3), ("t10k", 2)):
        images = np.arange(count * 784, dtype=np.uint32).astype(np.uint8)
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, count, 28, 28) + images.tobytes())
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, count) + bytes(range(count)))
    found = rows(ds.MnistDataset(str(tmp_path), shuffle=False))
    assert [int(label) for _, label in found] == [0, 1, 0, 1, 2]     # the test images come first, as their name does
    assert found[0][0].shape == (28, 28, 1) and found[0][0].dtype == np.uint8 and found[0][1].dtype == np.uint32
    assert [len(rows(ds.MnistDataset(str(tmp_path), usage))) for usage in ("train", "test", "all")] == [3, 2, 5]
    with pytest.raises(ValueError, match="'usage' should be one of"):
        ds.MnistDataset(str(tmp_path), "foo")
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\x09\1")
    with pytest.raises(RuntimeError, match="no whole IDX file"):
        ds.MnistDataset(str(tmp_path))


def test_cifar(tmp_path):
    planes = bytes([1]) * 1024 + bytes([2]) * 1024 + bytes([3]) * 1024
    for name, labels in (("data_batch_1", [4, 5]), ("data_batch_2", [6]), ("test_batch", [7])):
        (tmp_path / f"{name}.bin").write_bytes(b"".join(bytes([label]) + planes for label in labels))
    found = rows(ds.Cifar10Dataset(str(tmp_path), shuffle=False))
    assert [int(label) for _, label in found] == [4, 5, 6, 7] and found[0][1].dtype == np.uint32
    assert found[0][0].shape == (32, 32, 3) and found[0][0][5, 6].tolist() == [1, 2, 3]
    assert [len(rows(ds.Cifar10Dataset(str(tmp_path), usage))) for usage in ("train", "test")] == [3, 1]
    for name in ("train", "test"):
        (tmp_path / f"{name}.bin").write_bytes(bytes([3, 80]) + planes)
    hundred = ds.Cifar100Dataset(str(tmp_path), "train")
    assert hundred.get_col_names() == ["image", "coarse_label", "fine_label"]
    assert [int(v) for v in rows(hundred)[0][1:]] == [3, 80]
    (tmp_path / "test.bin").write_bytes(b"cut")
    with pytest.raises(RuntimeError, match="cut off"):
        ds.Cifar100Dataset(str(tmp_path), "test")

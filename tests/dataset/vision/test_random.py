"""Random image transforms: within their bounds, repeatable, the same with and without workers."""

import io
import pickle

import numpy as np
import pytest
from PIL import Image

import mycelium.dataset as ds
from mycelium.dataset import vision

IMAGE = np.random.default_rng(0).integers(0, 256, (12, 10, 3)).astype(np.uint8)
ON_BOTH = [vision.RandomCrop(6), vision.RandomCrop(6, padding=2), vision.RandomResizedCrop(8),
           vision.RandomHorizontalFlip(), vision.RandomVerticalFlip(), vision.RandomRotation(30),
           vision.RandomAffine(15, (0.1, 0.1), (0.8, 1.2), 10), vision.RandomColorAdjust(0.4, 0.4, 0.4, 0.1),
           vision.RandomColor(), vision.RandomSharpness(), vision.RandomLighting(0.5),
           vision.UniformAugment([vision.RandomRotation(30), vision.RandomHorizontalFlip()])]
ON_ARRAYS = [vision.RandomResize(8), vision.CutOut(4, 2), vision.RandomSolarize(), vision.RandomPosterize((1, 8)),
             vision.RandomInvert(), vision.RandomEqualize(), vision.RandomAutoContrast(), vision.RandomErasing(1.0),
             vision.RandomAdjustSharpness(2.0),
             vision.RandomSelectSubpolicy([[(vision.RandomRotation(30), 0.9)], [(vision.CutOut(3), 0.9)]])]
ON_IMAGES = [vision.RandomGrayscale(0.5), vision.RandomPerspective(prob=1.0)]


def name(op):
    return type(op).__name__


def many(op, convert, **options):
    data = ds.NumpySlicesDataset(np.stack([IMAGE] * 12), "x", shuffle=False)
    data = data.map([convert, op, vision.ToNumpy()], **options)
    return [row[0] for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]


@pytest.mark.parametrize("op, convert", [(op, vision.ToNumpy()) for op in ON_BOTH + ON_ARRAYS]
                         + [(op, vision.ToPIL()) for op in ON_BOTH + ON_IMAGES], ids=lambda v: name(v))
def test_repeatable_and_different_from_row_to_row(op, convert):
    first = many(op, convert)
    for options in ({}, {"num_parallel_workers": 3}):
        again = many(op, convert, **options)
        assert all(a.shape == b.shape and (a == b).all() for a, b in zip(first, again, strict=True))
    assert len({a.tobytes() for a in first}) > 1
    ds.config.set_seed(99)
    assert any(a.tobytes() != b.tobytes() for a, b in zip(first, many(op, convert), strict=True))


@pytest.mark.parametrize("op", ON_BOTH + ON_ARRAYS + ON_IMAGES + [vision.c_transforms.Resize(4),
                                                                   vision.py_transforms.ToTensor()], ids=name)
def test_transforms_can_be_sent_to_a_process(op):
    assert type(pickle.loads(pickle.dumps(op))) is type(op)


def test_crops_reach_every_corner():
    ramp = np.arange(9, dtype=np.uint8).reshape(3, 3)
    data = ds.NumpySlicesDataset(np.stack([ramp] * 200), "x").map(vision.RandomCrop(2))
    corners = {int(row[0][0, 0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)}
    assert corners == {0, 1, 3, 4}


def test_decode_and_its_random_crop():
    file = io.BytesIO()
    Image.fromarray(IMAGE).save(file, "PNG")
    content = np.frombuffer(file.getvalue(), np.uint8)
    assert (vision.Decode()(content) == IMAGE).all()
    assert vision.Decode(to_pil=True)(content).mode == "RGB"
    assert vision.py_transforms.Decode()(content).size == (10, 12)
    assert vision.RandomCropDecodeResize((4, 5))(content).shape == (4, 5, 3)
    data = ds.GeneratorDataset([(file.getvalue(),)], "x").map([vision.Decode(), vision.Resize((4, 5))])
    assert next(iter(data))[0].shape == (4, 5, 3)


def test_mixing_batches():
    images = np.stack([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 200, np.uint8)] * 4)
    labels = np.eye(2, dtype=np.int32)[np.arange(8) % 2]
    data = ds.NumpySlicesDataset((images, labels), ["image", "label"], shuffle=False).batch(8)
    for op in (vision.MixUpBatch(), vision.CutMixBatch(vision.ImageBatchFormat.NHWC), vision.MixUp(8, 0.4),
               vision.MixUp(8, 0.4, is_single=False)):
        made = next(data.map(op, ["image", "label"]).create_dict_iterator(num_epochs=1, output_numpy=True))
        assert made["image"].shape == images.shape
        np.testing.assert_allclose(made["label"].sum(1), 1, rtol=1e-6)
        share = made["image"].reshape(8, -1).mean(1) / 200
        np.testing.assert_allclose(share, made["label"][:, 1], atol=0.01)
    with pytest.raises(RuntimeError, match="batch of 4 axes"):
        vision.MixUpBatch()(images[0], labels)


def test_pillow_is_not_imported_before_it_is_needed(run_python):
    assert run_python("""
        import sys
        import mycelium.dataset as ds
        print("PIL" in sys.modules)
    """).split() == ["False"]

"""Record what real MindSpore's image transforms give; run it under MindSpore 1.8.1, not under Mycelium.

``vision.json`` has ``inputs`` (how to make them) and ``cases``: for each expression its outcome, which is ``error``
with the type of the exception, or a list of results, each with its ``kind`` ("array", or a Pillow mode), dtype,
shape and the place of its bytes in ``vision.bin``. Random transforms are asked only where chance has no say.
"""

import json
import os
import pickle
from pathlib import Path

import mindspore as ms
import numpy as np
from PIL import Image

INPUTS = """
import numpy as np
from PIL import Image
V, C, P = ms.dataset.vision, ms.dataset.vision.c_transforms, ms.dataset.vision.py_transforms
r = np.random.RandomState(0)
img = r.randint(0, 256, (7, 9, 3)).astype(np.uint8)
gray, chw, f32 = img[:, :, 0].copy(), img.transpose(2, 0, 1).copy(), img.astype(np.float32) / 255
pil, pilg = Image.fromarray(img), Image.fromarray(gray)
wide = r.randint(0, 256, (28, 28)).astype(np.uint8)
"""
ALL = ("img", "gray", "f32", "pil", "pilg", "chw")
CASES = {ALL: """V.Rescale(1/255., -1) V.HWC2CHW() V.Normalize([121,115,100],[70,68,71])
V.Normalize([121,115,100],[70,68,71],is_hwc=False) V.Resize(4) V.Resize((4,6)) V.Resize((16,20))
V.Resize((4,6),V.Inter.NEAREST) V.Resize((4,6),V.Inter.AREA) V.Resize((12,20),V.Inter.AREA)
V.Resize((4,6),V.Inter.ANTIALIAS) V.CenterCrop(4) V.CenterCrop((4,6)) V.CenterCrop((5,5)) V.CenterCrop((12,14))
V.ToTensor() V.ToTensor(np.float64) V.ToPIL() V.ToNumpy() V.ToType(np.float16) V.HorizontalFlip() V.VerticalFlip()
V.Pad(2,padding_mode=V.Border.EDGE) V.Pad(2,padding_mode=V.Border.REFLECT) V.Pad(2,padding_mode=V.Border.SYMMETRIC)
V.Invert() V.Equalize() V.AutoContrast() V.AutoContrast(10.,[1]) V.AdjustGamma(2.) V.Grayscale() V.Grayscale(3)
V.RgbToHsv() V.RgbToHsv(True) V.HsvToRgb() V.HsvToRgb(True) V.ConvertColor(V.ConvertMode.COLOR_RGB2GRAY)
V.ConvertColor(V.ConvertMode.COLOR_BGR2RGB) V.ConvertColor(V.ConvertMode.COLOR_RGB2RGBA) V.Crop((1,2),(3,4))
V.Crop((1,2),3) V.Crop((6,6),(3,4)) V.PadToSize(12) V.PadToSize((12,14),(1,2),5) V.FiveCrop(4) V.TenCrop(4)
V.TenCrop(4,True) V.Rotate(90) V.Rotate(30) V.Rotate(-77,expand=True) V.Rotate(30,V.Inter.BILINEAR) V.SlicePatches(2,2)
V.SlicePatches(2,3) V.SlicePatches(2,2,V.SliceMode.DROP) V.GaussianBlur(3) V.GaussianBlur((3,5),(1.,2.))
V.RandomHorizontalFlip(1.) V.RandomVerticalFlip(1.) V.RandomHorizontalFlip(0.) V.RandomErasing(0.) V.RandomInvert(1.)
V.RandomEqualize(1.) V.RandomAutoContrast(prob=1.) V.RandomPosterize((3,3)) V.RandomColorAdjust((0.5,0.5))
V.RandomColorAdjust(contrast=(0.5,0.5)) V.RandomColor((0.5,0.5)) V.RandomColor((1.5,1.5)) V.RandomSharpness((0.5,0.5))
V.RandomAdjustSharpness(1.5,1.) V.RandomLighting(0.) C.Normalize([121,115,100],[70,68,71])
P.Normalize([.5,.5,.5],[.2,.2,.2]) P.ToTensor() P.ToPIL() P.HWC2CHW() P.RgbToBgr() C.RgbToBgr() P.CenterCrop(4)
P.Resize(4) C.Resize(4) P.ToType(np.float16) P.Invert() C.HWC2CHW() P.Grayscale(1) P.RgbToHsv() C.Rescale(2.,1.)
C.CenterCrop(4) C.Invert() C.RandomHorizontalFlip(1.)""".split(),
         ("img", "gray", "f32", "pil", "chw"): """V.Pad(2) V.Pad([1,2]) V.Pad([1,2,3,4],7) V.Pad(1,(1,2,3))
V.RandomCrop((7,9)) V.RandomCrop(20) V.RandomRotation((90,90)) V.RandomRotation((30,30))
V.RandomAffine((30,30)) V.RandomAffine(0,scale=(1.5,1.5),resample=V.Inter.BILINEAR) V.RandomAffine(0,translate=(0,0))
P.Pad(2) C.Pad(2)""".split(),
         ("img", "gray", "pil"): ["V.RandomSolarize((50,50))", "V.RandomColorAdjust(saturation=(0.5,0.5))"],
         ("img", "pil"): ["V.Resize((4,6),V.Inter.PILCUBIC)", "V.Resize((4,6),V.Inter.BICUBIC)"],
         ("img", "f32"): ["V.RandomAffine(0,shear=(10,10))", "V.RandomAffine(0,shear=(10,10,20,20))"],
         ("pil", "pilg"): ["V.RandomGrayscale(1.)", "V.RandomPerspective(0.)"],
         ("wide",): [f"V.Resize({size},V.Inter.{inter})" for size in ("(32,32)", "(14,14)", "(19,41)")
                     for inter in ("NEAREST", "BILINEAR", "BICUBIC", "AREA")]}
ARGUMENTS = """V.Resize('a') V.Resize(0) V.Resize((1,2,3)) V.Resize(4,'a') V.CenterCrop(-1) V.CenterCrop('a') V.Pad('a')
V.Pad(-1) V.Pad([1,2,3]) V.Pad(1,'a') V.Pad(1,256) V.Pad(1,(1,2)) V.Pad(1,0,'a') V.Rescale('a',1) V.Rescale(1,'a')
V.Normalize([1],[1,2]) V.Normalize(1,[1]) V.Normalize([256.],[1.]) V.Normalize([1.],[0.]) V.RandomCrop('a')
V.RandomCrop(4,'a') V.RandomCrop(4,pad_if_needed=3) V.RandomHorizontalFlip(2.) V.RandomHorizontalFlip('a')
V.RandomRotation('a') V.RandomRotation(-1) V.RandomRotation((3,1)) V.Rotate('a') V.RandomResizedCrop(4,(1,))
V.RandomResizedCrop(4,(2,1)) V.RandomResizedCrop(4,ratio=(0,0)) V.RandomResizedCrop(4,max_attempts=0)
V.Grayscale('a') V.Grayscale(2) V.GaussianBlur(2) V.GaussianBlur('a') V.AdjustGamma(-1) V.AdjustGamma('a')
V.AutoContrast(cutoff=101) V.AutoContrast(ignore='a') V.RandomErasing(prob=2) V.CutOut(0) V.CutOut('a')
V.RandomColorAdjust(hue=(1,2)) V.RandomColorAdjust(brightness=-1) V.RandomColorAdjust('a') V.RandomPosterize(9)
V.RandomPosterize('a') V.RandomSolarize((0,300)) V.RandomSolarize('a') V.UniformAugment([])
V.MixUpBatch(0.) V.MixUpBatch('a') V.CutMixBatch('a') V.ToTensor('zz') V.Decode(5) V.ConvertColor(5)
V.Crop((0,0),0) V.Crop(5,5) V.RandomAffine('a') V.RandomAffine(15,translate=(2,2)) V.RandomAffine(15,scale=(2,1))
V.SlicePatches(0) V.SlicePatches(1,1,'a') V.RandomLighting(-1.) V.RandomSharpness(5) V.RandomColor((2,1)) V.TenCrop('a')
V.get_image_size(img) V.get_image_size(pil) V.get_image_size(5) V.get_image_num_channels(img)
V.get_image_num_channels(gray) V.get_image_num_channels(pilg) V.Decode()(np.zeros(4,np.uint8))
V.Decode()(np.zeros((4,4,3),np.uint8)) V.Decode()(np.array('a'))
P.Normalize([2.],[1.]) C.Resize('a') P.Resize('a')""".split()


def results(value):
    """(kind, dtype, shape, bytes) of each array or image; texts for everything else."""
    found = []
    for item in value if isinstance(value, tuple) else (value,):
        array = np.asarray(item)
        if array.dtype == object:
            found.append(("object", type(item).__name__, [], b""))
        else:
            kind = item.mode if isinstance(item, Image.Image) else "array"
            found.append((kind, array.dtype.str, list(array.shape), array.tobytes()))
    return found


def outcome(expression, names):
    """The outcome of one expression, found in a process of its own."""
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            answer = results(eval(expression, names))
        except Exception as error:
            answer = type(error).__name__
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pickle.load(pipe)
    os.wait()
    return answer


def main():
    names = {"ms": ms}
    exec(INPUTS, names)
    cases, content = {}, b""
    expressions = [f"{e}({i})" for inputs, made in CASES.items() for e in made for i in inputs] + ARGUMENTS
    for expression in expressions:
        answer = outcome(expression, names)
        if isinstance(answer, str):
            cases[expression] = {"error": answer}
            continue
        cases[expression] = []
        for kind, dtype, shape, data in answer:
            at = content.find(data)
            if at < 0:
                at, content = len(content), content + data
            cases[expression].append({"kind": kind, "dtype": dtype, "shape": shape, "at": [at, at + len(data)]})
    here = Path(__file__).parent
    (here / "vision.bin").write_bytes(content)
    (here / "vision.json").write_text(json.dumps({"mindspore": ms.__version__, "inputs": INPUTS, "cases": cases}))


if __name__ == "__main__":
    main()

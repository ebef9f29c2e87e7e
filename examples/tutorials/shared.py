"""What the tutorials share: weights and batches drawn by NumPy, handwritten digits, a command line.

MindSpore draws initial weights and shuffles data with generators of its own. The tutorials leave both to NumPy, so that
every run of a program sees the same numbers, in either mode and on whatever implements MindSpore's API.
"""
import argparse

import mindspore as ms
import numpy as np
from mindspore import Tensor

MODES = {"graph": ms.GRAPH_MODE, "pynative": ms.PYNATIVE_MODE}


def draw_weights(net, seed=1):
    """Fills the weights of a network with normal numbers, scaled by the number of inputs of a unit; biases with zeros.

    Returns the network. Vectors that are no biases (the gammas and betas of normalization) stay as they are.
    """
    rng = np.random.default_rng(seed)
    for parameter in net.get_parameters():
        shape = parameter.shape
        if len(shape) > 1:
            values = rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))
            parameter.set_data(Tensor(values.astype(np.float32)))
        elif "bias" in parameter.name:
            parameter.set_data(Tensor(np.zeros(shape, np.float32)))
    return net


def digits():
    """Scikit-learn's 1,797 handwritten digits: images (1797, 1, 8, 8) float32 from 0 to 1, labels (1797,) int32."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images = (data.images / 16).astype(np.float32)[:, None]
    return images, data.target.astype(np.int32)


def batches(steps, size, *arrays, seed=0):
    """`steps` times, as Tensors: `size` rows of each array, drawn at random."""
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        rows = rng.integers(0, len(arrays[0]), size)
        yield [Tensor(array[rows]) for array in arrays]


def number(loss):
    """A Tensor of one element as a Python number."""
    return float(loss.asnumpy())


def main(run, steps):
    """Reads --mode and --steps, runs the program and prints the loss of each step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=sorted(MODES), default="graph")
    parser.add_argument("--steps", type=int, default=steps)
    args = parser.parse_args()
    for step, loss in enumerate(run(MODES[args.mode], args.steps), 1):
        print(f"step {step}: loss {np.array2string(np.asarray(loss), precision=6)}")

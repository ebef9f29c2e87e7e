"""Record what MindSpore 1.8.1 gives for the calls in nn_cases.py; run it under MindSpore 1.8.1: record_nn.py nn.json"""
import json
import os
import sys

import mindspore as ms
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from nn_cases import CASES, namespace


def arrays(value):
    if isinstance(value, (tuple, list)):
        return [a for v in value for a in arrays(v)]
    return [value.asnumpy() if isinstance(value, ms.Tensor) else np.asarray(value)]


def main(path):
    names, found = namespace(ms), {}
    for case in CASES:
        try:
            out = eval(case, dict(names))
            found[case] = [{"dtype": str(a.dtype), "shape": list(a.shape), "values": [float(f"{v:.8g}") for v in
                            a.astype(np.float64).ravel()]} for a in arrays(out)]
        except Exception as error:
            print("FAILED", case, type(error).__name__, str(error).strip().split("\n")[0][:200])
    with open(path, "w") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in found.items()) + "\n}\n")
    print(len(found), "of", len(CASES), "recorded")


if __name__ == "__main__":
    main(sys.argv[1])

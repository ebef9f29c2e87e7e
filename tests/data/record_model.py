"""Records what the trainings of model_scenarios.py print with real MindSpore 1.8.1:  python record_model.py"""
import contextlib
import io
import json
import os
import tempfile

import mindspore as ms
import mindspore.dataset as ds
from mindspore import nn
from mindspore.train.callback import _InternalCallbackParam
from model_scenarios import SCENARIOS, Kit, errors, loss_scales

if __name__ == "__main__":
    ms.build_train_network = ms.train.amp.build_train_network
    recorded = {"text": {}, "errors": {}}
    for name, function in SCENARIOS.items():
        text = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(text):
            function(Kit(ms, nn, ds, _InternalCallbackParam, folder))
        recorded["text"][name] = text.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        kit = Kit(ms, nn, ds, _InternalCallbackParam, folder)
        for name, function in errors(kit).items():
            try:
                function()
                recorded["errors"][name] = None
            except Exception as error:
                recorded["errors"][name] = type(error).__name__
        recorded["loss_scales"] = loss_scales(kit)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "model.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(recorded, file, indent=1)
        file.write("\n")

"""Twelve PyTorch networks, ported without a hand edit, against their originals."""
import io
import re
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.migrate.port.agreement import FORWARD, GRADIENT, LOSS, UPDATE, Both
from tests.migrate.port.loading import load

from mycelium import nn
from mycelium.migrate.port import port
from mycelium.migrate.port.imports import SOURCES

FOLDER = Path(__file__).parent / "networks"
drawn = np.random.default_rng(0)


def images(*shape):
    return drawn.standard_normal(shape).astype(np.float32)


def tokens(high, *shape):
    return drawn.integers(1, high, shape)


@dataclass
class Case:
    """A network: how to build it, what goes in, and what it is trained for.

    Attributes:
        file: The file below networks/.
        build: A function from the file's module to the network.
        inputs: What goes in.
        labels: What the loss takes beside the output.
        loss: "class", "mse", "bce" or "own" (a function from framework, output and labels).
    """

    file: str
    build: object
    inputs: tuple
    labels: tuple
    loss: object = "class"
    rate: float = 0.01
    name: str = field(default="")

    @property
    def is_large(self):
        return self.file in ("resnet", "mobilenet", "unet", "vgg", "densenet", "seq2seq")


BERT = dict(vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
            max_position_embeddings=16, num_labels=3, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
GPT = dict(block_size=16, vocab_size=48, n_layer=2, n_head=4, n_embd=32, dropout=0.0)
SETTINGS = [[1, 8, 1, 1], [4, 12, 2, 2]]

CASES = [
    Case("lenet", lambda m: m.LeNet(), (images(4, 1, 28, 28),), (tokens(10, 4),)),
    Case("resnet", lambda m: m.resnet18(num_classes=5, width=4), (images(4, 3, 64, 64),), (tokens(5, 4),)),
    Case("mobilenet", lambda m: m.MobileNetV2(num_classes=5, width_mult=0.5, inverted_residual_setting=SETTINGS,
                                                      dropout=0.0),
         (images(4, 3, 32, 32),), (tokens(5, 4),)),
    Case("unet", lambda m: m.UNet(1, 1, width=4), (images(2, 1, 19, 22),),
         ((drawn.random((2, 1, 19, 22)) > 0.5).astype(np.float32),), "bce"),
    Case("vgg", lambda m: m.vgg_small_bn(num_classes=5, dropout=0.0), (images(4, 3, 32, 32),), (tokens(5, 4),)),
    Case("densenet", lambda m: m.DenseNet(4, (2, 2), 8, 2, 0, 5), (images(4, 3, 32, 32),), (tokens(5, 4),)),
    Case("lstm_classifier", lambda m: m.LSTMClassifier(30, 12, 10, dropout=0.0), (tokens(30, 4, 7),),
         ((drawn.random((4, 1)) > 0.5).astype(np.float32),), "bce"),
    Case("seq2seq", lambda m: m.build_model(20, 22, 8, 12, dropout=0.0, teacher_forcing_ratio=1.0),
         (tokens(20, 6, 3), tokens(22, 5, 3)), (tokens(22, 15),), "words"),
    Case("transformer_encoder", lambda m: m.BertForSequenceClassification(m.BertConfig(**BERT)),
         (tokens(50, 3, 9), np.array([[1] * 9, [1] * 6 + [0] * 3, [1] * 4 + [0] * 5])), (tokens(3, 3),), "class"),
    Case("gpt", lambda m: m.GPT(m.GPTConfig(**GPT)), (tokens(48, 2, 10), tokens(48, 2, 10)), (), "own"),
    Case("dcgan", lambda m: m.Generator(), (images(3, 16, 1, 1),), (images(3, 3, 32, 32),), "mse",
         name="dcgan generator"),
    Case("dcgan", lambda m: m.Discriminator(), (images(3, 3, 32, 32),), (np.ones((3, 1, 1, 1), np.float32),),
         "bce of p", name="dcgan discriminator"),
    Case("autoencoder", lambda m: m.ConvAutoencoder(4), (images(3, 1, 32, 32),), (images(3, 1, 32, 32),), "mse"),
]
IDS = [case.name or case.file for case in CASES]


def losses(case):
    """(ours, theirs): the loss in each framework."""
    if case.loss == "class":
        return nn.CrossEntropyLoss(), torch.nn.functional.cross_entropy
    if case.loss == "words":
        loss = nn.CrossEntropyLoss()
        return (lambda out, labels: loss(out.view(-1, out.shape[-1]), labels),
                lambda out, labels: torch.nn.functional.cross_entropy(out.view(-1, out.shape[-1]), labels))
    if case.loss == "mse":
        return nn.MSELoss(), torch.nn.functional.mse_loss
    if case.loss == "bce":
        return nn.BCEWithLogitsLoss(), torch.nn.functional.binary_cross_entropy_with_logits
    if case.loss == "bce of p":
        return nn.BCELoss(reduction="mean"), torch.nn.functional.binary_cross_entropy
    return (lambda output: output[1]), (lambda output: output[1])


def optimizers(case):
    """(ours, theirs): functions from Parameters to an optimizer; Adam's turn is in test_loops.py."""
    return lambda p: nn.SGD(p, case.rate, momentum=0.9), lambda p: torch.optim.SGD(p, case.rate, momentum=0.9)


@pytest.fixture(scope="module")
def ported():
    """Both modules of a file, by its name."""
    made = {}

    def get(name):
        if name not in made:
            source = (FOLDER / f"{name}.py").read_text()
            ported = port(source, name)
            made[name] = load(source, f"theirs_{name}"), load(ported.source, f"ours_{name}"), ported
        return made[name]

    return get


def built(case, ported):
    """Ours and theirs, without dropout, which no two frameworks draw alike."""
    theirs, ours, _ = ported(case.file)
    with redirect_stdout(io.StringIO()):
        torch.manual_seed(0)
        both = case.build(ours), case.build(theirs)
    return Both(*both)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_ported_network_agrees(case, ported, mode):
    both = built(case, ported)
    if mode == "pynative":
        assert both.forward(case.inputs, False) < FORWARD
        if case.is_large:       # its gradients and steps are the compiled test's, which takes a third of the time
            assert both.forward(case.inputs, True) < FORWARD
            return
    gradient, loss, update = both.train(case.inputs, case.labels, losses(case), optimizers(case), 10)
    assert gradient < GRADIENT
    assert loss < LOSS
    assert update < UPDATE


def test_what_is_left_for_a_person(ported):
    """Remarks in the files; nothing of torch is left."""
    counts = {}
    for file in dict.fromkeys(case.file for case in CASES):
        made = ported(file)[2]
        code = "\n".join(line.partition("#")[0] for line in made.source.splitlines())
        for helper in SOURCES.values():     # whose docstrings say what of torch they stand for
            code = code.replace(helper.strip(), "")
        assert not re.search(r"\btorch\.|\bimport torch|from torch", code), file
        counts[file] = len(made.remarks)
    assert {file: count for file, count in counts.items() if count} == {"dcgan": 1, "gpt": 2, "seq2seq": 1}

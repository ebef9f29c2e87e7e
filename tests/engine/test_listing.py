"""`save_graphs`: programs written as text."""
import re

import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, Tensor, nn, ops


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(3, 2)
        self.count = Parameter(Tensor(0, ms.int32), name="count")
        self.table = Tensor(np.ones((40, 2), np.float32))

    def construct(self, x):
        self.count += 1
        y = self.dense(x)
        if y.sum() > 0:
            y = ops.exp(y)
        return y @ self.table.T


@pytest.fixture
def folder(tmp_path):
    ms.set_context(mode=ms.GRAPH_MODE, save_graphs=True, save_graphs_path=str(tmp_path / "graphs"))
    yield tmp_path / "graphs"
    ms.set_context(save_graphs=False, save_graphs_path=".")


def test_operators_stand_under_the_users_source_lines(folder):
    net = Net()
    net(Tensor(np.ones((4, 3), np.float32)))
    assert sorted(p.name for p in folder.iterdir()) == ["Net_1.mlir", "Net_1.txt"]
    text = (folder / "Net_1.txt").read_text()
    for line in ("Parameter dense.weight: float32[2, 3]", "Parameter count: int32[], written",
                 "constant const0: float32[40, 2]", "input in0: float32[4, 3]", "compiled for x: float32[4, 3]"):
        assert line + "\n" in text
    assert re.search(r"# .*test_listing.py:\d+: y = self.dense\(x\)\n.*transpose\(dense.weight\)", text)
    assert re.search(r"# .*test_listing.py:\d+: self.count \+= 1\n    (%\d+): int32\[\] = add\(count, 1\)", text)
    assert re.search(r"= cond\(.*\n      branches 0\(.*\):\n", text)
    assert re.search(r"# .*: y = ops.exp\(y\)\n            %\d+: float32\[4, 2\] = exp\(%\d+\)", text)
    assert re.search(r"\nreturn %\d+\nwrite count = %\d+\n$", text)
    assert "<mycelium>" not in text and "<string>" not in text
    assert "func.func public @main" in (folder / "Net_1.mlir").read_text()


def test_each_program_has_its_files_and_names_are_made_safe(folder):
    fn = ms.ms_function(lambda x: x + 1)
    fn(Tensor(1.0))
    fn(Tensor([1.0]))
    names = sorted(p.name for p in folder.glob("*.txt"))
    assert len(names) == 2 and all(re.fullmatch(r"[\w.-]+_[12]\.txt", n) for n in names)


def test_a_training_step_can_be_listed(folder):
    net = nn.SequentialCell([nn.Dense(3, 4), nn.ReLU(), nn.Dense(4, 1)])
    step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), nn.Momentum(net.trainable_params(), 0.1, 0.9))
    step(Tensor(np.ones((4, 3), np.float32)), Tensor(np.ones((4, 1), np.float32)))
    text = next(folder.glob("*.txt")).read_text()
    assert "write moments.0.weight = " in text and "Parameter 0.weight: float32[4, 3], written" in text


def test_nothing_is_written_unless_asked(tmp_path):
    ms.set_context(mode=ms.GRAPH_MODE, save_graphs_path=str(tmp_path))
    ms.ms_function(lambda x: x + 1)(Tensor(1.0))
    ms.set_context(save_graphs_path=".")
    assert not list(tmp_path.iterdir())

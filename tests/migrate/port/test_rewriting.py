"""Single rewritings: PyTorch source and what becomes of it."""
import textwrap

import pytest

from mycelium.migrate.port import PortError, port

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nfrom torch import optim\n\n"
OURS = ("import ", "from ")


def body(source):
    """The ported lines below the imports."""
    made = port(HEAD + textwrap.dedent(source)).source
    lines = made.splitlines()
    while lines and (not lines[0].strip() or lines[0].startswith(OURS)):
        lines.pop(0)
    return "\n".join(lines).rstrip() + "\n"


EXPRESSIONS = [
    ("nn.Linear(3, 4, bias=False)", "nn.Dense(3, 4, has_bias=False)"),
    ("torch.nn.Linear(3, out_features=4)", "nn.Dense(3, out_channels=4)"),
    ("nn.Conv2d(3, 8, 3, padding=1)", "nn.Conv2d(3, 8, 3, padding=1, has_bias=True, pad_mode='pad')"),
    ("nn.Dropout(0.2)", "nn.Dropout(0.8)"),
    ("nn.Sequential(nn.ReLU(True))", "nn.SequentialCell([nn.ReLU()])"),
    ("nn.Sequential(nn.ReLU(), nn.Tanh())", "nn.SequentialCell(nn.ReLU(), nn.Tanh())"),
    ("nn.Sequential(*layers)", "nn.SequentialCell([*layers])"),
    ("nn.ModuleList([nn.GELU() for _ in range(3)])", "nn.CellList([nn.GELU(approximate=False) for _ in range(3)])"),
    ("F.relu(x, inplace=True)", "ops.relu(x)"),
    ("torch.cat([a, b], dim=1)", "ops.concat([a, b], axis=1)"),
    ("torch.float32", "ms.float32"),
    ("isinstance(x, torch.Tensor)", "isinstance(x, ms.Tensor)"),
    ("optim.SGD(net.parameters(), lr=0.1)", "nn.SGD(net.trainable_params(), learning_rate=0.1)"),
    ("optim.Adam(net.parameters(), betas=(0.5, 0.9))",
     "nn.Adam(net.trainable_params(), beta1=0.5, beta2=0.9)"),
    ("net.load_state_dict(torch.load('a.ckpt'))", "ms.load_param_into_net(net, ms.load_checkpoint('a.ckpt'))"),
    ("torch.save(net.state_dict(), 'a.ckpt')", "ms.save_checkpoint(net, 'a.ckpt')"),
    ("net.train()", "net.set_train()"),
    ("net.eval()", "net.set_train(False)"),
    ("[p.numel() for p in net.parameters()]", "[p.size for p in net.trainable_params()]"),
    ("list(map(str, [1])).sort()", "list(map(str, [1])).sort()"),
    ("'a b'.split()", "'a b'.split()"),
]


@pytest.mark.parametrize(("theirs", "ours"), EXPRESSIONS, ids=[row[0] for row in EXPRESSIONS])
def test_an_expression(theirs, ours):
    assert body(f"value = {theirs}\n") == f"value = {ours}\n"


METHODS = [
    ("x.size(0)", "x.shape[0]"),
    ("x.size()", "x.shape"),
    ("x.view(x.size(0), -1)", "x.view((x.shape[0], -1))"),
    ("x.permute(0, 2, 1)", "x.transpose((0, 2, 1))"),
    ("x.transpose(1, 2).contiguous()", "x.swapaxes(1, 2)"),
    ("x.unsqueeze(1)", "x.expand_dims(1)"),
    ("x.to(device)", "x"),
    ("x.cuda().float()", "x.astype(ms.float32)"),
    ("x.to(dtype=torch.long)", "x.astype(ms.int64)"),
    ("x.detach()", "ops.stop_gradient(x)"),
    ("x.item()", "x.asnumpy().item()"),
    ("-x.mean(dim=1, keepdim=True)", "-x.mean(axis=1, keep_dims=True)"),
    ("self.norm.weight", "self.norm.gamma"),
    ("self.table.weight", "self.table.embedding_table"),
    ("self.fc.in_features", "self.fc.in_channels"),
    ("self.helper(x)", "self.helper(x)"),
    ("self.norm.forward(x)", "self.norm.construct(x)"),
]
CLASS = '''
class Net(nn.Module):
    def __init__(self, device):
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.table = nn.Embedding(5, 4)
        self.fc = nn.Linear(4, 4)

    def helper(self, x):
        return x

    def forward(self, x, device):
        y = {}
        return y
'''


@pytest.mark.parametrize(("theirs", "ours"), METHODS, ids=[row[0] for row in METHODS])
def test_an_expression_in_a_forward(theirs, ours):
    assert f"        y = {ours}\n" in body(CLASS.format(theirs))


STATEMENTS = {
    "forward is construct": (
        """
        class Net(nn.Module):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return super().forward(x)
        """,
        """
        class Net(nn.Cell):
            def construct(self, x: ms.Tensor) -> ms.Tensor:
                return super().construct(x)
        """),
    "comments and line breaks stay": (
        """
        layer = nn.Conv2d(
            3,  # colours
            8,
            kernel_size=3,  # square
            bias=False,
        )  # the stem
        """,
        """
        layer = nn.Conv2d(
            3,  # colours
            8,
            kernel_size=3,  # square
            has_bias=False,
            pad_mode='pad',
        )  # the stem
        """),
    "moves to a device go with their comments kept": (
        """
        def f(x, net, device):
            # to the card
            x = x.to(device)
            net.cuda()
            return net(x)
        """,
        """
        def f(x, net, device):
            # to the card
            return net(x)
        """),
    "no_grad": (
        """
        def f(net, x):
            with torch.no_grad():
                # quietly
                y = net(x)
            return y
        """,
        """
        def f(net, x):
            # quietly
            y = net(x)
            return y
        """),
    "in place": (
        """
        class Net(nn.Module):
            def forward(self, x):
                x.add_(1).mul_(2)
                F.relu(x, inplace=True)
                x[0].zero_()
                return x
        """,
        """
        class Net(nn.Cell):
            def construct(self, x):
                x = (x + 1) * 2
                x = ops.relu(x)
                x[0] = 0
                return x
        """),
    "buffers": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("mask", torch.ones(2))
                self.register_buffer("places", torch.ones(2), persistent=False)
        """,
        """
        class Net(nn.Cell):
            def __init__(self):
                super().__init__()
                self.mask = Parameter(ops.ones(2, ms.float32), name="mask", requires_grad=False)
                self.places = ops.ones(2, ms.float32)
        """),
    "initial weights by class": (
        """
        def init(m):
            if isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.ones_(m.weight)
        """,
        """
        def init(m):
            if isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                m.gamma.set_data(initializer(One(), m.gamma.shape, m.gamma.dtype))
        """),
    "a class in a variable": (
        """
        def block(norm=None):
            if norm is None:
                norm = nn.BatchNorm2d
            return norm(8, momentum=0.01)
        """,
        """
        def block(norm=None):
            if norm is None:
                norm = nn.BatchNorm2d
            return norm(8, momentum=0.99)
        """),
    "a sequence with a class of its own": (
        """
        class Two(nn.Sequential):
            def __init__(self):
                super().__init__()
                self.a = nn.ReLU()
                self.b = nn.Tanh()
        """,
        """
        class Two(nn.Cell):
            def __init__(self):
                super().__init__()
                self.a = nn.ReLU()
                self.b = nn.Tanh()

            def construct(self, x):
                x = self.a(x)
                x = self.b(x)
                return x
        """),
    "a training step": (
        """
        def train(net, loader, opt, loss_fn):
            net.train()
            for x, y in loader:
                opt.zero_grad()
                out = net(x)  # forward
                loss = loss_fn(out, y)
                # backward
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                opt.step()
                print(loss.item(), out.shape)
        """,
        """
        def train(net, loader, opt, loss_fn):
            net.set_train()

            def forward_fn(x, y):
                out = net(x)  # forward
                loss = loss_fn(out, y)
                return loss, out

            grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters, has_aux=True)
            for x, y in loader:
                (loss, out), grads = grad_fn(x, y)
                # backward
                grads = ops.clip_by_global_norm(grads, 1.0)
                opt(grads)
                print(loss.asnumpy().item(), out.shape)
        """),
}


@pytest.mark.parametrize(("theirs", "ours"), STATEMENTS.values(), ids=list(STATEMENTS))
def test_statements(theirs, ours):
    assert body(theirs) == textwrap.dedent(ours).lstrip("\n")


REMARKS = [
    ("y = torch.hub.load('a', 'b')", "torch.hub.load: the catalogue has nothing for it"),
    ("net = nn.Conv2d(1, 1, 3, padding_mode='circular')", "padding_mode='circular'"),
    ("loss.backward()", "ops.value_and_grad"),
    ("net(**options)\ny = nn.Linear(**options)", "**options may hold any argument"),
]


@pytest.mark.parametrize(("source", "text"), REMARKS, ids=[row[0] for row in REMARKS])
def test_what_is_uncertain_is_marked(source, text):
    made = port(HEAD + source + "\n")
    lines = made.source.splitlines()
    assert any(text in words for _, words in made.remarks)
    assert all(lines[number - 1].strip().startswith("# port: check: ") for number, _ in made.remarks)


def test_files_that_cannot_be_ported_say_so_in_one_line():
    with pytest.raises(PortError, match=r"^a\.py:2: [^\n]*$"):
        port("import torch\ndef (:\n", "a.py")
    with pytest.raises(PortError, match=r"^a\.py: there is no `import torch` in it[^\n]*$"):
        port("import numpy\n", "a.py")

"""What is refused: exception type, text, file, line and caret, and a traceback of user code only."""
import linecache
import traceback

import numpy as np
import pytest
from tests.graph import refused_host  # noqa: F401  it fills the table
from tests.graph.refused import REFUSED

import mycelium as ms
from mycelium import Tensor, nn
from mycelium.graph import syntax


def _frames(error):
    return [f.filename for f in traceback.extract_tb(error.__traceback__)]


@pytest.mark.parametrize("fn, error, says, points_at, inputs", [r[:5] for r in REFUSED],
                         ids=[r[0].__name__ for r in REFUSED])
def test_refusals(fn, error, says, points_at, inputs):
    with pytest.raises(error, match=says) as caught:
        ms.ms_function(fn)(*map(Tensor, inputs))
    text = str(caught.value)
    assert type(caught.value).__mro__.index(error) <= 1     # itself, or HostAccessError, a TypeError
    head, shown, *caret = text.splitlines()[-3:]
    assert f'{fn.__code__.co_filename}", line ' in head
    assert points_at in shown
    line = int(head.split(", line ")[1].split(",")[0])
    assert linecache.getline(fn.__code__.co_filename, line).strip() == shown.strip()
    assert caret and set(caret[0].strip()) == {"^"}
    assert not [f for f in _frames(caught.value) if "jax" in f]
    assert caught.value.__cause__ is None and not getattr(caught.value, "__notes__", [])


# ***** errors that are the user's own *****

class Scaled(nn.Cell):
    def __init__(self, mode):
        super().__init__()
        self.mode = mode

    def pick(self, x):
        if self.mode == "bad":
            raise KeyError(f"mode {self.mode}")
        assert self.mode != "worse", "mode is worse"
        if self.mode == "broken":
            return x + self.nothing
        return x

    def construct(self, x):
        if x.sum() > 0:
            x = x * 2
        return self.pick(x)


@pytest.fixture
def graph_mode():
    ms.set_context(mode=ms.GRAPH_MODE)
    yield
    ms.set_context(mode=ms.PYNATIVE_MODE)


@pytest.mark.parametrize("mode, error, args", [("bad", KeyError, ("mode bad",)),
                                               ("worse", AssertionError, ("mode is worse",))])
def test_static_raise_and_assert_are_the_users(graph_mode, mode, error, args):
    with pytest.raises(error) as caught:
        Scaled(mode)(Tensor(np.ones(2, np.float32)))
    assert type(caught.value) is error and caught.value.args == args
    functions = [f.name for f in traceback.extract_tb(caught.value.__traceback__) if f.filename == __file__]
    assert functions[-2:] == ["construct", "pick"]
    assert len(functions) == 3, "a function and its branches show once"


def test_error_of_an_attribute_has_its_place(graph_mode):
    with pytest.raises(AttributeError, match="no attribute 'nothing'") as caught:
        Scaled("broken")(Tensor(np.ones(2, np.float32)))
    assert "return x + self.nothing\n               ^^^^^^^^^^^^" in str(caught.value)


def test_operator_errors_have_their_place(graph_mode):
    class Net(nn.Cell):
        def construct(self, x):
            y = x * 2
            return y + Tensor(np.ones(3, np.float32))

    with pytest.raises(ValueError, match="Add") as caught:
        Net()(Tensor(np.ones(2, np.float32)))
    location = syntax.user_location(caught.value)
    assert location.source.strip() == "return y + Tensor(np.ones(3, np.float32))"
    assert location.function == "construct"
    assert "\n    return y + Tensor(np.ones(3, np.float32))\n           ^^^^" in str(caught.value)


def test_framework_works_after_errors(graph_mode):
    net = Scaled("bad")
    x = Tensor(np.ones(2, np.float32))
    for _ in range(2):
        with pytest.raises(KeyError):
            net(x)
    net.mode = "good"
    assert net(x).asnumpy().tolist() == [2, 2]


def test_caret_counts_characters():
    source = "    é = nope(x)"
    location = syntax.Location("f.py", 3, len("    é = ".encode()), len("    é = nope".encode()), "f", source)
    assert str(location) == '  File "f.py", line 3, in f\n    é = nope(x)\n        ^^^^'

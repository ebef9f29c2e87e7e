"""What `explain_compile` tells, the notice of too many programs, and the bound on how many are kept."""
import re
import warnings

import numpy as np
import pytest

import mycelium as ms
from mycelium import Tensor, nn, ops
from mycelium.engine.compile import statistics
from mycelium.graph import compiler


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(3, 2)
        self.norm = nn.BatchNorm1d(2)

    def construct(self, x, scale=1, mask=None):
        y = self.norm(self.dense(x)) * scale
        return y if mask is None else y * mask


def x(rows):
    return Tensor(np.ones((rows, 3), np.float32))


@pytest.fixture(autouse=True)
def graph_mode():
    ms.set_context(mode=ms.GRAPH_MODE)


def reasons(net):
    return [p.reasons for p in ms.explain_compile(net)]


def test_nothing_was_compiled_yet():
    assert str(ms.explain_compile(Net())) == "Nothing was compiled."


def test_each_program_says_what_differs_from_the_nearest_one():
    net = Net()
    net(x(4))
    net(x(4))
    net(x(5))
    net(x(5), 2)
    net(x(4), mask=Tensor(np.ones((4, 2), np.float32)))
    assert reasons(net) == [[], ["x is float32[5, 3], was float32[4, 3]"], ["scale is 2, was not given"],
                            ["mask is float32[4, 2], was not given"]]
    assert [p.arguments for p in ms.explain_compile(net)][2] == {"x": "float32[5, 3]", "scale": "2"}


@pytest.mark.parametrize("change, reason", [
    (lambda net: net.set_train(), "in Net and 2 more Cells, 'training' is True, was False"),
    (lambda net: setattr(net.norm, "note", 1), "in BatchNorm1d 'norm', 'note' is 1, was not set"),
    (lambda net: net.dense.to_float(ms.float16), "in Dense 'dense', to_float is float16, was None"),
    (lambda net: setattr(net.dense.weight, "requires_grad", False),
     "in Dense 'dense', requires_grad of the Parameter 'weight' is False, was True"),
    (lambda net: setattr(net, "dense", nn.Dense(3, 2)), "in Net, its Cells are other ones"),
    (lambda net: net.norm.register_forward_hook(lambda i, a, o: None), "in BatchNorm1d 'norm', hooks were added or "
                                                                      "removed"),
    (lambda net: ms.set_context(check_bprop=True), "check_bprop is True, was False"),
], ids=["train", "attribute", "to_float", "freeze", "child", "hook", "context"])
def test_a_setting_that_changed_is_named(change, reason):
    net = Net()
    try:
        net(x(4))
        change(net)
        net(x(4))
        assert reasons(net)[1][:1] == [reason]
    finally:
        ms.set_context(check_bprop=False)


def test_names_of_the_arguments_of_functions_methods_and_gradients():
    @ms.ms_function
    def total(*parts, weights):
        return sum(w * p for w, p in zip(weights["w"], parts, strict=True))

    total(Tensor(1.0), Tensor(2.0), weights={"w": (Tensor(1.0), 2.0)})
    assert list(ms.explain_compile(total).programs[0].arguments) == ["parts[0]", "parts[1]", "weights['w'][0]",
                                                                     "weights['w'][1]"]
    net = Net()
    ms.GradOperation()(net)(x(4))
    derived = [p for p in ms.explain_compile() if p.function == "gradient_Net"][-1]
    assert derived.arguments == {"x": "float32[4, 3]"}
    assert derived.location.startswith(__file__)


def test_the_report_counts_and_times():
    net = Net()
    net(x(4))
    text = str(ms.explain_compile(net))
    assert re.match(rf"1 program of 1 function, \d+\.\d\d s\nNet \({re.escape(__file__)}:\d+\): 1 program\n"
                    r"  1  x: float32\[4, 3\]\n     traced in \d\.\d\d s, compiled in \d+\.\d\d s$", text)


def test_compile_makes_the_program_that_the_call_uses():
    net = Net()
    net.compile(x(4), scale=3)
    record = ms.explain_compile(net).programs[0]
    assert record.timing.compile_s > 0
    traces = statistics.traces
    net(x(4), scale=3)
    assert statistics.traces == traces and len(ms.explain_compile(net)) == 1


def test_a_program_that_is_traced_only_says_so():
    net = Net()
    net._graph_function().program((x(4),), {}, [])
    assert "not compiled yet" in str(ms.explain_compile(net))


def test_a_function_that_runs_op_by_op_says_why():
    class Picked(nn.Cell):
        def construct(self, x, mask):
            return ops.masked_select(x, mask)

    net = Picked()
    with pytest.warns(UserWarning, match="runs op by op in GRAPH_MODE: the output shape of 'MaskedSelect'") as caught:
        net(x(1), x(1) > 0)
    assert caught[0].filename == __file__
    assert "runs op by op: the output shape of 'MaskedSelect' depends on data" in str(ms.explain_compile(net))


def test_a_failed_compilation_leaves_no_record():
    class Broken(nn.Cell):
        def construct(self, x):
            raise ValueError("broken")

    net = Broken()
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            net(x(1))
    assert len(ms.explain_compile(net)) == 0 and not net._graph.programs


def test_changing_shapes_are_noticed_once_with_the_argument_and_the_remedy():
    net = ms.ms_function(lambda ids, k: ids * k)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for n in range(1, 13):
            net(Tensor(np.ones(n, np.float32)), 2)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert re.fullmatch(
        r"'.*<lambda>' was compiled 8 times in 8 calls \(\d+\.\d s\): 'ids' came as float32\[1\], float32\[2\], "
        r"float32\[3\], float32\[4\], \.\.\., and each is a program of its own\. Pad it to a few sizes "
        r"\(mycelium\.pad_to_bucket\)\. mycelium\.explain_compile\(\) lists all programs\.", str(caught[0].message))


def test_a_changing_constant_is_noticed_too():
    net = ms.ms_function(lambda a, step: a * step)
    with pytest.warns(UserWarning, match=r"'step' came as 0, 1, 2, 3, \.\.\., and each is a program of its own\. Pass "
                                         "it as a Tensor"):
        for step in range(8):
            net(Tensor(1.0), step)


def test_settings_that_change_at_each_call_are_noticed_too():
    net = Net()
    with pytest.warns(UserWarning, match=r"'Net' was compiled 8 times in 8 calls .*: settings changed between "
                                         r"the calls, lately in Net, 'step' is 7, was 6\. Give each setting a "
                                         r"Cell of its own\."):
        for step in range(8):
            net.step = step
            net(x(4))


def test_programs_that_are_used_again_are_not_complained_about(recwarn):
    net = ms.ms_function(lambda a: a + 1)
    for n in range(1, 9):
        for _ in range(4):
            net(Tensor(np.ones(n, np.float32)))
    assert not recwarn.list


def test_the_number_of_programs_is_bounded_and_the_one_unused_for_longest_goes(monkeypatch):
    monkeypatch.setattr(compiler, "MAX_PROGRAMS", 3)
    net = ms.ms_function(lambda a: a + 1)
    for n in (1, 2, 3, 1, 4):
        net(Tensor(np.ones(n, np.float32)))
    traces = statistics.traces
    for n in (1, 3, 4):
        net(Tensor(np.ones(n, np.float32)))
    assert statistics.traces == traces
    net(Tensor(np.ones(2, np.float32)))
    assert statistics.traces == traces + 1
    assert ms.explain_compile(net).programs[-1].reasons == [
        "an earlier program for the same arguments was dropped to make room"]
    assert sum(map(len, net._graph.programs.values())) == 3


def test_what_is_not_compiled_cannot_be_explained():
    with pytest.raises(TypeError, match="'target' should be a Cell or a function made by 'ms_function'"):
        ms.explain_compile(len)

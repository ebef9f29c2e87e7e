"""`import mindspore` gives this package."""

import importlib
import subprocess
import sys
from types import ModuleType

import pytest

from mycelium.compat import guard, importer, install_as_mindspore, resolve, uninstall
from mycelium.compat.missing import known_names
from mycelium.compat.paths import NAMES, PATHS


@pytest.fixture
def installed():
    install_as_mindspore()
    yield
    uninstall()


@pytest.fixture
def another_mindspore(tmp_path, monkeypatch):
    """A `mindspore` that Python finds by itself, as where the real one is installed."""
    package = tmp_path / "mindspore"
    package.mkdir()
    (package / "__init__.py").write_text("__version__ = 'another'\n")
    (package / "only_there.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in [n for n in sys.modules if n.split(".")[0] == "mindspore"]:
        del sys.modules[name]


def test_public_namespaces_are_the_very_modules(installed):
    import mindspore
    import mindspore.nn as nn
    import mindspore.ops

    import mycelium

    assert mindspore.Tensor is mycelium.Tensor
    assert mindspore.nn is nn is mycelium.nn
    assert mindspore.ops is mycelium.ops
    assert nn.__spec__.name == "mycelium.nn"


def test_version_is_that_of_the_api(installed):
    import mindspore
    import mindspore.version

    import mycelium

    assert mindspore.__version__ == mindspore.version.__version__ == "1.8.1"
    assert mycelium.__version__ != "1.8.1"


OLD_IMPORTS = """
import mindspore.common.initializer as init
import mindspore.common.dtype as mstype
import mindspore.dataset as ds
import mindspore.dataset.transforms.c_transforms as C2
import mindspore.dataset.vision.c_transforms as C1
import mindspore.numpy as mnp
import mindspore.ops.functional as F
from mindspore import Model, ParameterTuple, context, dtype, load_checkpoint, ms_function, nn, save_checkpoint
from mindspore import log as logger
from mindspore._checkparam import Rel, Validator as validator
from mindspore.common import dtype, initializer, set_seed
from mindspore.common.api import ms_function
from mindspore.common.initializer import Normal, TruncatedNormal, initializer
from mindspore.common.parameter import Parameter, ParameterTuple
from mindspore.common.tensor import Tensor
from mindspore.context import get_context, set_context
from mindspore.nn.cell import Cell
from mindspore.nn.dynamic_lr import piecewise_constant_lr
from mindspore.nn.layer.conv import Conv2d
from mindspore.nn.learning_rate_schedule import CosineDecayLR, LearningRateSchedule
from mindspore.nn.loss import SoftmaxCrossEntropyWithLogits
from mindspore.nn.loss.loss import LossBase, _Loss
from mindspore.nn.metrics import Accuracy
from mindspore.nn.optim import Adam, Momentum
from mindspore.nn.optim.momentum import Momentum
from mindspore.nn.wrap.cell_wrapper import TrainOneStepCell
from mindspore.nn.wrap.loss_scale import TrainOneStepWithLossScaleCell
from mindspore.ops import composite as C, functional as F, operations as P
from mindspore.ops._primitive_cache import _get_cache_prim
from mindspore.ops.composite import GradOperation
from mindspore.ops.operations.nn_ops import ReLU
from mindspore.ops.primitive import constexpr
from mindspore.train import Model
from mindspore.train.amp import build_train_network
from mindspore.train.callback import Callback, CheckpointConfig, LossMonitor, ModelCheckpoint, TimeMonitor
from mindspore.train.dataset_helper import DatasetHelper
from mindspore.train.loss_scale_manager import DynamicLossScaleManager, FixedLossScaleManager
from mindspore.train.model import Model
from mindspore.train.serialization import load_checkpoint, load_param_into_net, save_checkpoint
"""


@pytest.mark.parametrize("line", OLD_IMPORTS.strip().splitlines())
def test_old_import_paths(installed, line):
    names = {}
    exec(line, names)
    import mindspore

    for name, value in names.items():
        public = getattr(mindspore, name, value) if name[0].isupper() else value
        assert value is public, f"{line}: {name} is another object than mindspore.{name}"


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_table_can_be_imported(installed, path):
    module = importlib.import_module(path)
    assert sys.modules[path] is module is resolve(path)
    parent, _, child = path.rpartition(".")
    if parent:
        assert getattr(sys.modules[parent], child) is module


def test_old_paths_hide_none_of_our_own_modules(installed):
    for path in PATHS:
        importlib.import_module(path)
    for name, module in list(sys.modules.items()):
        parent, _, child = name.rpartition(".")
        if name.startswith("mycelium.") and hasattr(sys.modules[parent], child):
            shown = getattr(sys.modules[parent], child)
            for n, value in vars(module).items() if isinstance(shown, ModuleType) else ():
                if not (n.startswith("__") or isinstance(value, ModuleType)):
                    assert getattr(shown, n) is value, f"{name}.{n} is hidden by {shown}"


@pytest.mark.parametrize("path", NAMES)
def test_every_name_of_the_table_exists(installed, path):
    module, _, name = path.rpartition(".")
    assert getattr(importlib.import_module(module), name) is not None


def test_star_import_takes_the_public_names(installed):
    names = {}
    exec("from mindspore.ops.operations import *", names)
    assert "MatMul" in names and "np" not in names and "annotations" not in names


def test_missing_name_tells_the_nearest(installed):
    import mindspore.nn

    with pytest.raises(AttributeError, match=r"module 'mindspore.nn' has no attribute 'Dens'; did you mean 'Dense'\?"):
        mindspore.nn.Dens  # noqa: B018
    with pytest.raises(ImportError, match=r"has no attribute 'Dens'; did you mean 'Dense'\?"):
        from mindspore.nn import Dens  # noqa: F401
    with pytest.raises(ImportError, match=r"mindspore.common.tensor.*'Tensr'; did you mean 'Tensor'\?"):
        from mindspore.common.tensor import Tensr  # noqa: F401
    with pytest.raises(ModuleNotFoundError, match=r"'mindspore.nn.layr'; did you mean 'mindspore.nn.layer'\?"):
        import mindspore.nn.layr
    assert not hasattr(mindspore, "nothing_of_the_kind")


def test_missing_name_of_r1_8_says_so(installed):
    with pytest.raises(ModuleNotFoundError, match="nn.probability exists in MindSpore r1.8 but is not implemented"):
        import mindspore.nn.probability.dpn  # noqa: F401


def test_a_guarded_module_asks_its_own_getattr_first():
    module = ModuleType("mycelium.nn")
    def own(name):
        if name == "Lazy":
            return 1
        raise AttributeError(name)

    module.__getattr__ = own
    module.Conv2d = object()
    guard(module, "mindspore.nn")
    assert module.Lazy == 1
    assert module.loss is resolve("mindspore.nn.loss")
    with pytest.raises(AttributeError, match=r"mycelium.nn.Conv3d exists in MindSpore r1.8 .*that is: Conv2d"):
        module.Conv3d  # noqa: B018
    with pytest.raises(AttributeError, match="module 'mycelium.nn' has no attribute '__wrapped__'"):
        module.__wrapped__  # noqa: B018


def test_an_installed_mindspore_is_passed_over(another_mindspore):
    install_as_mindspore()
    import mindspore

    assert mindspore.__version__ == "1.8.1"
    with pytest.raises(ModuleNotFoundError, match="only_there"):
        import mindspore.only_there
    uninstall()
    del mindspore
    import mindspore

    assert mindspore.__version__ == "another"


def test_an_imported_mindspore_is_an_error(another_mindspore):
    import mindspore  # noqa: F401

    with pytest.raises(RuntimeError, match=r"mindspore has already been imported from .*call .*before the first"):
        install_as_mindspore()
    assert importer._finder not in sys.meta_path


def test_installing_twice_and_uninstalling_twice_changes_nothing():
    uninstall()
    before = list(sys.meta_path), list(sys.path)
    install_as_mindspore()
    once = list(sys.meta_path), list(sys.path)
    install_as_mindspore()
    assert (list(sys.meta_path), list(sys.path)) == once != before
    uninstall()
    uninstall()
    assert (list(sys.meta_path), list(sys.path)) == before


def test_a_spawned_process_imports_mindspore_too(tmp_path):
    script = tmp_path / "spawns.py"
    script.write_text(
        "from mycelium.compat import install_as_mindspore\n"
        "if __name__ == '__main__':\n"
        "    install_as_mindspore()\n"
        "import mindspore\n"
        "def version(_): return mindspore.__version__\n"
        "if __name__ == '__main__':\n"
        "    import multiprocessing\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(version, [0]))\n"
    )
    result = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert result.stdout == "['1.8.1']\n", result.stderr


def test_the_recorded_names_are_those_of_r1_8():
    names = known_names()
    assert {"Dense", "Conv2d", "Cell"} <= names["mindspore.nn"]
    assert {"abs", "asnumpy"} <= names["mindspore.Tensor"]
    assert len(names["mindspore.ops"]) == 877
    assert "mindspore.train.serialization" in names

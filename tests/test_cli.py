"""`mycelium run` runs a program as `python` runs one, with `import mindspore` giving this package."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mycelium.cli import app
from mycelium.compat import uninstall

SCRIPT = """
import atexit, sys
import beside
import mindspore as ms
atexit.register(lambda: print("at exit:", what()))
def what():
    return __name__, sys.argv[1:], beside.WHAT, ms.Tensor([1, 2]).shape
def fail():
    raise ValueError("boom")
if sys.argv[1] == "--fail":
    fail()
if sys.argv[1] == "--exit":
    sys.exit(7)
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "beside.py").write_text("WHAT = 'beside'\n")
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "stops.py").write_text("raise KeyboardInterrupt\n")
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(
        "import sys, mindspore\nprint(__spec__.name, sys.argv[1:], sys.path[0], mindspore.__version__)\n"
    )
    return tmp_path


@pytest.fixture
def mycelium(folder, monkeypatch):
    """The command in this process, which afterwards is as it was."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["mycelium"])
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    yield lambda *args: CliRunner().invoke(app, args)
    uninstall()


def process(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_script_runs_as_main_with_its_arguments(folder):
    result = process(folder, sys.executable, "-m", "mycelium", "script.py", "--exit", "--help", "-m")
    assert result.stdout == "at exit: ('__main__', ['--exit', '--help', '-m'], 'beside', (2,))\n", result.stderr
    assert result.returncode == 7


def test_the_installed_command_shows_tracebacks_from_the_script_on(folder):
    command = Path(sys.executable).with_name("mycelium")
    result = process(folder, command, "run", str(folder / "script.py"), "--fail")
    lines = result.stderr.splitlines()
    assert result.returncode == 1
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].startswith(f'  File "{folder / "script.py"}", line 11, in <module>')
    assert lines[-1] == "ValueError: boom"
    assert "mycelium" not in result.stderr


def test_interrupt(mycelium):
    assert mycelium("run", "stops.py").exit_code == 130


def test_syntax_error_shows_the_place(mycelium):
    result = mycelium("run", "broken.py")
    assert result.exit_code == 1
    assert 'broken.py", line 1' in result.stderr and "SyntaxError" in result.stderr
    assert "cli.py" not in result.stderr


def test_module(mycelium, folder):
    result = mycelium("run", "-m", "package", "--help")
    assert result.stdout.split() == ["package.__main__", "['--help']", str(folder), "1.8.1"], result.stderr


def test_no_such_script(mycelium):
    result = mycelium("run", "nowhere.py")
    assert result.exit_code == 2
    assert result.stderr == "mycelium: can't open file 'nowhere.py': No such file or directory\n"


def test_module_option_without_a_module(mycelium):
    result = mycelium("run", "-m")
    assert result.exit_code == 2
    assert "-m needs the name of a module" in result.stderr


def test_info(mycelium):
    result = mycelium("info")
    assert result.exit_code == 0
    for word in ("mycelium", "MindSpore 1.8.1", "jax", "devices", "cpu", "GRAPH_MODE", "PYNATIVE_MODE"):
        assert word.lower() in result.stdout.lower()

"""`mycelium run` runs a program as `python` runs one, with `import mindspore` giving this package."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import atexit, sys
import beside
import mindspore as ms
atexit.register(lambda: print("at exit:", what()))
def what():
    return __name__, sys.argv[1:], beside.WHAT, ms.Tensor([1, 2]).shape
def fail():
    raise ValueError("boom")
if sys.argv[1:] == ["--fail"]:
    fail()
if sys.argv[1:] == ["--stop"]:
    raise KeyboardInterrupt
if sys.argv[1:] == ["--exit"]:
    sys.exit(7)
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "beside.py").write_text("WHAT = 'beside'\n")
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "broken.py").write_text("def f(:\n")
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(
        "import sys, mindspore\nprint(__spec__.name, sys.argv[1:], sys.path[0], mindspore.__version__)\n"
    )
    return tmp_path


def python_m_mycelium(folder, *args):
    return subprocess.run([sys.executable, "-m", "mycelium", *args], cwd=folder, capture_output=True, text=True)


def test_script_runs_as_main_with_its_arguments(folder):
    result = python_m_mycelium(folder, "run", str(folder / "script.py"), "--help", "x", "-m")
    assert result.stdout == "at exit: ('__main__', ['--help', 'x', '-m'], 'beside', (2,))\n", result.stderr
    assert result.returncode == 0


def test_run_may_be_left_out_after_python_m(folder):
    result = python_m_mycelium(folder, "script.py", "--exit")
    assert "('__main__', ['--exit'], 'beside', (2,))" in result.stdout, result.stderr
    assert result.returncode == 7


def test_traceback_begins_at_the_script(folder):
    result = python_m_mycelium(folder, "script.py", "--fail")
    lines = result.stderr.splitlines()
    assert result.returncode == 1
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].startswith(f'  File "{folder / "script.py"}", line 11, in <module>')
    assert lines[-1] == "ValueError: boom"
    assert "mycelium" not in result.stderr


def test_interrupt(folder):
    result = python_m_mycelium(folder, "script.py", "--stop")
    assert result.returncode == 130
    assert result.stderr.rstrip().endswith("KeyboardInterrupt")


def test_syntax_error_shows_the_place(folder):
    result = python_m_mycelium(folder, "broken.py")
    assert result.returncode == 1
    assert 'broken.py", line 1' in result.stderr and "SyntaxError" in result.stderr
    assert "cli.py" not in result.stderr


def test_module(folder):
    result = python_m_mycelium(folder, "run", "-m", "package", "--help")
    assert result.stdout.split() == ["package.__main__", "['--help']", str(folder), "1.8.1"], result.stderr


def test_no_such_script(folder):
    result = python_m_mycelium(folder, "run", "nowhere.py")
    assert result.returncode == 2
    assert result.stderr == "mycelium: can't open file 'nowhere.py': No such file or directory\n"


def test_module_option_without_a_module(folder):
    result = python_m_mycelium(folder, "run", "-m")
    assert result.returncode == 2
    assert "-m needs the name of a module" in result.stderr


def test_info(folder):
    result = python_m_mycelium(folder, "info")
    assert result.returncode == 0, result.stderr
    for word in ("mycelium", "MindSpore 1.8.1", "jax", "devices", "cpu", "GRAPH_MODE"):
        assert word.lower() in result.stdout.lower()


def test_the_installed_command(folder):
    command = Path(sys.executable).with_name("mycelium")
    result = subprocess.run([command, "run", "script.py", "--exit"], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 7, result.stderr

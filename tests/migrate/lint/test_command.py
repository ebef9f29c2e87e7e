"""`mycelium lint`: formats, what is chosen and silenced, how it ends."""

import json

import pytest
from typer.testing import CliRunner

from mycelium.cli import app
from mycelium.migrate.lint import RULES, LintError, lint_source

SOURCE = """from mindspore import nn

drop = nn.Dropout(0.1)
norm = nn.BatchNorm2d(8, momentum=0.1)
conv = nn.Conv2d(3, 8, 3)  # noqa: MYC204
both = nn.Dropout(0.1)  # noqa: E501, MYC201 for its own reasons
none = nn.Dropout(0.1)  # noqa
text = "# noqa"; other = nn.Dropout(0.2)
"""


def lint(*arguments):
    return CliRunner().invoke(app, ["lint", *map(str, arguments)])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(SOURCE)
    return path


def test_text(file):
    done = lint(file)
    assert done.exit_code == 1 and not done.stderr
    assert done.stdout.splitlines() == [
        f"{file}:3:19: MYC201 keep_prob=0.1 keeps 10% of the elements and drops 90%. write keep_prob=1 - p.",
        f"{file}:4:35: MYC202 momentum=0.1 replaces 90% of the running statistics at each step. "
        "write momentum=1 - PyTorch's, 0.9 for its default of 0.1.",
        f"{file}:8:37: MYC201 keep_prob=0.2 keeps 20% of the elements and drops 80%. write keep_prob=1 - p."]


def test_json(file):
    found = json.loads(lint(file, "--format", "json").stdout)
    assert [f["rule"] for f in found] == ["MYC201", "MYC202", "MYC201"]
    assert found[0] == {"file": str(file), "line": 3, "column": 19, "rule": "MYC201", "fix": "write keep_prob=1 - p",
                        "message": "keep_prob=0.1 keeps 10% of the elements and drops 90%"}


def test_github(file):
    first = lint(file, "--format", "github").stdout.splitlines()[0]
    assert first == (f"::warning file={file},line=3,col=19,title=MYC201::keep_prob=0.1 keeps 10%25 of the elements and "
                     "drops 90%25. write keep_prob=1 - p.")


@pytest.mark.parametrize("options, rules", [
    (["--select", "MYC202"], ["MYC202"]), (["--select", "myc1, MYC201"], ["MYC201", "MYC201"]),
    (["--ignore", "MYC201"], ["MYC202"]), (["--select", "MYC2", "--ignore", "MYC202"], ["MYC201", "MYC201"]),
    (["--select", "MYC3"], []),
])
def test_rules_are_selected_and_ignored(options, rules, file):
    done = lint(file, "--format", "json", *options)
    assert [f["rule"] for f in json.loads(done.stdout)] == rules and done.exit_code == bool(rules)


def test_clean_files_end_with_0(tmp_path):
    (tmp_path / "a.py").write_text("import numpy as np\n")
    (tmp_path / "empty.py").write_text("")
    done = lint(tmp_path)
    assert done.exit_code == 0 and not done.stdout and not done.stderr


def test_directories_are_searched(file, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.py").write_text(SOURCE)
    (tmp_path / "deep" / "a.txt").write_text("this is (no Python")
    assert len(lint(tmp_path).stdout.splitlines()) == 6


@pytest.mark.parametrize("name, content, text", [
    ("none.py", None, "No such file or directory"),
    ("a.py", b"x = (1\n", ":1: it is not Python ('(' was never closed)"),
    ("a.py", b"x = 1\x00", "it is not Python"),
    ("a.py", b"x = '\xff\xfe'", "it is not UTF-8 text"),
    ("a.py", b"x = " + b"(" * 5000, "it is not Python"),
    ("a.py", b"  x = 1\n y = 2\n", "it is not Python (unexpected indent)"),
])
def test_what_cannot_be_read_ends_with_2_and_one_line_each(name, content, text, file, tmp_path):
    path = tmp_path / "other" / name
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    done = lint(path, file)
    assert done.exit_code == 2 and done.stderr.startswith(f"mycelium: {path}") and text in done.stderr
    assert done.stderr.count("\n") == 1 and len(done.stdout.splitlines()) == 3


@pytest.mark.parametrize("options, text", [
    (["--format", "xml"], "--format should be one of text, json, github, but got 'xml'"),
    (["--select", "MYC9"], "no rule is called 'MYC9'; rules are MYC101"),
    (["--ignore", "E501"], "no rule is called 'E501'"),
])
def test_wrong_options(options, text, file):
    done = lint(file, *options)
    assert done.exit_code == 2 and text in done.stderr and done.stderr.count("\n") == 1 and not done.stdout


def test_nothing_of_the_source_is_run(tmp_path):
    (tmp_path / "a.py").write_text(f"open({str(tmp_path / 'it_ran')!r}, 'w')\nraise SystemExit(7)\n")
    assert lint(tmp_path / "a.py").exit_code == 0 and not (tmp_path / "it_ran").exists()


def test_source_as_text():
    assert [f.rule for f in lint_source(SOURCE, rules=[RULES["MYC202"]])] == ["MYC202"]
    with pytest.raises(LintError, match="<text>:1: it is not Python"):
        lint_source("def")

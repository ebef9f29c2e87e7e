"""A comparison as text, as JSON and as one HTML file."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from mycelium import nn
from mycelium.migrate import compare
from mycelium.migrate.compare.html import as_html
from mycelium.migrate.compare.report import as_text

T = torch.nn
X = np.random.default_rng(0).standard_normal((4, 8)).astype(np.float32)


@pytest.fixture(scope="module")
def found():
    torch.manual_seed(0)
    theirs = T.Sequential(T.Linear(8, 8), T.LeakyReLU(0.3), T.Linear(8, 4, bias=False))
    return compare(nn.SequentialCell([nn.Dense(8, 8), nn.LeakyReLU(0.1), nn.Dense(8, 4)]), theirs, X)


def test_text_says_where_how_much_and_why(found):
    text = as_text(found, 100)
    assert text.startswith("SequentialCell differs from Sequential: eval: outputs part at 1")
    for part in ("LeakyReLU at 1 has alpha=0.1; the reference's LeakyReLU with negative_slope=0.3", "set alpha=0.3",
                 "verified: with this the difference is", "only here: 2.bias", "Dense / Linear", "step 3: loss",
                 "training, 3 steps: first loss differs"):
        assert part in " ".join(text.split()), part
    assert max(map(len, text.splitlines())) <= 100


def test_json_is_complete_and_strict(found, tmp_path):
    found.to_json(tmp_path / "found.json")
    data = json.loads((tmp_path / "found.json").read_text(), parse_constant=lambda name: pytest.fail(name))
    assert data["agrees"] is False and data["summary"] == found.summary()
    assert [layer["ours"] for layer in data["runs"][0]["layers"]] == ["0", "1", "2", ""]
    assert data["runs"][0]["first"] == 1
    assert data["causes"][0]["what"] == "alpha"
    assert set(data["runs"][0]["layers"][1]["difference"]) >= {"ours", "theirs", "max_abs", "max_rel", "cosine"}


class Page(HTMLParser):
    """Counts tags, and collects what would be fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.fetched = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [v for k, v in attrs if k in ("src", "href", "xlink:href", "data")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_one_file_with_a_picture_of_every_layer(found, tmp_path):
    found.causes[0].text += " <script>"
    text = as_html(found, tmp_path / "found.html")
    assert (tmp_path / "found.html").read_text() == text
    page = Page()
    page.feed(text)
    assert not page.open and not page.fetched
    assert "script" not in page.tags and "url(" not in text and "@import" not in text
    assert page.tags.count("svg") == 3
    assert page.tags.count("circle") == sum(len(run.layers) for run in found.runs)
    assert "1: " in text and "Verified on a copy" in text


def test_a_report_without_layers_or_training():
    class Raises(T.Module):
        def forward(self, x):
            raise RuntimeError("no <luck>")

    failed = compare(nn.ReLU(), Raises(), X)
    assert "the reference raised: RuntimeError: no <luck>" in as_text(failed)
    assert "no &lt;luck&gt;" in as_html(failed)

"""A comparison as one HTML file: pictures drawn as SVG, nothing loaded from elsewhere."""
from __future__ import annotations

import math
from html import escape
from pathlib import Path

from mycelium.migrate.compare.measure import Difference
from mycelium.migrate.compare.report import number, shape
from mycelium.migrate.compare.result import Cause, Comparison, GradientCheck, Layer, Run, TrainingCheck

_LOW, _HIGH = -9, 1     # decades that the pictures show
_STYLE = """
:root { --ink: #1c2330; --soft: #5d6778; --line: #d9dee7; --paper: #ffffff; --good: #1a7f4b; --bad: #c4302b;
        --warn: #9a6700; --tint: #f5f7fa; --ours: #2f5fd0; --theirs: #b26a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf2; --soft: #9aa5b8; --line: #333c4c; --paper: #12161d;
        --good: #4cc38a; --bad: #ff6b63; --warn: #e3b341; --tint: #1a202a; --ours: #7ea2ff; --theirs: #e8a33d; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
       max-width: 1080px; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem }
.verdict { font-size: 1.05rem; font-weight: 600 } .good { color: var(--good) } .bad { color: var(--bad) }
.warn { color: var(--warn) } .soft { color: var(--soft) }
table { border-collapse: collapse; width: 100%; font-size: .86rem } th { text-align: left; color: var(--soft);
       font-weight: 600 } th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } tr.first td { background: var(--tint);
       font-weight: 600 } .scroll { overflow-x: auto }
code { font: .92em ui-monospace, monospace; background: var(--tint); padding: .1em .35em; border-radius: 4px }
.cause { border: 1px solid var(--line); border-left: 4px solid var(--soft); border-radius: 6px; padding: .6rem 1rem;
       margin: .6rem 0 } .cause.good { border-left-color: var(--good); color: inherit }
svg { width: 100%; height: auto; display: block } svg text { fill: var(--soft); font: 11px system-ui, sans-serif }
details > summary { cursor: pointer; color: var(--soft); margin: .6rem 0 }
"""


def as_html(found: Comparison, path: str | Path | None = None) -> str:
    """The report as HTML text, written to a file if one is named."""
    parts = [f"<h1>{_e(found.ours)}, and {_e(found.theirs)} of {_e(found.framework)}</h1>",
             f'<p class="verdict {_tone(found.agrees)}">{_e(found.summary())}</p>',
             f'<p class="soft">{len(found.weights)} weights paired with {_e(found.framework)}; end results in '
             f"{_e(found.execution)}; {found.seconds:.1f} s</p>"]
    if found.causes:
        parts += ["<h2>Why</h2>", *map(_cause, found.causes)]
    for run in found.runs:
        parts += _run(run)
    if found.gradients is not None:
        parts += _gradients(found.gradients)
    if found.training is not None:
        parts += _training(found.training)
    parts += _weights(found)
    text = (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width"><title>{_e(found.ours)} and {_e(found.theirs)}</title>'
            f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n")
    if path is not None:
        Path(path).write_text(text, "utf-8")
    return text


def _cause(cause: Cause) -> str:
    if cause.verified:
        seen = "" if cause.visible else " These inputs do not show it; others do."
        proof = (f'<span class="good">Verified on a copy: with this the difference is {number(cause.after)} of what is '
                 f"allowed, without it {number(cause.before)} times.</span>{seen}")
    else:
        proof = '<span class="warn">Not verified.</span>'
    fix = f"<br><code>{_e(cause.fix)}</code>" if cause.fix else ""
    return f'<div class="cause {"good" if cause.verified else ""}"><b>{_e(cause.text)}</b>{fix}<br>{proof}</div>'


def _run(run: Run) -> list[str]:
    name = {"eval": "Evaluation mode", "train": "Training mode"}[run.mode]
    parts = [f'<h2>{name}: <span class="{_tone(run.agrees)}">{"agrees" if run.agrees else "differs"}</span></h2>']
    parts += [f'<p class="bad">{_e(error)}</p>' for error in run.errors]
    parts += [f'<p class="soft">{_e(note)}</p>' for note in run.notes]
    if run.layers:
        parts.append(_picture(run))
        rows = "".join(_layer(layer, i == run.first) for i, layer in enumerate(run.layers))
        head = "".join(f'<th class="{"n" if i > 3 else ""}">{h}</th>' for i, h in enumerate(
            ("layer", "ours", "theirs", "shape", "max abs", "max rel", "cosine", "allowed", "growth")))
        opened = " open" if len(run.layers) <= 40 else ""
        parts.append(f"<details{opened}><summary>{len(run.layers)} layers, in the order in which they ended</summary>"
                     f'<div class="scroll"><table><tr>{head}</tr>{rows}</table></div></details>')
    wrong = [d for d in (*run.outputs, *run.buffers) if not d.agrees]
    return parts + ([_differences(wrong, "output or running statistic")] if wrong else [])


def _layer(layer: Layer, first: bool) -> str:
    d = layer.difference
    assert d is not None
    texts = (layer.ours or "(the network)", _short(layer.our_kind), _short(layer.their_kind), shape(d))
    numbers = (number(d.max_abs), number(d.max_rel), f"{d.cosine:.6f}", number(d.allowed), f"{layer.growth:.3g}")
    cells = "".join(f"<td>{_e(t)}</td>" for t in texts) + "".join(
        f'<td class="n{"" if d.agrees else " bad"}">{n}</td>' for n in numbers)
    return f'<tr class="{"first" if first else ""}">{cells}</tr>'


def _picture(run: Run) -> str:
    """The relative error of every layer, on a logarithmic scale, with what is allowed."""
    width, height, left, bottom = 1000, 280, 46, 56
    count = len(run.layers)
    step = (width - left - 12) / max(count, 1)

    def x(i: float) -> float:
        return left + step * (i + 0.5)

    def y(value: float) -> float:
        at = _HIGH if not math.isfinite(value) else math.log10(max(value, 10.0**_LOW))
        return 12 + (_HIGH - min(max(at, _LOW), _HIGH)) / (_HIGH - _LOW) * (height - 12 - bottom)

    marks = [f'<line x1="{left}" x2="{width - 12}" y1="{y(10.0**k):.1f}" y2="{y(10.0**k):.1f}" stroke="var(--line)"/>'
             f'<text x="{left - 6}" y="{y(10.0**k) + 4:.1f}" text-anchor="end">'
             f'{"0" if k == _LOW else f"1e{k}"}</text>' for k in range(_LOW, _HIGH + 1, 2)]
    limits, dots, names = [], [], []
    for i, layer in enumerate(run.layers):
        d = layer.difference
        assert d is not None
        if d.scale and d.allowed:
            limits.append(f'<line x1="{x(i - .5):.1f}" x2="{x(i + .5):.1f}" y1="{y(d.allowed / d.scale):.1f}" '
                          f'y2="{y(d.allowed / d.scale):.1f}" stroke="var(--warn)" stroke-dasharray="3 2"/>')
        colour = "var(--good)" if d.agrees else "var(--bad)"
        label = f"{layer.ours or '(the network)'}: {number(d.max_rel)}" + (f" ({d.note})" if d.note else "")
        dots.append(f'<line x1="{x(i):.1f}" x2="{x(i):.1f}" y1="{y(0):.1f}" y2="{y(d.max_rel):.1f}" stroke="{colour}" '
                    f'stroke-width="{min(8.0, step * .4):.1f}" stroke-opacity=".25"/><circle cx="{x(i):.1f}" '
                    f'cy="{y(d.max_rel):.1f}" r="{min(5.0, max(2.0, step * .3)):.1f}" fill="{colour}">'
                    f"<title>{_e(label)}</title></circle>")
        if i == run.first or count <= 24:
            at, tone = height - bottom + 14, ' style="fill:var(--bad);font-weight:600"' if i == run.first else ""
            names.append(f'<text x="{x(i):.1f}" y="{at}" text-anchor="end" transform="rotate(-30 {x(i):.1f} {at})"'
                         f"{tone}>{_e(_tail(layer.ours))}</text>")
    return (f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="Relative error by layer, logarithmic; dashed: '
            f'allowed">{"".join(marks + limits + dots + names)}<text x="{left}" y="{height - 4}">largest difference, '
            "relative to the largest element; dashed: allowed</text></svg>")


def _gradients(check: GradientCheck) -> list[str]:
    tone = _tone(check.agrees)
    parts = [f'<h2>Gradients: <span class="{tone}">{"agree" if check.agrees else "differ"}</span></h2>']
    if check.error:
        return [*parts, f'<p class="bad">{_e(check.error)}</p>']
    parts.append(f"<p>Loss {check.loss[0]:.8g} here, {check.loss[1]:.8g} there.</p>")
    table = _differences([*check.weights, *check.inputs], "Parameter or input")
    opened = "" if check.agrees else " open"
    return [*parts, f"<details{opened}><summary>{len(check.weights)} Parameters, {len(check.inputs)} inputs</summary>"
            f"{table}</details>"]


def _training(check: TrainingCheck) -> list[str]:
    parts = [f'<h2>Training: <span class="{_tone(check.agrees)}">{_e(check.verdict or "not run")}</span></h2>']
    if check.error:
        return [*parts, f'<p class="bad">{_e(check.error)}</p>']
    rows = "".join(f'<tr><td class="n">{i + 1}</td><td class="n">{a:.8g}</td><td class="n">{b:.8g}</td><td class="n'
                   f'{"" if abs(a - b) <= limit else " bad"}">{number(abs(a - b))}</td><td class="n">{number(limit)}'
                   "</td></tr>" for i, (a, b, limit) in enumerate(
                       zip(check.ours, check.theirs, check.allowed, strict=True)))
    head = "".join(f'<th class="n">{h}</th>' for h in ("step", "loss here", "loss there", "apart", "allowed"))
    table = _differences([*check.weights, *check.buffers, *check.state], "after the last step")
    return [*parts, _curves(check), f"<table><tr>{head}</tr>{rows}</table>",
            f"<details><summary>Parameters, buffers and optimizer state</summary>{table}</details>"]


def _curves(check: TrainingCheck) -> str:
    """Both loss curves."""
    values = [v for v in (*check.ours, *check.theirs) if math.isfinite(v)]
    if len(check.theirs) < 2 or not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0

    def points(losses: list[float]) -> str:
        return " ".join(f"{60 + 900 * i / (len(losses) - 1):.1f},{20 + 120 * (high - v) / span:.1f}"
                        for i, v in enumerate(losses) if math.isfinite(v))

    lines = (f'<polyline points="{points(check.theirs)}" fill="none" stroke="var(--theirs)" stroke-width="5" '
             f'stroke-opacity=".45"/><polyline points="{points(check.ours)}" fill="none" stroke="var(--ours)" '
             'stroke-width="2"/>')
    return (f'<svg viewBox="0 0 1000 170" role="img" aria-label="Loss curves">{lines}<text x="4" y="24">{high:.4g}'
            f'</text><text x="4" y="144">{low:.4g}</text><text x="60" y="165" style="fill:var(--ours)">loss here</text>'
            '<text x="130" y="165" style="fill:var(--theirs)">loss there (broad)</text></svg>')


def _weights(found: Comparison) -> list[str]:
    lost = [(name, side, reason) for side, rows in (("here", found.only_ours), ("there", found.only_theirs))
            for name, reason in rows.items()]
    tone = "bad" if lost else "good"
    parts = [f'<h2>Weights: <span class="{tone}">{len(found.weights)} paired, {len(lost)} without a partner</span>'
             "</h2>"]
    parts += [f'<p class="bad">only {side}: <code>{_e(name)}</code> ({_e(reason)})</p>' for name, side, reason in lost]
    rows = "".join(f"<tr><td>{_e(w.ours)}</td><td>{_e(w.theirs)}</td><td>{_e(w.shape)}</td><td>{_e(w.layout)}</td>"
                   f"<td>{_e(w.how)}</td></tr>" for w in found.weights)
    return [*parts, '<details><summary>pairs</summary><div class="scroll"><table><tr><th>ours</th><th>theirs</th>'
            f"<th>shape here</th><th>layout</th><th>paired by</th></tr>{rows}</table></div></details>"]


def _differences(rows: list[Difference], what: str) -> str:
    body = "".join(f'<tr><td>{_e(d.place)}</td><td>{_e(shape(d))}</td><td class="n{"" if d.agrees else " bad"}">'
                   f'{number(d.max_abs)}</td><td class="n">{number(d.max_rel)}</td><td class="n">{d.cosine:.6f}</td>'
                   f'<td class="n">{number(d.allowed)}</td><td>{_e(d.note)}</td></tr>' for d in rows)
    return (f'<div class="scroll"><table><tr><th>{_e(what)}</th><th>shape</th><th class="n">max abs</th><th class="n">'
            f'max rel</th><th class="n">cosine</th><th class="n">allowed</th><th></th></tr>{body}</table></div>')


def _e(text: str) -> str:
    return escape(str(text))


def _tone(agrees: bool) -> str:
    return "good" if agrees else "bad"


def _tail(name: str) -> str:
    return name if len(name) <= 22 else "…" + name[-21:]


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]

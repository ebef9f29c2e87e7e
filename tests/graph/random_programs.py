"""Programs made at random: nested branches, loops and jumps."""
import linecache
import types


def load(name, source):
    """The function `f` of a source text, whose lines can be found."""
    filename = f"{name}.py"
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    module = types.ModuleType(name)
    exec(compile(source, filename, "exec"), module.__dict__)
    return module.f


class _Writer:
    """Writes blocks of statements; what a condition and an assignment are is left to the kinds below."""

    def __init__(self, rng):
        self.rng, self.lines, self.count = rng, [], 0

    def line(self, indent, text):
        self.lines.append("    " * indent + text)

    def block(self, depth, indent, in_loop):
        rng = self.rng
        for _ in range(rng.randint(1, 3)):
            self.count += 1
            kind = rng.choice(["if", "ifelse", "for", "while", "assign", "jump"] if depth else ["assign", "jump"])
            if kind in ("if", "ifelse"):
                self.line(indent, f"if {self.condition()}:")
                self.block(depth - 1, indent + 1, in_loop)
                if kind == "ifelse":
                    self.line(indent, "else:")
                    self.block(depth - 1, indent + 1, in_loop)
            elif kind in ("for", "while"):
                self.loop(kind, indent)
                self.block(depth - 1, indent + 1, True)
                if rng.random() < 0.3:
                    self.line(indent, "else:")
                    self.block(depth - 1, indent + 1, in_loop)
            elif kind == "assign":
                self.assign(indent)
            else:
                self.line(indent, f"if {self.condition()}:")
                self.assign(indent + 1)
                self.line(indent + 1, rng.choice([*self.returns, *(["break", "continue"] * 2 if in_loop else [])]))


class _OnPython(_Writer):
    """Every decision asks the caller."""

    returns = ("return v",)

    def condition(self):
        return f"ask({self.count})"

    def loop(self, kind, indent):
        self.line(indent, f"for i{indent} in range(3):" if kind == "for" else f"while {self.condition()}:")

    def assign(self, indent):
        self.line(indent, f"v = v * 3 + {self.count}")


class _OnTensors(_Writer):
    """Decisions on the values of three Tensors and a number."""

    returns = ("return x + y", "return z")

    def condition(self):
        rng = self.rng
        name, bound = rng.choice("xyz"), rng.choice([-1, 0, 0.5, 1, 2])
        return rng.choice([f"{name} > {bound}", f"{name} < {bound}", f"{bound} < {name} < {bound + 1}",
                           f"{name} >= {bound} and {rng.choice('xyz')} < 1.5", f"not {name} <= {bound} or k > 2",
                           f"n > {rng.randint(0, 2)}"])

    def loop(self, kind, indent):
        if kind == "for":
            self.line(indent, f"for i{indent} in range({self.rng.choice(['2', '3', 'n'])}):")
            return
        self.line(indent, f"c{self.count} = 0")
        self.line(indent, f"while {self.condition()}:")
        self.line(indent + 1, f"c{self.count} = c{self.count} + 1")
        self.line(indent + 1, f"if c{self.count} > {self.rng.choice([2, 3])}:")
        self.line(indent + 2, "break")

    def assign(self, indent):
        value = self.rng.choice(["x * 0.5 + y", "y - z * 0.3", "z * z - 1", "x + 0.7", "y * -0.6", "x * y * 0.2",
                                 "y + k", "x if x > y else z + 1"])
        self.line(indent, f"{self.rng.choice('xyz')} = {value}" if self.rng.random() < 0.8 else "k += 1")


def random_python_program(rng, name):
    """(function of `ask`, its source)."""
    writer = _OnPython(rng)
    writer.lines = ["def f(ask):", "    v = 0"]
    writer.block(3, 1, False)
    source = "\n".join([*writer.lines, "    return v, ask(0)"]) + "\n"
    return load(name, source), source


def random_tensor_program(rng, name, depth):
    """A function of two Tensors and a number, which may be a Tensor too."""
    writer = _OnTensors(rng)
    writer.lines = ["def f(x, y, n):", "    z = x * 0.5", "    k = 0"]
    writer.block(depth, 1, False)
    return load(name, "\n".join([*writer.lines, "    return x * 1.5 + y - z"]) + "\n")

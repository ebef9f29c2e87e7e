# `make demo` and `make test` need Python 3.11 or later and make; everything else they fetch into .venv.
# PYTHON chooses the interpreter. Where pip would fetch PyTorch's CUDA build, point it at PyTorch's CPU packages
# first: export PIP_EXTRA_INDEX_URL=<the index that pytorch.org gives for the CPU build>.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n auto

.PHONY: demo test bench lint clean

demo: $(VENV)/.examples
	$(BIN)/mycelium run examples/digits.py

# Whole programs are tested as users run them; single operators and layers, where XLA's time is most of the time, with
# its optimizations off (conftest.py). `make test QUICK=` leaves them on everywhere.
QUICK ?= 1
PROGRAMS := tests/engine tests/examples tests/graph tests/ops/test_recorded_nn.py tests/parallel tests/test_readme.py \
            tests/zoo
test: $(VENV)/.test
	MYCELIUM_QUICK_COMPILE=$(QUICK) $(BIN)/python -m pytest $(PYTEST_ARGS) $(PROGRAMS:%=--ignore=%)
	$(BIN)/python -m pytest $(PYTEST_ARGS) $(PROGRAMS)

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/pyright

clean:
	rm -rf $(VENV) out build dist .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Mycelium needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# One stamp for each set of packages: made again only when pyproject.toml changes.
$(VENV)/.examples: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[examples]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.examples

# Every target sets up what it needs.  PYTHON chooses the interpreter (3.11 or newer); pip's usual variables
# (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL) choose where packages come from, for instance a CPU build of torch.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Tests and benchmarks that measure quality find outside data through WIREWATCH_DATA; without it they are skipped.

.PHONY: setup demo check quick test search faults soak bench clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; choose one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "setting up $(VENV): about 6 GB with the default build of torch, see README for the small CPU build"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]' --group dev
	@touch $@

demo: setup
	$(BIN)/wirewatch demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sphinx-build --fail-on-warning --quiet -b html docs docs/_build

quick: setup
	$(BIN)/pytest -q -n auto -m "not kafka and not slow"

# What needs a broker, kills processes or measures runs alone afterwards.
test: quick
	$(BIN)/pytest -m "(kafka or slow) and not long"

faults: setup
	$(BIN)/pytest -m "long or slow" tests/crash tests/kafka/test_three_brokers.py tests/console/demo/test_run.py
	$(BIN)/python -m tests.delivery_faults --alerts 1000 --kills 10
	$(BIN)/pytest -m long tests/deploy

# Properties over many more invented histories and inputs than each run of the tests tries.
search: setup
	$(BIN)/pytest -q -n auto -m "hypothesis and not kafka" --hypothesis-profile=search

SEED ?= 1
FOR ?= 300

soak: setup
	$(BIN)/python -m tests.crash.soak --seed $(SEED) --for $(FOR)

bench: setup
	$(BIN)/python -m bench latency
	$(BIN)/python -m bench enrichment
	$(BIN)/python -m bench polling

clean:
	rm -rf $(VENV) docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist

# `make drill` and `make test` need nothing but Python 3.11 or later: the rest goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SCENARIO ?= scenarios/r5-virus-suspicion.yaml
SEED ?= 7

.DEFAULT_GOAL := help
.PHONY: help drill test lint format types contracts check messages docs lock soak mutants bench screenshots wheel clean

help:
	@echo 'make drill      a first drill: the control room, or headless without a terminal'
	@echo 'make test       all tests'
	@echo
	@echo 'make lint       ruff: rules and format'
	@echo 'make format     write the format'
	@echo 'make types      mypy --strict, for this system and for Windows'
	@echo 'make contracts  which module may import which'
	@echo 'make check      lint, types and contracts'
	@echo 'make messages   bring the Japanese catalogue up to date and list what is missing'
	@echo 'make docs       the example of a report, and pictures of it'
	@echo 'make lock       pin the requirements anew (UPGRADE=1: to the newest)'
	@echo 'make soak       half an hour of crashes and faults: every one must leave the drill as it was'
	@echo 'make mutants    change the rules at one place after the other: which tests notice it?'
	@echo 'make bench      measure, and print ratios'
	@echo 'make figures    draw the measured figures of the release for the docs'
	@echo 'make screenshots  pictures of the screens, into docs/screens'
	@echo 'make wheel      build the wheel into dist/'
	@echo 'make clean      remove what was built; .venv stays'

# The first python that is new enough; PYTHON=… names another.
$(READY): requirements.lock pyproject.toml Makefile
	@set -e; \
	for python in "$(PYTHON)" python3 python3.13 python3.12 python3.11 python; do \
	  if [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo 'drillsim needs Python 3.11 or later; install it, or name it: make PYTHON=/path/to/python3' >&2; \
	  exit 1; \
	fi; \
	echo "Setting up $(VENV) (once; half a minute or so)"; \
	"$$found" -m venv $(VENV); \
	export PIP_DISABLE_PIP_VERSION_CHECK=1; \
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock; \
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; \
	touch $@

drill: $(READY)
	@if [ -t 0 ] && [ -t 1 ]; then \
	  exec $(BIN)/drillsim run $(SCENARIO) --seed $(SEED); \
	else \
	  exec $(BIN)/drillsim run $(SCENARIO) --seed $(SEED) --headless; \
	fi

test: $(READY)
	$(BIN)/python -m pytest -n auto $(PYTEST_ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Twice, because code for one system is dead code to a checker of the other.
types: $(READY)
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32

contracts: $(READY)
	$(BIN)/lint-imports --no-logo

check: lint types contracts

messages: $(READY)
	$(BIN)/python tools/messages.py

docs: $(READY)
	$(BIN)/python tools/make_docs.py

# uv pins for every platform at once; it is needed for nothing else. The lock names no address.
lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade) \
	  --all-extras --group pyproject.toml:dev pyproject.toml --output-file requirements.lock
	@! grep -n '://' requirements.lock

# Not part of CI, whose share of it stands in tests/simulation.
soak: $(READY)
	$(BIN)/python -m tests.simulation.soak
	$(BIN)/python -m tests.simulation --faults --seeds 1000
	$(BIN)/python -m tests.simulation.twice --seeds 20
	$(BIN)/python -m tests.simulation.failing_disk --every 40
	$(BIN)/python -m tests.simulation.chaos_sink

# An hour or so on one processor; what was judged already is not judged again.
mutants: $(READY)
	$(BIN)/python tools/mutants.py $(MUTANTS)

bench: $(READY)
	$(BIN)/python -m benchmarks

# From benchmarks/release.json, which python -m benchmarks --json writes.
figures: $(READY)
	PYTHONPATH=. $(BIN)/python tools/make_performance.py

# From the real app, in both languages.
screenshots: $(READY)
	PYTHONPATH=. $(BIN)/python tools/screenshots.py

wheel: $(READY)
	$(BIN)/python -m hatchling build --target wheel

clean:
	rm -rf dist build htmlcov mutants .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache snapshot_report.html
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

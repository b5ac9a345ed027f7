# The two commands of the README are `make quick` and `make test`. Each makes the environment when it is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Small nets on contended threads are ten times slower: one thread each, several processes.
export OMP_NUM_THREADS ?= 1

.PHONY: help quick test test-all lint types speed tasks clean
help:
	@echo "make quick     train and score a small suite, and say where its page lies"
	@echo "make test      tests, ruff and mypy"
	@echo "make test-all  the same with the slow tests"
	@echo "make speed     measure generators, scoring, training and decoding against named peers"
	@echo "make tasks     audit every task and write docs/tasks.md anew"
	@echo "make clean     remove the environment and what tools leave behind"

$(VENV)/core: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "enigmath needs Python 3.11 or newer; say make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/dev: $(VENV)/core
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

quick: $(VENV)/core
	$(BIN)/enigmath run quick

test: $(VENV)/dev lint types
	$(BIN)/pytest -n auto --maxprocesses 4 -p no:benchmark -m 'not slow and not speed'

test-all: $(VENV)/dev lint types
	$(BIN)/pytest -n auto --maxprocesses 4 -p no:benchmark -m 'not speed'

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

speed: $(VENV)/dev
	$(BIN)/pytest -m speed --benchmark-columns=median,ops,rounds --benchmark-sort=name tests/speed

tasks: $(VENV)/dev
	$(BIN)/enigmath audit --all --page docs/tasks.md

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

# Footnote. `make run` opens the chat, `make test` runs the tests; both set up everything they need.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
EXTRA  := $(if $(GPU),gpu,cpu)

EXTRAS_cpu   := cpu
EXTRAS_gpu   := gpu
EXTRAS_dev   := $(EXTRA),dev
EXTRAS_bench := $(EXTRA),dev,bench

.PHONY: run test lint bench pictures primer clean

run: $(VENV)/.installed-$(EXTRA)
	$(BIN)/footnote models fetch
	$(BIN)/footnote serve

test: $(VENV)/.installed-dev lint
	$(BIN)/footnote models fetch
	$(BIN)/pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-bench
	$(BIN)/footnote models fetch
	$(BIN)/python -m benchmarks

pictures: $(VENV)/.installed-dev
	$(BIN)/footnote models fetch
	$(BIN)/python docs/pictures.py

primer: $(VENV)/.installed-dev
	$(BIN)/python docs/primer/build.py

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# torch first: what is installed later finds its version there and fetches no other build
$(VENV)/.installed-%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install 'torch~=2.13.0'
	$(BIN)/python -m pip install --editable '.[$(EXTRAS_$*)]'
	touch $@

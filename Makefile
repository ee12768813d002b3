# Footnote. `make run` opens the chat, `make test` runs the tests; both set up everything they need.
# GPU=1 takes the GPU build of FAISS, which is remembered; GPU=0 goes back to the CPU build.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
GPU    ?= $(if $(wildcard $(VENV)/.installed-gpu-*),1,0)
EXTRA  := $(if $(filter-out 0,$(GPU)),gpu,cpu)
OTHER  := $(if $(filter-out 0,$(GPU)),cpu,gpu)

EXTRAS_run   := $(EXTRA)
EXTRAS_dev   := $(EXTRA),dev
EXTRAS_bench := $(EXTRA),dev,bench

.PHONY: run test lint bench bench-page bench-reading bench-finding bench-networks bench-words bench-peers pictures primer clean

run: $(VENV)/.installed-$(EXTRA)-run
	$(BIN)/footnote models fetch
	$(BIN)/footnote serve

test: $(VENV)/.installed-$(EXTRA)-dev lint
	$(BIN)/footnote models fetch
	$(BIN)/pytest

lint: $(VENV)/.installed-$(EXTRA)-dev
	$(BIN)/ruff check rag ui tests benchmarks docs
	$(BIN)/ruff format --check rag ui tests benchmarks docs
	$(BIN)/mypy

bench: $(VENV)/.installed-$(EXTRA)-bench
	$(BIN)/footnote models fetch
	$(BIN)/python -m benchmarks

bench-page: $(VENV)/.installed-$(EXTRA)-bench
	$(BIN)/footnote models fetch
	$(BIN)/python -m benchmarks.page

bench-reading: $(VENV)/.installed-$(EXTRA)-bench
	$(BIN)/footnote models fetch
	$(BIN)/python -m benchmarks.reading

bench-finding: $(VENV)/.installed-$(EXTRA)-bench
	$(BIN)/footnote models fetch
	$(BIN)/python -m benchmarks.finding
	$(BIN)/python -m benchmarks.finding.ir
	$(BIN)/python -m benchmarks.finding.matrices --out build/finding
	$(BIN)/python -m benchmarks.finding.fit --from build/finding
	$(BIN)/python -m benchmarks.finding.ablation --from build/finding
	$(BIN)/python -m benchmarks.scale

bench-networks: $(VENV)/.installed-$(EXTRA)-bench
	$(BIN)/footnote models fetch
	$(BIN)/python -m benchmarks.networks
	$(BIN)/python -m benchmarks.networks.plots

bench-words: $(VENV)/.installed-$(EXTRA)-bench
	$(BIN)/footnote models fetch
	$(BIN)/python -m benchmarks.words

bench-peers: $(VENV)/.installed-$(EXTRA)-bench
	$(BIN)/footnote models fetch
	$(BIN)/python -m benchmarks.peers

pictures: $(VENV)/.installed-$(EXTRA)-dev
	$(BIN)/footnote models fetch
	$(BIN)/python docs/pictures.py

primer: $(VENV)/.installed-$(EXTRA)-dev
	$(BIN)/python docs/primer/build.py

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# Both builds of FAISS own the same files: where the other one is, both go first, or pip would think this one is there.
# torch before the rest: what is installed later finds its version there and fetches no other build.
$(VENV)/.installed-$(EXTRA)-%: pyproject.toml | $(BIN)/python
	if $(BIN)/python -m pip show --quiet faiss-$(OTHER) 2>/dev/null; then \
		rm -f $(VENV)/.installed-* && $(BIN)/python -m pip uninstall --yes faiss-cpu faiss-gpu; fi
	$(BIN)/python -m pip install 'torch~=2.13.0'
	$(BIN)/python -m pip install --editable '.[$(EXTRAS_$*)]'
	touch $@

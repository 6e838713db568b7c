# symloss: `make` generates and checks the whole catalogue; `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS)
PYTEST_ARGS ?=
FUZZ_ARGS ?=
BENCH_ARGS ?=
ALARMS_ARGS ?=
SOURCES := symloss tests docs

# Stamps: an install is redone only when pyproject.toml changes.
VENV_STAMP := $(VENV)/.stamp-venv
RUN_STAMP := $(VENV)/.stamp-run
TEST_STAMP := $(VENV)/.stamp-test
BENCHMARKS_STAMP := $(VENV)/.stamp-benchmarks
DOCS_STAMP := $(VENV)/.stamp-docs
PEERS_STAMP := $(VENV)/.stamp-peers

.DEFAULT_GOAL := generate
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: generate certify characteristics latency venv test check lint types quick fuzz format readme docs handbook \
    peers cases alarms accuracy bench wheel clean distclean help

generate: $(RUN_STAMP) ## (default) generate the catalogue, build the C, check everything, print a table
	$(BIN)/symloss generate --out generated --check

$(VENV_STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "symloss needs Python 3.11 or newer, and this is \
	%d.%d: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUN_STAMP): pyproject.toml | $(VENV_STAMP)
	$(PIP) install -e '.[certify]'
	@touch $@

$(TEST_STAMP): pyproject.toml | $(VENV_STAMP)
	$(PIP) install -e '.[test]'
	@touch $(RUN_STAMP) $@

$(BENCHMARKS_STAMP): pyproject.toml | $(VENV_STAMP)
	$(PIP) install -e '.[benchmarks,plots]'
	@touch $(RUN_STAMP) $@

$(DOCS_STAMP): pyproject.toml | $(VENV_STAMP)
	$(PIP) install -e '.[docs]'
	@touch $@

$(PEERS_STAMP): pyproject.toml | $(VENV_STAMP)
	$(PIP) install -e '.[test,peers]'
	@touch $(RUN_STAMP) $(TEST_STAMP) $@

peers: $(PEERS_STAMP) ## install PyTorch, JAX, scikit-learn and the boosters: `make test` then verifies their gradients, too

venv: $(TEST_STAMP) ## make .venv with the package (editable) and the tools for tests and lint

test: $(TEST_STAMP) ## run all tests (PYTEST_ARGS='-k name' to choose)
	$(PYTEST) $(PYTEST_ARGS)

check: lint types quick ## lint, types and the quick tests: under a minute

lint: $(TEST_STAMP) ## ruff check and ruff format --check
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(TEST_STAMP) ## mypy
	$(BIN)/mypy

quick: $(TEST_STAMP) ## the quick tests only
	$(PYTEST) -m "not slow and not latex and not katex and not browser" $(PYTEST_ARGS)

fuzz: $(TEST_STAMP) ## fuzz the generated C under sanitizers, with clang (FUZZ_ARGS='huber --runs 1000')
	$(BIN)/python tests/faults/fuzz.py $(FUZZ_ARGS)

format: $(TEST_STAMP) ## rewrite the sources as ruff formats and fixes them
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

certify: $(RUN_STAMP) ## measure the error of every kernel, and write it into generated/
	-$(BIN)/symloss certify --out generated
	$(BIN)/python docs/update_certificates.py

readme: $(RUN_STAMP) ## write the table of the catalogue into README.md
	$(BIN)/python docs/update_readme.py

characteristics: $(TEST_STAMP) ## review the whole catalogue and the literature, write docs/characteristics.md
	$(BIN)/python docs/update_characteristics.py

docs: $(DOCS_STAMP) ## build the site into docs/_build/html: a page a loss, and the guides; works offline
	$(BIN)/python -m sphinx -W --keep-going -n -q -j 2 -d docs/_build/doctrees docs docs/_build/html
	@echo "open docs/_build/html/index.html"

handbook: $(RUN_STAMP) ## set the handbook of the catalogue, handbook.pdf, by LaTeX (Debian: texlive-latex-base)
	$(BIN)/symloss handbook

cases: $(PEERS_STAMP) ## install other libraries, verify the corpus of gradients, write docs about it
	$(BIN)/python docs/update_gradient_cases.py
	$(BIN)/python docs/update_is_my_gradient_right.py

alarms: $(PEERS_STAMP) ## verify the right gradients of the corpus under 1,000 seeds, count false alarms
	$(BIN)/python tests/verification/false_alarms.py $(ALARMS_ARGS)

accuracy: $(BENCHMARKS_STAMP) ## install other libraries, compare accuracy with them, write docs/accuracy.md
	$(BIN)/python tests/benchmarks/accuracy.py --update

bench: $(BENCHMARKS_STAMP) ## install other libraries, compare speed, write docs/speed.md (or BENCH_ARGS='--quick')
	$(BIN)/python tests/benchmarks/speed.py $(or $(BENCH_ARGS),--update)

latency: $(TEST_STAMP) ## measure imports, loading, generating and calling, write docs/latency.md
	$(BIN)/python tests/benchmarks/latency.py --update

wheel: $(VENV_STAMP) ## build the wheel into dist/
	$(PIP) wheel --no-deps --wheel-dir dist .
	@ls dist/*.whl

clean: ## remove caches and built files (keeps .venv and generated sources)
	rm -rf dist build docs/_build docs/losses .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -path ./$(VENV) -prune -o -path ./.git -prune -o \
	    -type d -name __pycache__ -prune -exec rm -rf {} +
	if [ -d generated ]; then find generated -type f \( -name '*.o' -o -name '*.so' \) -delete; fi

distclean: clean ## clean, and remove .venv
	rm -rf $(VENV)

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) \
	    | while IFS="$$(printf '\t')" read -r name text; do printf '  %-10s %s\n' "$$name" "$$text"; done

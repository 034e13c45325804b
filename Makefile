# make demo    the whole story on the embedded economy, in a fresh folder
# make test    the tests                  make lint       ruff: rules and layout
# make types   mypy, strict               make contracts  who may import whom
# make bench   the side-by-side runs      make format     lay the code out, mend what can be mended
#
# Everything runs in .venv, which is made when it is missing and mended when pyproject.toml changes.

VENV := .venv
BIN := $(VENV)/bin

# The first interpreter that is 3.11 or newer; `make PYTHON=/path/to/python` overrides it.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check

# Two workers for two cores, so each keeps its linear algebra to one thread.
PYTEST_WORKERS ?= 2
PYTEST_ARGS ?=
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint types contracts format bench clean

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

demo: $(VENV)/.base
	$(BIN)/lustrum demo

test: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(PYTEST_WORKERS) $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	@set -- bench/*.py; \
	if [ ! -e "$$1" ]; then echo "make bench: no file bench/*.py to run" >&2; exit 1; fi; \
	for file in "$$@"; do \
		case "$$file" in */_*) continue;; esac; \
		echo "== $$file"; $(BIN)/python "$$file" || exit 1; \
	done

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks

$(VENV)/pyvenv.cfg:
	@if [ -z "$(PYTHON)" ]; then \
		echo "lustrum needs Python 3.11 or newer; python3 here is: $$(python3 --version 2>&1 || true)" >&2; \
		echo "Install a newer one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { \
		echo "lustrum needs Python 3.11 or newer; $(PYTHON) is: $$("$(PYTHON)" --version 2>&1)" >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) could not make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

# The package alone, for `make demo`.
$(VENV)/.base: $(VENV)/pyvenv.cfg pyproject.toml
	$(PIP) install --quiet --editable .
	@touch $@

# With what tests and checks need; it holds the package too, so the first stamp is set as well.
$(VENV)/.dev: $(VENV)/pyvenv.cfg pyproject.toml
	$(PIP) install --quiet --editable '.[dev,parquet,excel,mrio,sdmx]'
	@touch $(VENV)/.base $@

# The workflow. `make run` and `make test` need CPython 3.11+, pip, venv and make, and nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
ARGS ?=
EXTRAS ?= test

.PHONY: run test lint fmt bench fuzz clean help

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.%: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$*]'
	@touch $@ $(VENV)/.run

$(VENV)/.lint: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,lint]'
	@touch $@ $(VENV)/.test $(VENV)/.run

run: $(VENV)/.run ## install and run the daemon with the shipped feeds.yml
	$(BIN)/aggregator run $(ARGS)

test: $(VENV)/.$(EXTRAS) ## install and run the tests
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.lint ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(VENV)/.lint ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.test,bench ## measure: ratios against a baseline in the same run
	$(BIN)/python bench $(ARGS)

fuzz: $(VENV)/.$(EXTRAS) ## mutated documents for as long as you like: ARGS='--documents 1000000 --jobs 2'
	$(BIN)/python tests/fuzz/fuzz.py $(ARGS)

clean: ## remove what the other targets made, data excepted
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

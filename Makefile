# crosspost: `make demo` and `make test` do all their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORLD ?= mirage
PYTEST_ARGS ?=
# Where nothing compiled may be kept, every start of the program compiles all it imports: three times as slow.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo example reports test test-long check clean

help:       ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 14

$(VENV)/.ready: constraints.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crosspost needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==0.13.9'
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement constraints.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

setup: $(VENV)/.ready  ## make .venv with the pinned packages

demo: setup   ## the main job on the sandbox: WORLD=mirage|doors|works
	$(BIN)/crosspost demo --world $(WORLD)

example: setup  ## a consultant's job: a folder of exports audited, in reports/atelier-lumen
	$(BIN)/crosspost audit --from examples/consultant --name "Atelier Lumen" --zone Europe/Paris --language fr

reports: demo example  ## the two reports kept in reports/, made again: demo in English, atelier-lumen in French

test: setup   ## the tests, without the long ones
	$(BIN)/python -m pytest -m 'not long' -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

test-long: setup  ## every test and the long harnesses
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup  ## lint and strict types, on code and tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:        ## remove what the targets above made, reports aside
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build
	find crosspost tests benchmarks -name __pycache__ -prune -exec rm -r {} +

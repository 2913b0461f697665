# make demo   sets everything up, builds the demo city and draws its map
# make test   sets everything up and runs lint, types, docs and tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEMO_ARGS ?=

.PHONY: demo test lint bench lock browser clean

demo: $(READY)
	$(BIN)/woodpecker demo --dir demo $(DEMO_ARGS)

test: $(READY) browser lint
	$(BIN)/pytest -n auto --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(BIN)/python -m benchmarks

browser:
	sh tests/install_browser.sh

# Pinned packages with hashes first, then the project itself, built with the pinned tools.
$(READY): requirements/dev.txt pyproject.toml maps/web/package-lock.json maps/web/build.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Woodpecker needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Re-pins everything; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade --quiet \
	  --group pyproject.toml:dev pyproject.toml -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade --quiet \
	  --group pyproject.toml:bench --constraint requirements/dev.txt -o requirements/bench.txt
	cd maps/web && npm install --package-lock-only --ignore-scripts

clean:
	rm -rf $(VENV) demo site dist maps/web/vendor maps/web/node_modules

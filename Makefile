# Commands of the house; `make` lists them. Needs make and Python 3.11, 3.12 or 3.13, nothing else.
# PYTHON names the interpreter (default: the first of python3.11, 3.12, 3.13 that runs); JOBS the test processes.

.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
DONE := .setup
JOBS ?= 2
# Compiled bytecode saves seconds at each start of a command, whatever the caller's shell says.
unexport PYTHONDONTWRITEBYTECODE
# uv uses the interpreter we name and pip's index, where one is set; it never fetches a Python.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

CANDIDATES := $(or $(PYTHON),python3.11 python3.12 python3.13 python3)
# A name on the path may be a shim that does not run, or a Python without venv: only what answers is used.
USABLE := import ensurepip, sqlite3, ssl, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
VERSION := import sys; print("%d.%d" % sys.version_info[:2])

# Compiling the loan engine takes a minute of one core; the other steps of setup run beside it, unless -j was given already.
BESIDE = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j 2)
KERNELS := $(wildcard transforms/kernels/*.py) transforms/warm.py
DBT := $(shell find transforms -name target -prune -o \( -name '*.sql' -o -name '*.yml' -o -path '*models*.py' -o -path '*seeds*.csv' \) -print)
OURS := warehouse transforms ingestion models_ml serving_api dashboards orchestration

.PHONY: help setup demo up test test-slow test-browser lint format types contracts lock bench eod doctor clean prepared prepared-for-demo run-demo

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

setup: $(DONE)/package ## install everything into .venv; finished work is not repeated
	@$(MAKE) --no-print-directory $(BESIDE) prepared
	@[ -z '$(PYTHON)' ] || [ "$$('$(PYTHON)' -c '$(VERSION)')" = "$$($(BIN)/python -c '$(VERSION)')" ] || { \
	  echo ".venv was made with Python $$($(BIN)/python -c '$(VERSION)'), not with $(PYTHON): run \`make clean\` first" >&2; exit 1; }

demo: $(DONE)/package ## build a lake from the bundled real data and say what to open
	@$(MAKE) --no-print-directory $(BESIDE) prepared-for-demo
	@$(MAKE) --no-print-directory $(BESIDE) run-demo $(DONE)/engine

up: setup ## serve API, dashboards, Dagster and MLflow on this machine
	$(BIN)/lendhouse up

test: setup ## the fast tests, in $(JOBS) processes
	$(BIN)/pytest -n $(JOBS) --dist loadscope

test-slow: setup ## the slow tests: kill -9, big files, whole rebuilds
	$(BIN)/pytest -m slow -n $(JOBS) --dist worksteal --timeout 900

test-browser: setup ## pages in headless Chromium; skipped, loudly, where there is none
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || \
	command -v google-chrome >/dev/null 2>&1 || echo "** no Chromium on this machine: the browser tests will be SKIPPED **" >&2
	$(BIN)/pytest -m browser --timeout 600

lint: setup ## ruff: style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup ## ruff: format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup ## mypy
	$(BIN)/mypy

contracts: $(DONE)/package ## write what is rendered from the contracts
	$(BIN)/python -m warehouse.render

lock: $(DONE)/package ## compile requirements.in into the hashed lock (UPGRADE=1: to the newest versions)
	$(BIN)/uv pip compile requirements.in --output-file requirements.lock $(if $(UPGRADE),--upgrade) \
	  --universal --python-version 3.11 --no-build --generate-hashes --no-emit-index-url --no-header

bench: setup ## measure: full file to gold against a bare copy
	$(BIN)/lendhouse bench sba

eod: setup ## close a business day (DATE=2026-11-21; default: yesterday): receive, build, check, publish
	$(BIN)/lendhouse eod $(if $(DATE),--date $(DATE))

doctor: setup ## check the installation
	$(BIN)/lendhouse doctor

clean: ## remove the virtual environment and the caches; the lake in var/ stays
	rm -rf $(VENV) $(DONE) .mypy_cache .ruff_cache .pytest_cache .hypothesis transforms/target transforms/logs
	find $(OURS) tests -name __pycache__ -type d -prune -exec rm -rf {} +

# -- steps of setup; each leaves a stamp, newer than what it was made from ------------------------------------------

$(VENV)/pyvenv.cfg:
	@for python in $(CANDIDATES); do \
	  if "$$python" -c '$(USABLE)' >/dev/null 2>&1; then echo "venv with $$python"; exec "$$python" -m venv --clear $(VENV); fi; \
	done; \
	echo "no usable Python among: $(CANDIDATES)" >&2; \
	echo "Lendhouse needs Python 3.11, 3.12 or 3.13 with venv and ensurepip (Debian: python3-venv)." >&2; \
	echo "Name one: make setup PYTHON=/path/to/python3.12" >&2; exit 1
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(DONE)/packages: $(VENV)/pyvenv.cfg requirements.lock
	@mkdir -p $(DONE)
	@index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	echo "installing what requirements.lock pins"; \
	$(BIN)/uv pip sync --quiet --no-build --require-hashes --python $(BIN)/python requirements.lock
	@touch $@

$(DONE)/package: $(DONE)/packages pyproject.toml
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --offline --python $(BIN)/python -e .
	@touch $@

$(DONE)/extensions: $(DONE)/package
	$(BIN)/python -c "from warehouse.home import Home; from warehouse.lake import Lake; print('DuckDB extensions:', ', '.join(Lake(Home.from_environment()).install_extensions()) or 'already there')"
	@touch $@

prepared: prepared-for-demo $(DONE)/engine
	@:

# The demo needs the schedules alone; the loan engine is compiled beside it, at the lowest priority.
prepared-for-demo: $(DONE)/kernels $(DONE)/mlflow $(DONE)/manifest
	@:

run-demo:
	$(BIN)/lendhouse demo

$(DONE)/kernels: $(DONE)/extensions $(KERNELS)
	$(BIN)/python -m transforms.warm schedules
	@touch $@

$(DONE)/engine: $(DONE)/kernels
	nice -n 19 $(BIN)/python -m transforms.warm engine
	@touch $@

$(DONE)/mlflow: $(DONE)/package
	$(BIN)/python -c "from models_ml.registry import template; template()"
	@touch $@

$(DONE)/manifest: $(DONE)/extensions $(DONE)/mlflow $(DBT)
	$(BIN)/python -m transforms.runner parse
	@touch $@

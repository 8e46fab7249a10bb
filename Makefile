# Two commands on a fresh machine: `make up` and `make test`. Both set up what they need in .venv and nothing
# elsewhere; called again, they find their stamps newer than the locks and start at once.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test test-long check bench kills lock screenshots translations

BIN := .venv/bin
PACKAGES := deployments flows models tasks
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

# The first Python that is new enough and really starts: a version manager's shim may be there and refuse.
FIND_PYTHON = for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done

# A virtual environment keeps its own path inside: one that was moved, or whose Python is gone, is made anew.
ifneq ($(shell test -x $(BIN)/python && cat .venv/.made 2>/dev/null),$(CURDIR))
.PHONY: .venv/.made
endif

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' $(MAKEFILE_LIST) | while read -r target text; do \
	  printf '  make %-13s %s\n' "$$target" "$$text"; done

up: .venv/.runtime ## Run Luodi with its sample ledger until Ctrl-C (PORT=4200 LUODI_HOME=.luodi)
	@exec $(BIN)/luodi up --sample

test: .venv/.dev ## Run the tests (ARGS="-k ladder" for some; DAY=2027-02-08 as if on that day)
	@exec $(if $(DAY),$(BIN)/python tests/on_day.py $(DAY)) $(BIN)/pytest --numprocesses 3 --no-loadscope-reorder \
	  $(if $(LONG),--hypothesis-profile=long,-m "not long") $(ARGS)

# The whole suite, what takes long too, on a day off; what runs by the clock on the days around which a year changes.
test-long: .venv/.dev ## Run the tests as if in a Spring Festival, on 31 December and on 1 January (needs a C compiler)
	@$(MAKE) --no-print-directory test LONG=1 DAY=spring-festival ARGS=
	@$(MAKE) --no-print-directory test DAY=31-december ARGS="tests/flows tests/deployments"
	@$(MAKE) --no-print-directory test DAY=1-january ARGS="tests/flows tests/deployments"

check: .venv/.dev ## Formatting, lint, types, direction of imports, translations: what a change must pass
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(EXTRACT)
	$(BIN)/python -m models.locale.check $(TEXTS)

bench: .venv/.dev ## Measure against stock Prefect (10⁶ rows only with BENCH_FULL=1)
	@PYTHONPATH=tests exec $(BIN)/python tests/benchmarks/run.py

kills: .venv/.dev ## Kill each part while forms are answered and steps fire: how long answers wait, what is lost (KILLS=10)
	@PYTHONPATH=tests exec $(BIN)/python tests/benchmarks/kills.py

screenshots: .venv/.dev ## Take the screenshots of the README from the running system
	@PYTHONPATH=tests exec $(BIN)/python tests/screenshots/take.py

translations: .venv/.dev ## Bring locale/*.po up to the texts in the code; then translate what is empty
	$(EXTRACT)
	$(BIN)/pybabel --quiet update --domain=luodi --locale=zh_CN --init-missing --no-fuzzy-matching --no-wrap \
	  --ignore-obsolete --ignore-pot-creation-date --input-file=$(TEXTS) --output-dir=models/locale

TEXTS := .venv/luodi.pot
EXTRACT = $(BIN)/pybabel --quiet extract --mapping=pyproject.toml --keyword=mark --add-location=file --no-wrap \
	--output=$(TEXTS) $(PACKAGES)

# Pins stay as they are unless pyproject.toml rules them out; LOCK="--upgrade" moves them all.
lock: .venv/.dev ## Pin every dependency again (LOCK=--upgrade for newer ones)
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group dev --constraints requirements.lock --output-file requirements-dev.lock

# --universal: one lock for every Python and system; --no-config and --no-emit…: nothing of this machine gets in.
COMPILE = $(BIN)/uv --quiet --no-config pip compile --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	$(LOCK) pyproject.toml

# --no-deps: the lock names everything; older pips otherwise look at newer releases than it pins and refuse those.
# What an interrupted pip left half done may count as installed: then everything is laid again.
INSTALL = again=$$(test ! -e .venv/.half || echo --force-reinstall); touch .venv/.half; \
	$(PIP) install $$again --no-deps --require-hashes --requirement $(1) && rm .venv/.half

# Each stamp is written last, so that an interrupted step is taken again.
.venv/.made:
	@$(FIND_PYTHON); \
	if [ -z "$$python" ]; then \
	  echo "Luodi needs Python 3.11 or later: none of python3, python3.13, python3.12, python3.11 is one." >&2; \
	  echo "Install one (Debian: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python cannot make virtual environments." >&2; \
	  echo "Install its venv module (Debian, Ubuntu: apt-get install python3-venv)" >&2; \
	  exit 1; \
	fi; \
	echo "Making .venv with $$("$$python" -V)"; \
	rm -rf .venv && "$$python" -m venv .venv && pwd -P > $@

.venv/.runtime: .venv/.made requirements.lock pyproject.toml
	@echo "Installing what Luodi runs on (about a minute)"
	@$(call INSTALL,requirements.lock)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo "Installing what the tests and checks need"
	@$(call INSTALL,requirements-dev.lock)
	@touch $@

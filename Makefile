# Two commands do everything on a fresh machine: `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE ?=

.PHONY: help demo test lint types imports messages check-messages bench bench-plan bench-order bench-letters bench-import bench-match bench-ingest bench-app bench-board soak lock clean

help: ## Show what there is to run
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

.venv/runtime.stamp: requirements/runtime.lock requirements/data.lock pyproject.toml
	@bash requirements/install.sh runtime "$(PYTHON)"
	@bash requirements/install.sh data "$(PYTHON)"
	@touch $@

.venv/dev.stamp: requirements/dev.lock requirements/testdata.lock .venv/runtime.stamp
	@bash requirements/install.sh dev "$(PYTHON)"
	@bash requirements/install.sh testdata "$(PYTHON)"
	@touch $@

.venv/bench.stamp: requirements/bench.lock .venv/dev.stamp
	@bash requirements/install.sh bench "$(PYTHON)"
	@touch $@

messages: .venv/runtime.stamp ## Compile the translation catalogues
	@$(BIN)/python -m tungnha.config.messages compile

demo: .venv/runtime.stamp messages ## Build the demonstration ward and open its pages
	@TUNGNHA_DATA=$${TUNGNHA_DATA:-var/demo} $(BIN)/tungnha demo

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.stamp
	$(BIN)/mypy

imports: .venv/dev.stamp
	$(BIN)/lint-imports

check-messages: .venv/dev.stamp
	@bash requirements/debian.sh gettext
	$(BIN)/python -m tungnha.config.messages check

# The identity provider that the tests sign in through. Node may come from elsewhere than Debian.
tests/oidc/node_modules/.package-lock.json: tests/oidc/package-lock.json
	@{ command -v node && command -v npm; } >/dev/null || bash requirements/debian.sh nodejs npm
	@npm ci --prefix tests/oidc --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Rooms whose database tests run beside PostgreSQL too. Not the matrix of roles by doors: a role is weighed in Python by one
# query that other tests ask there, the doors are opened there by the tests of the trail and of nonsense, and it is two thirds of
# the office's time.
POSTGRES_ROOMS := accounts campaign channels field ledger office outreach progress public register territory
POSTGRES_LEFT_OUT := src/tungnha/office/tests/test_doors.py::test_a_role_opens_what_the_table_says_and_nothing_else
test: .venv/dev.stamp messages lint imports check-messages types tests/oidc/node_modules/.package-lock.json ## Set up and run every check and test
	@bash requirements/debian.sh chromium poppler-utils
	$(BIN)/pytest
	POSTGRES_OPTIONS="-c fsync=off -c full_page_writes=off -c statement_timeout=120s -c autovacuum=off" bash requirements/postgres.sh \
	    $(BIN)/pytest -m "not browser" --deselect $(POSTGRES_LEFT_OUT) $(POSTGRES_ROOMS:%=src/tungnha/%)

bench: bench-order bench-plan bench-letters bench-import bench-match bench-ingest bench-app bench-board ## Measure everything, peers in the same run

bench-order: .venv/bench.stamp ## Walking order inside a turf, beside fast-tsp
	$(BIN)/python benchmarks/order.py

bench-plan: .venv/bench.stamp ## Quality of the cut beside METIS, then a ward through the database
	$(BIN)/python benchmarks/cut.py
	$(BIN)/python benchmarks/plan.py

bench-letters: .venv/bench.stamp ## 100,000 letters, beside Typst and WeasyPrint
	$(BIN)/python benchmarks/letters.py

bench-import: .venv/bench.stamp ## Lists from XLSX and CSV into the register; SIZES="10000 1000000" for others
	$(BIN)/python benchmarks/import_speed.py $(SIZES)

bench-match: .venv/bench.stamp ## The same person in two lists, beside Splink's own settings on FEBRL
	$(BIN)/python benchmarks/match.py

bench-ingest: .venv/bench.stamp ## Entries a second from phones over HTTP, on SQLite and PostgreSQL, peers in the same run
	$(BIN)/python benchmarks/ingest.py
	bash requirements/postgres.sh $(BIN)/python benchmarks/ingest.py

bench-app: .venv/bench.stamp messages ## The volunteer's app from opening to its list, slow CPU, slow network
	$(BIN)/python benchmarks/app_start.py

bench-board: .venv/bench.stamp messages ## The table of 126 units by 20 indicators, 182,000 figures stored
	$(BIN)/python benchmarks/board.py

KILLS ?= 1000
WRITER_KILLS ?= 10000
POWER_CUTS ?= 10000
CHAOTIC_SYNCS ?= 10000
BROWSER_KILLS ?= 500
soak: .venv/dev.stamp messages ## Kill, cut off and restore for hours: make soak KILLS=1000 WRITER_KILLS=10000 POWER_CUTS=10000 CHAOTIC_SYNCS=10000
	TUNGNHA_SOAK_KILLS=$(KILLS) $(BIN)/pytest -s src/tungnha/ledger/tests/test_killed_server.py
	TUNGNHA_SOAK_WRITER_KILLS=$(WRITER_KILLS) $(BIN)/pytest -s src/tungnha/ledger/tests/test_killed_writer.py
	TUNGNHA_SOAK_POWER_CUTS=$(POWER_CUTS) $(BIN)/pytest src/tungnha/ledger/tests/test_power_cut.py
	TUNGNHA_SOAK_CHAOTIC_SYNCS=$(CHAOTIC_SYNCS) $(BIN)/pytest -s src/tungnha/ledger/tests/test_chaotic_sync.py
	TUNGNHA_SOAK_BROWSER_KILLS=$(BROWSER_KILLS) $(BIN)/pytest -s src/tungnha/field/tests/test_killed_browser.py

lock: ## Re-resolve the locked dependencies
	@bash requirements/lock.sh

clean: ## Remove what was built (not the data folder)
	rm -rf .venv build dist .mypy_cache .ruff_cache

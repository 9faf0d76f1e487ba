# `make demo` and `make test` need Python 3.11 or later (with venv and pip) and make. The rest is in two locks:
# requirements.lock has what runs, requirements-dev.lock the same and what develops and tests.

PYTHON ?= python3
ONCE ?=
JOBS ?= auto
SHORT ?=
SIZE ?= 1000000
QUICK ?=
SECONDS ?= 300
STEPS ?= 100000
SEED ?= 1

VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
STAMP := $(VENV)/.installed
SQL := db/functions db/schema db/bootstrap.sql
# A process for each core, each with a PostgreSQL of its own. A file's tests stay together: they share what is dear to make.
PYTEST := $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo up wheel test pages pictures promise faults pgbouncer bench schemathesis check lint-sql format lock codes baseline errors bruno

help: ## Show this help.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: $(RUN) ## Play one invoice from issue to payment, and stay up; ONCE=1: check each step and exit.
	$(BIN)/rubis demo $(if $(ONCE),--once)

up: $(RUN) ## Run everything until Ctrl-C.
	$(BIN)/rubis up

# What setuptools left of an earlier build would travel too.
wheel: $(RUN) ## Build the wheel into dist/, to install elsewhere (README.md).
	rm -rf build
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .

test: $(STAMP) ## All tests on PostgreSQL 18, then those of the database on 16; JOBS=1: one at a time.
	RUBIS_TEST_POSTGRES=18 $(PYTEST)
	RUBIS_TEST_POSTGRES=16 $(PYTEST) tests/db tests/migrations

pages: $(STAMP) ## Look at every page of the app with all eyes: languages, schemes, widths, keys, no script, print.
	RUBIS_PAGES=all $(PYTEST) tests/pages

pictures: $(STAMP) ## Take the pictures of the app in docs/pictures; look at those that changed.
	$(BIN)/python -m scripts.pictures

promise: $(STAMP) ## STEPS random steps, from SEED on: no letter leaves on a stale word (docs/promise.md).
	RUBIS_STEPS=$(STEPS) RUBIS_SEED=$(SEED) $(BIN)/python -m pytest -q -s tests/db/relance/test_relance_machine.py

faults: $(STAMP) pgbouncer ## Kill, starve and confuse every part (docs/faults.md); SHORT=1: with less of everything.
	$(if $(SHORT),FAULTS_SHORT=1) $(BIN)/python -m pytest tests/faults

# For one of the faults, which is skipped without it.
pgbouncer:
	@PATH=$$PATH:/usr/sbin; command -v pgbouncer >/dev/null || \
	  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends pgbouncer; } >/dev/null 2>&1 || \
	  echo "pgbouncer cannot be installed; the test behind it will be skipped" >&2

bench: $(STAMP) ## Measure, and write bench/results.json and docs/performance.md; SIZE=10000000 goes further, QUICK=1 is short.
	$(BIN)/python -m bench --size $(SIZE) $(if $(QUICK),--quick)

check: $(STAMP) ## Style, types, SQL, and that generated files are fresh.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 $(SQL)
	$(BIN)/python -m scripts.code_lists --check
	$(BIN)/python -m scripts.baseline --check
	$(BIN)/python -m scripts.error_codes --check
	$(BIN)/python -m scripts.check_lock

lint-sql: $(STAMP) ## Holes and faults in functions and migrations; installs Debian's plpgsql_check if it may.
	$(BIN)/python -m scripts.lint_sql
	$(BIN)/squawk db/migrations/*.sql

format: $(STAMP) ## Put the code in order.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/sqlfluff fix --processes 2 $(SQL)

COMPILE := $(BIN)/uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --upgrade \
  --no-header --no-emit-index-url --no-annotate --quiet

lock: $(STAMP) ## Resolve both locks again from pyproject.toml.
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group dev --constraints requirements.lock -o requirements-dev.lock

codes: $(STAMP) ## Generate the lists of countries, currencies, calendars and common passwords from libraries.
	$(BIN)/python -m scripts.code_lists

baseline: $(STAMP) ## Generate db/migrations/V0001__baseline.sql from db/schema.
	$(BIN)/python -m scripts.baseline

errors: $(STAMP) ## Generate the register of docs/errors.md from db/functions.
	$(BIN)/python -m scripts.error_codes

schemathesis: $(STAMP) ## Random requests to the whole API, against its OpenAPI document, for SECONDS.
	SCHEMATHESIS_SECONDS=$(SECONDS) $(BIN)/python -m pytest tests/api/test_schemathesis.py

bruno: ## Run the Bruno collection against a running stack (`make up`); needs Node.
	cd bruno && npx --yes @usebruno/cli@4 run . -r --env local

# Done once, and again when a lock or the project file changes. The locks are complete, hence --no-deps: psycopg2-binary
# in them stands in for the psycopg2 that yandex-pgmigrate names, which would need a compiler.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

$(RUN): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-build-isolation -e .
	touch $(RUN)

$(STAMP): $(RUN) requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	touch $(STAMP)

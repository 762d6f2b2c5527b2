# Everything a developer or an operator runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := hermes_web accounts audit inference moderation chat console tests bench manage.py

.DEFAULT_GOAL := help
.PHONY: help up test test-vllm check format bench bench-audit bench-moderation bench-pages frontend environment browser test-compose

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

up: environment frontend ## Start everything on this machine and print its address
	@exec $(BIN)/python manage.py up

test: environment frontend browser ## Run all tests, a real browser included
	cd frontend && npm test --silent
	$(BIN)/python -m pytest tests

test-vllm: environment ## Test with real vLLM, built once for this machine's processor into the user's cache
	@python=$$($(BIN)/python -m tests.vllm.environment) && TEST_VLLM_PYTHON="$$python" $(BIN)/python -m pytest tests/vllm

check: environment frontend ## Types, style, layers, templates
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	cd frontend && npm run check --silent

format: environment frontend ## Format everything
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2
	cd frontend && npm run format --silent

bench: environment frontend browser ## Measure streams and the page; one JSON line each
	$(BIN)/python -m bench

bench-moderation: environment ## Measure the gate's cost, and how well recognizers recognize
	$(BIN)/python -m bench moderation
	$(BIN)/python -m bench recognizers

bench-audit: environment ## Measure appends to the audit record, their seals, export and verification
	$(BIN)/python -m bench audit

bench-pages: environment frontend ## Measure every page of console and admin with 200 members and a million messages
	$(BIN)/python -m bench pages

test-compose: environment ## Build the containers and run the compose file for real (needs root and podman)
	$(BIN)/python -m tests.compose.run

environment: $(VENV)/.installed
frontend: frontend/dist/.built

$(VENV)/.installed: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json
	@node -e 'if (process.versions.node.split(".")[0] < 20) { console.error("Node 20 or newer is needed."); process.exit(1) }'
	cd frontend && npm ci --silent --no-audit --no-fund
	@touch $@

frontend/dist/.built: frontend/node_modules/.installed $(shell find frontend/src frontend/styles frontend/assets -type f) frontend/build.mjs
	cd frontend && npm run build --silent
	@touch $@

browser: ## Install Chromium where the tests cannot find one
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-noto-core fonts-noto-color-emoji >/dev/null; }

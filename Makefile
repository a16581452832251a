# `make demo` and `make test` each set up everything they need; `make help` lists the rest.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
RUN := $(BIN)/llmspell
PYTEST := $(BIN)/python -m pytest
TOGETHER := $(MAKE) --no-print-directory --jobs 2 --output-sync=line

.DEFAULT_GOAL := help
.PHONY: help demo test test-python test-vscode services vscode check format generate bench bench-debug \
        bench-engine bench-lint bench-lsp bench-analysis ide extension requirements clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(READY): requirements/dev.txt pyproject.toml tools/setup.sh
	@PYTHON=$(PYTHON) tools/setup.sh

demo: $(READY) ## run, lint and debug the examples: no key, no network
	@tools/demo.sh

# What keeps one core busy goes beside what keeps another; the Python tests take all there are.
test: ## everything: checks, tests, and the tests in a real VS Code
	@$(TOGETHER) $(READY) vscode services
	@$(TOGETHER) check test-vscode
	@$(MAKE) --no-print-directory test-python

test-python: $(READY) services ## the tests that need no VS Code
	$(PYTEST) -m "not vscode" -n 2 --dist worksteal

check: $(READY) ## lint, format, types, import contracts, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate.py --check
	node tools/vscode/extension.mjs --check

test-vscode: $(READY) vscode ## the tests in a real VS Code, in headless Chromium
	$(PYTEST) -m vscode tests/vscode

services:
	@tools/test_services.sh

vscode:
	node tools/vscode/install.mjs
	node tools/vscode/extension.mjs

ide: $(READY) ## VS Code in the browser, with the extension and the examples
	node tools/vscode/ide.mjs

extension: ## build vscode-extension/llmspell.vsix
	node tools/vscode/extension.mjs

format: $(READY) ## format the code and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: $(READY) ## write the catalog, the stubs, the reference and the extension's settings anew
	$(BIN)/python tools/generate.py

bench: bench-debug bench-engine bench-lint bench-lsp bench-analysis ## all benchmarks, as ratios

bench-debug: $(READY) ## a debugged against a plain run
	$(BIN)/python benchmarks/debug_overhead.py

bench-engine: $(READY) ## calls, agents, streams, state and the start of a run, beside plain Python
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/state.py

bench-lint: $(READY) ## start of `llmspell lint` on one file, beside other linters
	$(BIN)/python benchmarks/lint_start.py

bench-lsp: $(READY) ## the language server over stdio, beside TypeScript 7
	$(BIN)/python benchmarks/lsp_latency.py

bench-analysis: $(READY) ## the analysis without a server
	$(BIN)/python benchmarks/analysis.py

requirements: ## compile the pinned requirements anew (needs uv)
	tools/compile_requirements.sh

clean: ## remove what the targets made
	rm -rf .venv .vscode-test .mypy_cache .ruff_cache .pytest_cache screenshots dist \
	  vscode-extension/node_modules vscode-extension/dist vscode-extension/*.vsix benchmarks/peers/node_modules

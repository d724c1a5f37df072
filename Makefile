.DEFAULT_GOAL := help
PYTHON ?= python3.11
SERVICE_ENV := .venv-service
DEV_ENV := .venv

.PHONY: help serve env test lint bench lock clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(SERVICE_ENV)/.installed ## start the service with the committed model (SERVICE_PORT=9000 make serve)
	exec $(SERVICE_ENV)/bin/python -m service

env: $(DEV_ENV)/.installed ## create .venv with the trainer and the tools

test: $(DEV_ENV)/.installed ## run the whole test suite
	$(DEV_ENV)/bin/python -m pytest

lint: $(DEV_ENV)/.installed ## check format, style, types and import arrows
	$(DEV_ENV)/bin/ruff format --check .
	$(DEV_ENV)/bin/ruff check .
	$(DEV_ENV)/bin/mypy
	$(DEV_ENV)/bin/lint-imports

bench: $(DEV_ENV)/.installed ## measure latency, throughput and health under load
	$(DEV_ENV)/bin/python -m benchmarks.load

lock: $(DEV_ENV)/.installed ## renew requirements/*.txt from pyproject.toml
	requirements/lock $(DEV_ENV)/bin/uv

clean: ## remove environments and caches
	rm -rf $(SERVICE_ENV) $(DEV_ENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(SERVICE_ENV)/.installed: requirements/service.txt
	$(PYTHON) -m venv --clear $(SERVICE_ENV)
	$(SERVICE_ENV)/bin/python -m pip install --quiet --require-hashes --requirement requirements/service.txt
	touch $@

$(DEV_ENV)/.installed: requirements/dev.txt
	$(PYTHON) -m venv --clear $(DEV_ENV)
	$(DEV_ENV)/bin/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	touch $@

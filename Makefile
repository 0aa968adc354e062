# make run PORT=8001      another port
# make test ARGS="-k hub" some tests only
# make bench ARGS=--quick small numbers, to see that it works
# make lock ARGS=-U       newer versions of what pyproject.toml leaves open
PYTHON ?= python3
PORT ?= 8000
VENV_PYTHON = .venv/bin/python
READY = @command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON): name another one, as in 'make run PYTHON=python3.12'." >&2; exit 2; }; \
	$(PYTHON) scripts/bootstrap.py
COMPILE = $(VENV_PYTHON) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(ARGS)

# Many tests wait for processes, so four at a time suit even a machine with two cores.
WHOLE = --numprocesses 4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run test test-repeat soak bench bench-peers lint format lock manifests screenshots clean

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Install dependencies, then serve on http://127.0.0.1:8000 (PORT=8001: another port)
	$(READY) --env --port "$(PORT)"
	@$(VENV_PYTHON) scripts/up.py $(PORT)

test: ## Run the tests, on SQLite and on PostgreSQL, with everything that they need
	$(READY) --dev --node --programs
	$(VENV_PYTHON) -m pytest $(or $(ARGS),$(WHOLE))
	$(if $(ARGS),,$(VENV_PYTHON) -m pytest --database postgresql -m databases $(WHOLE))

test-repeat: ## Run the system tests ten times in a row, up to the first failure (N=3: three times)
	$(READY) --dev --programs
	for run in $$(seq $(or $(N),10)); do $(VENV_PYTHON) -m pytest $(or $(ARGS),tests/system -m "not long" $(WHOLE)) || exit 1; done

soak: export SOAK_MINUTES ?= 30
soak: ## Let clients connect and leave for half an hour, and check that their memory is released
	$(READY) --dev --programs
	$(VENV_PYTHON) -m pytest tests/system/test_soak.py $(ARGS)

bench: ## Measure this application beside stock Channels and Starlette; writes docs/benchmarks.md
	$(READY) --bench
	$(VENV_PYTHON) -m tests.benchmarks all $(ARGS)

bench-peers: ## The same beside Node (ws), uWebSockets (Bun) and nginx (nchan) too, which it installs
	$(READY) --bench --peers
	$(VENV_PYTHON) -m tests.benchmarks all --peers $(ARGS)

lint: export SECRET_KEY = for-the-type-checker-alone-never-to-sign-0123456789
lint: ## Check style and types
	$(READY) --dev --node
	$(VENV_PYTHON) -m ruff check
	$(VENV_PYTHON) -m ruff format --check
	$(VENV_PYTHON) -m mypy
	.venv/bin/lint-imports
	node_modules/.bin/eslint .
	node_modules/.bin/tsc --project .

format: ## Format the code, and fix what ruff can fix
	$(READY) --dev
	$(VENV_PYTHON) -m ruff format
	$(VENV_PYTHON) -m ruff check --fix

lock: ## Update requirements*.txt from pyproject.toml
	$(READY) --dev
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --output-file requirements-dev.txt --group dev --constraint requirements.txt
	$(COMPILE) --output-file requirements-bench.txt --group bench --constraint requirements.txt

manifests: ## Update kubernetes/ and the generated files of helm/todo-phase5
	$(READY) --dev
	@$(VENV_PYTHON) scripts/manifests.py

screenshots: ## Take the pictures of the page: docs/images/ and docs/screenshots/
	$(READY) --dev --programs
	$(VENV_PYTHON) -m tests.web.screenshots

clean: ## Remove .venv and caches; the database and .env stay
	rm -rf .venv .bench node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

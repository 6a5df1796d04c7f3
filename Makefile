# Two commands are enough: `make run` and `make test`. Each builds .venv first where needed.

PYTHON ?= python3
BIN := .venv/bin
# What `make run` shows where there is no display; apart from the user's own index.
DEMO_DATA := build/demo
# How many tests run at the same time. The slow ones measure memory and speed: one after another.
TEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-slow lint bench installer smoke clean

help:
	@echo "make run        open the window (without a display: index and search the samples)"
	@echo "make test       run the tests"
	@echo "make test-slow  run the tests that take minutes"
	@echo "make lint       check style, types and the direction of imports"
	@echo "make bench      measure speed and memory of the engine"
	@echo "make installer  build the Debian package and the portable archive (packaging/README.md)"
	@echo "make smoke      install the Debian package in a minimal system and use it (as root)"
	@echo "make setup      build .venv (the others do so by themselves)"
	@echo "make clean      remove what was built, but not .venv"

setup: .venv/.ready

.venv/.ready: pyproject.toml packaging/system-packages.txt
	@sh packaging/install-system-packages.sh
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "setup: Python 3.11 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.12"; \
	    exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --editable '.[dev]'
	@touch $@

ifneq ($(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),)
run: setup
	$(BIN)/vext-desktop
else
run: setup
	@echo "There is no display here, so no window can open. The same job runs in the terminal"
	@echo "instead, on the sample documents: they are indexed, then searched twice."
	@$(MAKE) --no-print-directory demo
endif

demo: setup
	$(BIN)/vext-desktop index resources/samples --data-dir $(DEMO_DATA)
	$(BIN)/vext-desktop search "how early must I announce that I leave the flat" --limit 3 --data-dir $(DEMO_DATA)
	$(BIN)/vext-desktop search "dessert for somebody who avoids gluten" --limit 3 --data-dir $(DEMO_DATA)

# The tests start hundreds of processes, each of which would compile our modules anew.
test: export PYTHONDONTWRITEBYTECODE =
test: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal

test-slow: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/slow

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/vext-desktop bench

# These need no .venv: the recipe makes an environment with only what is shipped.
installer:
	$(PYTHON) packaging/build.py folder
	$(PYTHON) packaging/build.py deb
	$(PYTHON) packaging/build.py portable

smoke:
	$(PYTHON) packaging/build.py smoke

clean:
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find vext_desktop resources tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Two commands do everything on a fresh machine with Python alone: `make demo` and `make test`.

PY := .venv/bin/python
PYTEST_WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench wheel clean

help:
	@echo "make demo    set up, then preview and bring up a site in .demo/ on the embedded engine"
	@echo "make test    set up, then run the tests"
	@echo "make setup   the environment alone (.venv); quick when nothing changed"
	@echo "make lint    ruff and mypy --strict"
	@echo "make bench   the table of scale and speed"
	@echo "make wheel   a wheel in dist/"
	@echo "make clean   remove what the above made, the environment excepted"

setup:
	@sh .ci/setup

demo: setup
	@sh .ci/demo

test: setup
	@$(PY) -m pytest -q -n $(PYTEST_WORKERS) --dist loadgroup -m "not wheel and not slow"

lint: setup
	@$(PY) -m ruff check modules tests benchmarks stacks playbooks
	@$(PY) -m mypy

bench: setup
	@$(PY) -m benchmarks

wheel: setup
	@$(PY) -m hatchling build -t wheel -d dist

clean:
	@rm -rf .demo dist .hypothesis .mypy_cache .ruff_cache

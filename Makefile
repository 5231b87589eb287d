# `make run` opens the app, `make test` runs the tests, and with ARGS=--nnsim-full those that take long as well. Nothing
# but Python >= 3.11, make and git is needed before.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH := .venv-bench
INSTALL := python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test cpus lint typing screenshots bench clean

run: $(READY)
	@$(BIN)/nnsim

# Three workers keep two cores busy: each waits for its app or a terminal a seventh of the time.
test: $(READY)
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

# The tests of core and scenarios once for each kind of x86 processor, whose last bits differ.
cpus: $(READY)
	@$(BIN)/python tests/processors.py $(ARGS)

lint: $(READY) typing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p nnsim.core -p nnsim.scenarios -p nnsim.tui

# Type checkers do not follow an editable install: a link shows them the package under its name.
typing:
	@mkdir -p .typing && ln -sfn .. .typing/nnsim

screenshots: $(READY)
	$(BIN)/python -m benchmarks.screenshots

bench: $(BENCH)/.ready
	@$(BENCH)/bin/python -m benchmarks $(ARGS)

# The install is quiet when it works and shows everything when it does not.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("nnsim needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name one with: make PYTHON=python3.12")'
	@echo "Setting up .venv ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/$(INSTALL) -e '.[test]' >$(VENV)/install.log 2>&1 || { cat $(VENV)/install.log >&2; exit 1; }
	@touch $@

# What nnsim is compared with; an engine that cannot be installed is left out of the comparison.
$(BENCH)/.ready: $(READY)
	@echo "Setting up .venv-bench ..." >&2
	@$(BIN)/python -m venv $(BENCH)
	@$(BENCH)/bin/$(INSTALL) -e '.[test]' >$(BENCH)/install.log 2>&1 || { cat $(BENCH)/install.log >&2; exit 1; }
	@for engine in torch==2.13.0 jax scikit-learn; do \
		$(BENCH)/bin/$(INSTALL) $$engine >>$(BENCH)/install.log 2>&1 || echo "$$engine cannot be installed: see $(BENCH)/install.log" >&2; \
	done
	@touch $@

clean:
	rm -rf $(VENV) $(BENCH) .typing build *.egg-info

# Everything a developer does here. Needs make, git and Python 3.11 or newer; the rest is installed into .uv and .venv.
#
# .uv holds the installer where none is on PATH. .venv is filled from locks with hashes: `run` installs what the service
# and the demo need, `test` adds the tools; neither removes what the other put there, and the second lock is compiled
# under the first, so both always agree. The stamps in .venv say which lock was installed last: while a lock is
# unchanged, its step costs nothing and needs no network. .frameworks is for what tests/frameworks asks with, which
# does not agree with our tools; it has its own lock. `make clean` is the way back to a bare clone.

.DEFAULT_GOAL := help
.PHONY: help run test check format bench fuzz mutate lock clean
.DELETE_ON_ERROR:

# Python keeps what it compiled in .venv, also where it shall write nothing beside sources: compiling anew would be most
# of each start.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for p in python3.11 python3; do \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$p"; break; }; done)
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
UV_VERSION := 0.13.9
BIN := .venv/bin
COMPILE := pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate
OURS := pyproject.toml --group model
FRAMEWORKS := tests/frameworks/requirements

help: ## say what there is
	@echo "Handrail: make TARGET"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST)

run: .venv/.run ## install, then start Handrail with one guarded example and stay up (ARGS=--once: do not stay)
	@$(BIN)/python -m app.demo $(ARGS)

test: .venv/.test .frameworks/.installed ## install, then run all tests (ARGS="tests/guardrails -k card": some)
	@$(BIN)/python -m tests.postgresql $(BIN)/pytest $(or $(ARGS),--numprocesses=auto --dist=loadfile)

check: .venv/.test ## lint, format, types, directions between packages
	@status=0; \
	echo "==> ruff"; $(BIN)/ruff check || status=1; \
	echo "==> ruff format"; $(BIN)/ruff format --check || status=1; \
	echo "==> mypy --strict"; $(BIN)/mypy || status=1; \
	echo "==> import-linter"; $(BIN)/lint-imports --no-logo || status=1; \
	exit $$status

format: .venv/.test ## rewrite the code as `check` wants it
	@$(BIN)/ruff check --fix-only --quiet; $(BIN)/ruff format

bench: .venv/.test ## requests per second and CPU per request (needs nginx and wrk; ARGS=--help)
	@$(BIN)/python -m tests.bench.gateway $(ARGS)

fuzz: .venv/.test ## look for a text that a stream of is judged otherwise than the whole (ARGS="--minutes 60")
	@$(BIN)/python -m tests.fuzz.engine $(ARGS)

# The files are those that [tool.mutmut] in pyproject.toml names. All of them take half an hour on two cores, two
# minutes of which go before the first mutant. Printed is what no test sees and tests/mutation/accepted.txt does not know.
mutate: .venv/.test ## break the core line by line: does a test see it? (half an hour; ARGS='"guardrails.window*"': some)
	@rm -rf mutants; $(BIN)/mutmut run $(ARGS) && $(BIN)/python -m tests.mutation.survivors

lock: $(UV) ## compile the locks anew (ARGS=--upgrade: with the newest versions)
	@echo "==> compiling requirements.lock"
	@$(UV) $(COMPILE) $(OURS) $(ARGS) -o requirements.lock
	@echo "==> compiling tests/requirements.lock"
	@$(UV) $(COMPILE) $(OURS) $(ARGS) --group dev --extra language --extra parquet -c requirements.lock -o tests/requirements.lock
	@echo "==> compiling $(FRAMEWORKS).lock"
	@$(UV) $(COMPILE) $(FRAMEWORKS).in $(ARGS) --override tests/frameworks/overrides.in --python-version 3.11 \
	  -o $(FRAMEWORKS).lock

clean: ## remove what was installed and cached (not .handrail, where the demo's records are)
	@rm -rf .uv .venv .frameworks .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache mutants
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.uv/bin/uv:
	@[ -n "$(PYTHON)" ] || { echo "Handrail needs Python 3.11 or newer; none was found." \
	  "Install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "==> setting up .uv, the installer (uv $(UV_VERSION))"
	@"$(PYTHON)" -m venv .uv || { rm -rf .uv; echo "$(PYTHON) cannot make a virtual environment." \
	  "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || { rm -rf .uv; \
	  echo "Could not install uv from the package index. Is there a network, or a proxy that pip must know?" >&2; exit 1; }

.venv/bin/python: | $(UV)
	@echo "==> setting up .venv"
	@$(UV) venv --quiet --allow-existing --python "$(or $(PYTHON),3.11)" .venv

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	@echo "==> installing what Handrail needs, and a small model for the demo (160 MB, once)"
	$(call install,requirements.lock)

.venv/.test: tests/requirements.lock requirements.lock pyproject.toml | .venv/bin/python
	@echo "==> installing what Handrail and its tests need (200 MB, once)"
	$(call install,tests/requirements.lock)
	@touch .venv/.run

# --no-deps: the lock holds all of them, and one that it leaves out on purpose.
.frameworks/.installed: $(FRAMEWORKS).lock | $(UV)
	@echo "==> installing the frameworks that ask Handrail in its tests (100 MB, once)"
	@$(UV) venv --quiet --clear --python "$(or $(PYTHON),3.11)" .frameworks
	@$(UV) pip install --quiet --python .frameworks/bin/python --no-deps --require-hashes -r $< || { \
	  echo "Could not install from $<. Is there a network, or a proxy that uv must know?" >&2; exit 1; }
	@touch $@

# Installs a lock, then the project itself as a link to this folder.
define install
@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(1) && \
  $(UV) pip install --quiet --python $(BIN)/python --no-deps --editable . || { \
  echo "Could not install from $(1). Is there a network, or a proxy that uv must know? What is done so far is kept:" \
  "the same command goes on from here." >&2; exit 1; }
@touch $@
endef

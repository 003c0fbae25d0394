# One command sets up and answers: `make ask`. Its own .venv is made from requirements.lock,
# by uv where there is one, else by python3's venv and pip.

QUESTION ?= russia
PYTHON   ?= $(or $(shell cat .venv/.python 2>/dev/null),python3)

.PHONY: help ask check calibrate quick test test-all verify bench docs setup lock vendor clean

help:
	@echo 'make ask      set up, then answer the question (QUESTION=russia, kibbutz, commune … or a .toml; FULL=1 asks everything)'
	@echo 'make check    hold every published model against its paper (some minutes)'
	@echo 'make calibrate  fit the society model to data and test it without refit; writes docs/why/evidence.md (some minutes)'
	@echo 'make quick    the tests that need no browser, no other process and no society model (a minute or two)'
	@echo 'make test     ruff, mypy, pytest, one worker a core'
	@echo 'make test-all  make test with each Python from 3.11 to 3.14 that is there, each from a clean clone (an hour or more)'
	@echo 'make verify   the slow checks: statistics, and five minutes of soak'
	@echo 'make bench    measure everything beside Mesa, EGTtools, C and plain files; writes benchmarks/RESULTS.md (20 minutes; ROUNDS=3 is quicker)'
	@echo 'make docs     build the documentation site into site/, with every link checked'
	@echo 'make setup    only the .venv  (PYTHON=python3.12 picks the interpreter)'
	@echo 'make lock     work out requirements.lock anew (needs uv)'
	@echo 'make vendor   copy anew what the page of bestowal explore takes from npm, at the versions of its package-lock.json (needs npm)'
	@echo 'make clean    take away .venv, .venv-rivals and caches; results/ stays'

ask: setup
	@.venv/bin/bestowal ask "$(QUESTION)" $(if $(FULL),--full)

check: setup
	@.venv/bin/bestowal check

calibrate: setup
	@.venv/bin/bestowal calibrate --out docs/why --posterior bestowal/catalogue/posteriors/society.csv

quick: setup
	.venv/bin/python -m pytest -n auto -m 'not (browser or cluster or slow or society or subprocess)'

test: setup
	.venv/bin/python -m ruff check .
	.venv/bin/python -m mypy
	.venv/bin/python -m pytest -n auto --dist worksteal

# In clones of the last commit, each with a .venv of its own.
PYTHONS = 3.11 3.12 3.13 3.14
test-all:
	@work="$$(mktemp -d)"; trap 'rm -rf "$$work"' EXIT; trap 'exit 130' INT TERM; \
	test -z "$$(git status --porcelain)" || echo 'test-all: tests the last commit, without the changes since' >&2; \
	for version in $(PYTHONS); do \
		for python in "python$$version" "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/"$$version".*/bin/python; do \
			python="$$("$$python" -c 'import sys; print(sys.executable)' 2>/dev/null)" && break; \
		done; \
		if test -z "$$python"; then missing="$$missing $$version"; \
		elif git clone -q . "$$work/$$version" && $(MAKE) -C "$$work/$$version" test PYTHON="$$python"; then passed="$$passed $$version"; \
		else failed="$$failed $$version"; fi; \
	done; \
	echo "Python passed:$${passed:- none}. Failed:$${failed:- none}. Not tried, not installed here:$${missing:- none}."; \
	test -n "$$passed" && test -z "$$failed"

verify: setup
	@set -e; for file in verify/*.py; do \
		case $$file in verify/soak.py) more='--minutes 5';; *) more='';; esac; \
		echo "== $$file $$more"; .venv/bin/python "$$file" $$more; \
	done

# RIVALS is a Python that has mesa and egttools; where none is named, .venv-rivals is made for it, if it can be.
bench: setup $(if $(RIVALS),,.venv-rivals/.ready)
	@.venv/bin/python benchmarks/results.py $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(RIVALS),--rivals "$(RIVALS)",$$(test -e .venv-rivals/.ready && echo --rivals .venv-rivals/bin/python))

# Of the interpreter that .venv has, and made again after it.
.venv-rivals/.ready: benchmarks/rivals.txt .venv/.ready
	@rm -rf .venv-rivals; \
	if command -v uv >/dev/null; then \
		uv venv --quiet --clear --python .venv/bin/python .venv-rivals && \
		uv pip install --quiet --python .venv-rivals/bin/python --only-binary :all: -r benchmarks/rivals.txt; \
	else \
		.venv/bin/python -m venv --clear .venv-rivals && \
		.venv-rivals/bin/python -m pip install -qq --disable-pip-version-check --only-binary :all: -r benchmarks/rivals.txt; \
	fi >.venv-rivals.log 2>&1 && rm .venv-rivals.log && touch $@ || \
	echo "rivals not installable here: $$(grep -v '^ *$$' .venv-rivals.log | tail -1 | sed 's/^ *//'); measured without" >&2

docs: setup
	@NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --strict --quiet && \
	echo 'open site/index.html, or with the search: .venv/bin/python -m http.server --directory site'

setup: .venv/.ready

# An environment knows its own path and its interpreter: it is made again where either is another.
ifneq "$(shell cat .venv/.ready .venv/.python 2>/dev/null)" "$(CURDIR) $(PYTHON)"
.PHONY: .venv/.ready
endif

.venv/.ready: requirements.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo 'bestowal needs Python 3.11 to 3.14, and there is no "$(PYTHON)". Name another: make setup PYTHON=python3.12' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; (3, 11) <= v < (3, 15) or sys.exit("bestowal needs Python 3.11 to 3.14, and \"$(PYTHON)\" is %d.%d. Name another: make setup PYTHON=python3.12" % (v[0], v[1]))'
	@echo 'Setting up .venv (once; some minutes where nothing is cached yet) ...'
	@set -e; rm -f .venv/.ready; \
	python="$$("$(PYTHON)" -c 'import sys; print(sys.executable)')"; \
	if command -v uv >/dev/null; then \
		uv venv --quiet --clear --python "$$python" .venv; \
		uv pip install --quiet --python .venv/bin/python --require-hashes --no-deps -r requirements.lock; \
		uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .; \
	else \
		"$$python" -m venv --clear .venv; \
		.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements.lock; \
		.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@echo "$(PYTHON)" >.venv/.python
	@echo "$(CURDIR)" >.venv/.ready

lock:
	uv pip compile --quiet --universal --generate-hashes --extra dev -p 3.11 pyproject.toml -o requirements.lock

# npm checks what it fetches against the digests in package-lock.json; SHA512SUMS holds those of the files copied.
PAGE = bestowal/explore/page
vendor:
	@set -e; work="$$(mktemp -d)"; trap 'rm -rf "$$work"' EXIT; \
	cp $(PAGE)/package.json $(PAGE)/package-lock.json "$$work"; \
	npm ci --prefix "$$work" --ignore-scripts --no-audit --no-fund --silent; \
	mkdir -p $(PAGE)/vendor tests/vendor; \
	cp "$$work"/node_modules/uplot/dist/uPlot.iife.min.js "$$work"/node_modules/uplot/dist/uPlot.min.css $(PAGE)/vendor/; \
	cp "$$work"/node_modules/uplot/LICENSE $(PAGE)/vendor/uPlot.LICENSE; \
	cp "$$work"/node_modules/axe-core/axe.min.js tests/vendor/; \
	cp "$$work"/node_modules/axe-core/LICENSE tests/vendor/axe.LICENSE; \
	for folder in $(PAGE)/vendor tests/vendor; do (cd $$folder && rm -f SHA512SUMS && sha512sum * >"$$work/sums" && cp "$$work/sums" SHA512SUMS); done

clean:
	rm -rf .venv .venv-rivals .venv-rivals.log .mypy_cache .pytest_cache .ruff_cache .hypothesis dist site
	find . -name __pycache__ -prune -exec rm -rf {} +

# 人常用的几条命令。每条都会先按锁定清单准备好 .venv，清单没变就不重装。
# The commands people use. Each first makes .venv from the hash-locked list, and does nothing when the list has not changed.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
PORT ?= 8000
PY := .venv/bin/python
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))
KEYS = $$($(PY) -m config.keys)
export PORT VAR_DIR

.NOTPARALLEL:
.PHONY: run test test-slow check bench e2e e2e-setup install-run install-dev

run: install-run $(CATALOGUES)
	@exec $(PY) -m config.run

test: install-dev $(CATALOGUES)
	@$(PY) -m pytest -q -n 2 -m "not slow and not e2e"

test-slow: install-dev $(CATALOGUES)
	@$(PY) -m pytest -q -m "slow and not e2e" || test $$? -eq 5

e2e: install-dev $(CATALOGUES)
	@$(PY) -m pytest -q -m e2e tests/journeys

bench: install-dev $(CATALOGUES)
	@$(PY) -m benchmarks

check: install-dev $(CATALOGUES)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	env $(KEYS) $(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(PY) -m djlint templates --lint --quiet
	env $(KEYS) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	env $(KEYS) $(PY) manage.py check_translations
	env $(KEYS) HTTPS=1 ALLOWED_HOSTS=shegong.example $(PY) manage.py check --deploy --fail-level WARNING

e2e-setup:
	@command -v chromium >/dev/null 2>&1 && echo "chromium: $$(command -v chromium)" || echo "缺少 chromium。请运行：/ Missing. Please run: apt-get install -y chromium fonts-noto-cjk"

install-run install-dev: install-%:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "找不到 $(PYTHON)。请先安装 Python 3.11 或更新版本（Debian：apt install python3 python3-venv）。"; \
		echo "$(PYTHON) was not found. Install Python 3.11 or newer first (Debian: apt install python3 python3-venv)."; exit 1; }
	@$(PYTHON) requirements/install.py $*

# The binary catalogues that Django reads; GNU gettext is not needed.
%.mo: %.po
	@$(PY) -m babel.messages.frontend -q compile -i $< -o $@

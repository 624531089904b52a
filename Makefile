# Stoa's commands. `make help` lists them.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
DESTDIR ?=
# The playbook and the question of `make run`.
PLAYBOOK ?= latent-chain
QUESTION ?= Tom has 5 apples and buys 3 more. How many apples does he have now?
# The configuration the tests are built in. debug builds again quickly after a change; release builds and runs everything once
# in less time.
TEST_CONFIGURATION ?= debug
# Optimised code that tests can look into is no code for users, so it is kept apart.
TEST_BUILD := $(if $(filter release,$(TEST_CONFIGURATION)),.build/optimised-tests,.build)
TEST_OPTIONS := --configuration $(TEST_CONFIGURATION) --scratch-path $(TEST_BUILD)
TEST_FLAGS := $(if $(filter release,$(TEST_CONFIGURATION)),-Xswiftc -enable-testing)
# Python packages that tests compare with, kept apart from the system's.
TEST_VENV := .build/test-venv

STOA := .build/release/stoa
SOURCES := Package.swift Sources Tests

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install the system packages (Debian; root or sudo; asks nothing)
	@.ci/setup

.PHONY: build
build: ## Build the optimised program, .build/release/stoa, and the sandbox's launcher beside it
	swift build --configuration release --product stoa-sandbox-init
	swift build --configuration release --product stoa

.PHONY: weights
weights: build ## Fetch the two bundled models
	@.ci/fetch-weights $(STOA)

.PHONY: packages
packages: build ## Fetch numpy, sympy and mpmath for code in the sandbox
	@$(STOA) sandbox packages

.PHONY: run
run: setup build packages ## Set everything up and let agents think about a question with the default model
	@.ci/fetch-weights $(STOA) smollm2-135m
	@$(STOA) run $(PLAYBOOK) --question "$(QUESTION)"

# What tests read beside the repository: the bundled models and the templates of others.
TEST_MODELS := .build/test-models
TEST_ENVIRONMENT = STOA_TEST_PYTHON=$(CURDIR)/$(TEST_VENV)/bin/python STOA_TEST_MODELS=$(CURDIR)/$(TEST_MODELS)

# How many tests are under way at a time.
TEST_WIDTH ?= 4

.PHONY: test
test: setup test-python ## Set everything up and run the tests
	swift build $(TEST_OPTIONS) $(TEST_FLAGS) --build-tests
	@.ci/test-data $(TEST_BUILD)/$(TEST_CONFIGURATION)/stoa $(TEST_MODELS) $(TEST_VENV)/bin/python
	@$(TEST_ENVIRONMENT) .ci/run-tests $(TEST_WIDTH) $(TEST_OPTIONS)

# Rebuilt when the pinned list changes; the stamp is written last, so an interrupted installation is repeated.
.PHONY: test-python
test-python: $(TEST_VENV)/.stamp

$(TEST_VENV)/.stamp: Tests/requirements.txt
	@echo "setup: installing the tests' Python packages into $(TEST_VENV)" >&2
	@python3 -m venv --clear $(TEST_VENV)
	@$(TEST_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
	  --requirement Tests/requirements.txt
	@touch $@

.PHONY: test-neon
test-neon: ## Run the kernel checks for 64-bit Arm under emulation
	@.ci/test-neon

# The packages of other people's trainers are big and change often, so they have an environment of their own.
INTEROP_VENV := .build/interop-venv

.PHONY: interop
interop: setup weights $(INTEROP_VENV)/.stamp ## Have the packages of TRL, verl and Inspect read what `stoa log export` writes
	STOA_BINARY=$(CURDIR)/$(STOA) $(INTEROP_VENV)/bin/python -B -m unittest discover --start-directory Tests/Interop

$(INTEROP_VENV)/.stamp: Tests/Interop/requirements.txt
	@echo "setup: installing the trainers' Python packages into $(INTEROP_VENV)" >&2
	@python3 -m venv --clear $(INTEROP_VENV)
	@$(INTEROP_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
	  --requirement Tests/Interop/requirements.txt
	@touch $@

.PHONY: lint
lint: ## Check format, layers and bans, and that these checks themselves bite
	swift format lint --strict --recursive --parallel $(SOURCES)
	.ci/check-layers
	.ci/check-bans
	python3 -m unittest discover --start-directory .ci/tests

.PHONY: format
format: ## Format the Swift sources in place
	swift format --in-place --recursive --parallel $(SOURCES)

.PHONY: bench
bench: weights packages ## Measure the engine, the runtime, the sandbox and the trainer
	$(STOA) bench engine
	$(STOA) bench latent
	$(STOA) bench runtime
	$(STOA) bench sandbox
	$(STOA) bench train

# Separate build folders, so that a sanitizer run never costs a rebuild of the ordinary one.
# STOA_SANITIZE_FILTER narrows the suites.
STOA_SANITIZE_FILTER ?=
.PHONY: sanitize
sanitize: setup test-python build ## Run the tests under the address and the thread sanitizer
	@.ci/test-data $(STOA) $(TEST_MODELS) $(TEST_VENV)/bin/python
	for sanitizer in address thread; do \
	  echo "== $$sanitizer sanitizer"; \
	  $(TEST_ENVIRONMENT) swift test --sanitize=$$sanitizer --scratch-path .build/sanitize-$$sanitizer \
	    $(if $(STOA_SANITIZE_FILTER),--filter '$(STOA_SANITIZE_FILTER)'); \
	done

.PHONY: install
install: build ## Install into PREFIX (default /usr/local)
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/stoa"
	install -m 755 $(STOA) "$(DESTDIR)$(PREFIX)/bin/stoa"
	install -d "$(DESTDIR)$(PREFIX)/libexec/stoa"
	install -m 755 $(STOA)-sandbox-init "$(DESTDIR)$(PREFIX)/libexec/stoa/stoa-sandbox-init"
	for folder in agents tools playbooks; do \
	  if [ -d "$$folder" ]; then cp -R "$$folder" "$(DESTDIR)$(PREFIX)/share/stoa/"; fi; \
	done
	install -m 644 LICENSE "$(DESTDIR)$(PREFIX)/share/stoa/LICENSE"

.PHONY: clean
clean: ## Remove what was built; models stay in STOA_CACHE
	rm -rf .build

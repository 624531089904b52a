# Stoa's commands. `make help` lists them.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
DESTDIR ?=
# The playbook and the question of `make run`.
PLAYBOOK ?= latent-chain
QUESTION ?= Tom has 5 apples and buys 3 more. How many apples does he have now?
# The configuration the tests are built in.
TEST_CONFIGURATION ?= debug
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

# Suites whose tests are processes that die. They run by themselves: their runner reaps every child of the process, and so
# would take away the ends that other tests wait for.
DYING_TESTS := StoaJournalTests\.(CrashTests|SharedFileTests)|StoaEvaluationTests\.EvaluationCrashTests
# Suites whose subject is time, memory, connections and what is left on the machine: they run by themselves too, so that it is
# theirs.
TIMED_TESTS := StoaSandboxTests|StoaRemoteTests|StoaAcceptanceTests\.JudgingRunTests|StoaServerTests|StoaToolsTests|StoaHTTPTests|StoaHubTests

# How many tests are under way at a time. Each has a time limit, and all at once would wait for one another in it.
TEST_WIDTH ?= 4
SWIFT_TEST = swift test --configuration $(TEST_CONFIGURATION) --skip-build --experimental-maximum-parallelization-width $(TEST_WIDTH)

.PHONY: test
test: setup test-python ## Set everything up and run the tests
	swift build --configuration $(TEST_CONFIGURATION) --build-tests
	@.ci/test-data .build/$(TEST_CONFIGURATION)/stoa $(TEST_MODELS) $(TEST_VENV)/bin/python
	$(TEST_ENVIRONMENT) $(SWIFT_TEST) --skip '$(DYING_TESTS)|$(TIMED_TESTS)'
	$(TEST_ENVIRONMENT) $(SWIFT_TEST) --filter '$(TIMED_TESTS)'
	$(TEST_ENVIRONMENT) $(SWIFT_TEST) --filter '$(DYING_TESTS)'

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

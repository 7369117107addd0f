# Federwerk. `make` alone prints what there is.
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The plan that a first run begins with.
PLAN ?= plans/industriestadt-berlin.yaml
# How often the soak tests repeat their story.
FEDERWERK_SOAK_ROUNDS ?= 200
# How long the fuzzer looks for inputs that trap a parser.
FEDERWERK_FUZZ_SECONDS ?= 60

.PHONY: help run demo build test bench soak fuzz format lint clean packages

help:
	@cat tools/help.txt

packages:
	@tools/install-system-packages

build: packages
	@echo 'Building (the first time takes some minutes) …'
	@swift build -c release --product federwerk

# With DATABASE_URL, or a database in federwerk.json, the program uses that server, otherwise one of its own. It takes
# make's place in the terminal's attention: Ctrl-C reaches it, and it ends with status 0.
run: build
	@exec .build/release/federwerk serve --import $(PLAN)

# A copy of the plan with three made-up years, in a home of its own so that nothing real is near it.
demo: export FEDERWERK_HOME := $(or $(FEDERWERK_HOME),.federwerk-demo)
demo: build
	@.build/release/federwerk simulate --plan $(PLAN) --if-missing
	@exec .build/release/federwerk serve

test: packages lint
	@tools/run-tests
	@tools/fuzz 15

bench: build
	@swift run -c release --package-path Tests/Benchmarks

soak: packages
	@FEDERWERK_SOAK_ROUNDS=$(FEDERWERK_SOAK_ROUNDS) tools/run-tests --filter 'SoakTests|FuzzTests'

fuzz: packages
	@tools/fuzz $(FEDERWERK_FUZZ_SECONDS)

format:
	@tools/swift-files | xargs -0 swift format --in-place --parallel

lint:
	@echo 'Checking the format …'
	@tools/swift-files | xargs -0 swift format lint --strict --parallel

clean:
	@rm -rf .build Tests/Benchmarks/.build
	@echo 'Removed what was built. Data in $${FEDERWERK_HOME:-.federwerk} stays; a running program is not touched.'

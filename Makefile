# MJN. `make` alone lists what can be done. Arguments of a target go in ARGS: make test ARGS='--filter Poster'
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run build test bench lint format clean

ARGS ?=

help: ## lists these targets
	@printf 'make TARGET [ARGS=…]\n\n'
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

run: ## installs what is missing, builds, starts a node, demonstrates it, and leaves it serving until Ctrl-C
	@ops/setup run
	@ops/build mjn
	@ops/run $(ARGS)

build: ## installs what is missing and builds the mjn program: .build/release/mjn
	@ops/setup run
	@ops/build mjn

test: ## installs what is missing, builds, and runs every test against a Postgres that it starts itself
	@ops/setup test
	@ops/test $(ARGS)

bench: ## measures settlements a second on this machine, beside two baselines (ops/bench/README.md)
	@ops/setup bench
	@ops/build mjn mjn-bench
	@ops/bench/run $(ARGS)

lint: ## checks the form of Swift files and scripts; changes nothing
	@ops/setup run
	@ops/lint

format: ## formats the Swift files (.swift-format)
	@ops/setup run
	@ops/lint --fix

clean: ## removes what was built; the node's data in .mjn stays
	@echo '==> Removing .build (the data in .mjn stays)'
	@rm -rf .build

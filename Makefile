# Ceasefire Monitor: every command that its developers need. `make help` lists them.
SHELL := /bin/bash
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help install demo test prove bench lint package docs images desktop clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

install: ## install what is missing: QGIS 3.40 or later, and the environment in .venv
	@.ci/install

demo: install ## the main job on the demo theatre: from two feeds to a printed brief
	@.ci/demo

test: install ## all tests
	@.ci/test

prove: install ## all tests, the long proofs in full
	@CEASEFIRE_PROVE=1 .ci/test

bench: install ## speed against SedonaDB, PostGIS and QGIS's own; BENCH=quick is thinned
	@.ci/bench

lint: install ## ruff, bandit and the plugin repository's checks
	@.ci/lint

package: install ## a ZIP that QGIS's "Install from ZIP" takes, from the last commit
	@$(PYTHON) .ci/package.py build/ceasefire_monitor.zip

docs: install ## docs/algorithms.md and the sources in docs/feeds.md, from the code itself
	@$(PYTHON) docs/make_algorithms.py
	@$(PYTHON) docs/make_feeds.py

images: install ## the pictures of the documents (needs Xvfb and openbox)
	@.ci/images

desktop: install ## real QGIS with a throw-away profile, the plugin enabled and the demo open
	@.ci/desktop

clean: ## remove what was built, but for the environment
	@rm -rf build

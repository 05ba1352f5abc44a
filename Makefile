# Kontor: `make` lists what can be done. Everything else that is needed is set up by itself.
# Needed beforehand: Python 3.11 or newer, git, make.

PYTHON ?= python3
KONTOR = $(PYTHON) bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset serve test test-oldest soak check story bench-crosssell bench-ledger bench-ledger-load bench-office bench-pos bench-router bench-router-stream bench-search bench-web audit-web lock

help: ## list these targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' \
	    $(MAKEFILE_LIST)

setup: ## make or refresh the virtual environment .venv (the others do it by themselves)
	@$(KONTOR) setup

demo: ## set up and run the whole demo shop on this machine; Ctrl-C stops it, data is kept
	@$(KONTOR) demo

demo-reset: ## forget the demo's data; the next `make demo` starts over
	@$(KONTOR) demo-reset

serve: ## run web server, workers and scheduler for real (see docs/operate.md)
	@$(KONTOR) serve

test: ## run all tests on real PostgreSQL, Valkey and Chromium; ARGS="-k word" narrows them
	@$(KONTOR) test $(ARGS)

test-oldest: ## run the tests of stock on PostgreSQL 15, the oldest one that is supported
	@$(KONTOR) test-oldest $(ARGS)

soak: ## run the tests under load at full size, about 20 minutes; ARGS=bank runs one of them
	@$(KONTOR) soak $(ARGS)

check: ## format, lint, types, import contracts, fast tests: about a minute
	@$(KONTOR) check

story: ## let a browser play Herr Mueller's Wednesday against the running demo
	@$(KONTOR) story $(ARGS)

bench-ledger: ## measure the stock ledger against PostgreSQL itself; quiet machine, five minutes
	@$(KONTOR) bench-ledger $(ARGS)

bench-ledger-load: ## load the large ledger that bench-ledger measures in, once: 50 million movements
	@$(KONTOR) bench-ledger-load $(ARGS)

bench-office: ## ask a back office of 200,000 orders everything that it is asked; a minute
	@$(KONTOR) bench-office $(ARGS)

bench-pos: ## measure fifty tills, their catalog of 50,000 SKUs and scan → line; quiet machine, 4 minutes
	@$(KONTOR) bench-pos $(ARGS)

bench-router: ## route thousands of orders against the judge: SEED=n SHARED=../shared; 15 minutes
	@$(KONTOR) bench-router --seed $(or $(SEED),1) --shared $(or $(SHARED),../shared) $(ARGS)

bench-router-stream: ## route a stream of orders with prices of the future: SEED=n SHARED=../shared
	@$(KONTOR) bench-router-stream --seed $(or $(SEED),1) --shared $(or $(SHARED),../shared) $(ARGS)

bench-crosssell: ## judge and time what is suggested beside a basket: SHARED=../shared; 10 minutes
	@$(KONTOR) bench-crosssell --shared $(or $(SHARED),../shared) $(ARGS)

bench-search: ## search a shop of 50,000 SKUs, by kind of query, and judge what is found; 3 minutes
	@$(KONTOR) bench-search $(ARGS)

bench-web: ## measure pages beside plain Flask, whole checkouts, a flash sale; quiet machine, 6 minutes
	@$(KONTOR) bench-web $(ARGS)

audit-web: ## weigh the shop's pages, run Lighthouse and axe on them; quiet machine, 10 minutes
	@$(KONTOR) audit-web $(ARGS)

lock: ## resolve requirements*.in into the hashed requirements*.txt
	@$(KONTOR) lock

# Two commands set everything up: make demo, make test.
CARGO ?= cargo
# Sources by ODBC are built in where the driver manager is installed, so that the demo and the tests share
# one compilation. `make test` installs it.
FEATURES = $(shell pkg-config --exists odbc 2>/dev/null && echo --features odbc)

.PHONY: demo test check build clean

demo: fonts
	$(CARGO) run --quiet $(FEATURES) -- demo --out demo

# Many tests wait for servers, browsers and processes of their own: two more than there are cores keep these busy.
test: export RUST_TEST_THREADS ?= $(shell echo $$(($$(nproc) + 2)))
test: servers lint
	$(CARGO) test --features odbc

# What needs no server, no root and no network: format, lints, documentation, the tests in src, and these.
CHECKED = architecture configuration fuzz laws ranking schedule store
check: lint
	$(CARGO) test $(FEATURES) --lib
	$(CARGO) test $(FEATURES) --test tongbao -- $(CHECKED)

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy $(FEATURES) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(FEATURES) --no-deps --quiet

build:
	$(CARGO) build --release

# Whole pulls beside the wire and other ways, in one run; needs the network once. PERSONS and ROUNDS
# may be given.
PERSONS ?= 1000000
ROUNDS ?= 5
bench: servers build
	@scripts/setup.sh bench
	@benches/whole.py --persons $(PERSONS) --rounds $(ROUNDS)

# Pages of the console a second, alone and beside a pull.
bench-console: build fonts
	@scripts/setup.sh bench
	@benches/console.py

# Documents beside Typst, in one run; needs the network once.
bench-documents:
	@benches/documents.sh

# The Debian package, and its trial in a clean Debian (root, network).
deb: build fonts
	@scripts/setup.sh deb
	@packaging/deb.sh

test-deb: build fonts
	@scripts/setup.sh deb
	@packaging/test-deb.sh

# Licences, bans and sources of what is compiled in, and advisories where their database can be fetched.
DENY = cargo-deny@0.20.2
audit:
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install $(DENY) --locked --debug --quiet
	$(CARGO) deny check licenses bans sources
	@if $(CARGO) deny fetch db >/dev/null 2>&1; then $(CARGO) deny check advisories; \
	else echo "audit: advisories are NOT checked, because their database cannot be fetched" >&2; fi

# Mutated inputs for every reader of what comes from outside, SECONDS each.
SECONDS ?= 120
fuzz:
	TONGBAO_FUZZ_SECONDS=$(SECONDS) $(CARGO) test --features odbc --test tongbao -- fuzz --nocapture --test-threads=1

.PHONY: deb test-deb audit fuzz
.PHONY: bench bench-console bench-documents fonts servers lint
fonts:
	@scripts/setup.sh

servers:
	@scripts/setup.sh test

clean:
	rm -rf demo state

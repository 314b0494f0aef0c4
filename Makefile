# Two commands set everything up by themselves: make demo, make test.
CARGO ?= cargo

.PHONY: demo test build clean

demo: fonts
	$(CARGO) run --release --quiet -- demo --out demo

test: servers
	$(CARGO) fmt --check
	$(CARGO) clippy --release --all-targets -- -D warnings
	$(CARGO) test --release

build:
	$(CARGO) build --release

# Whole pulls beside the wire and other ways, in one run; needs the network once. PERSONS and ROUNDS
# may be given.
PERSONS ?= 1000000
ROUNDS ?= 5
bench: servers build
	@scripts/setup.sh bench
	@benches/whole.py --persons $(PERSONS) --rounds $(ROUNDS)

# Documents beside Typst, in one run; needs the network once.
bench-documents:
	@benches/documents.sh

.PHONY: bench bench-documents fonts servers
fonts:
	@scripts/setup.sh

servers:
	@scripts/setup.sh test

clean:
	rm -rf demo state

# SPDX-License-Identifier: MIT
# Thin: everything is in scripts/ and meson.
.PHONY: all run run-secureboot shell check soak bench install

all:
	scripts/build build

run:
	scripts/run

run-secureboot:
	scripts/run-secureboot

shell:
	scripts/shell

check:
	scripts/check

# make soak MINUTES=60
soak:
	scripts/soak $(MINUTES)

bench:
	scripts/bench

# make install DESTDIR=/tmp/stage PREFIX=/usr
install:
	DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" scripts/install

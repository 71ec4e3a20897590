# SPDX-License-Identifier: MIT
# Thin: everything is in scripts/ and meson.
.PHONY: all run shell check soak bench install

all:
	scripts/build build

run:
	scripts/run

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

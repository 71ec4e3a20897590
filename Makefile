# SPDX-License-Identifier: MIT
# Thin: everything is in scripts/ and meson.
.PHONY: all run run-secureboot shell check check-kernels quick coverage soak mutate bench install deb

all:
	scripts/build build

# make run ARCH=arm64, ARCH=s390x: on Debian's kernel of that architecture
run:
	scripts/run$(if $(ARCH), --arch $(ARCH))

run-secureboot:
	scripts/run-secureboot

shell:
	scripts/shell

check:
	scripts/check

# predictions of kmodctl trust against kernels of other configurations and suites
check-kernels:
	scripts/make-kernels
	tests/kernels/run.py

# build, unit, golden and style tests
quick:
	scripts/check --quick

# lines covered by unit, golden, fuzz-replay and ABI tests, per room
coverage:
	scripts/coverage

# make soak MINUTES=60; RESUME=yes goes on with a run that was stopped
soak:
	scripts/soak $(if $(RESUME),--resume) $(MINUTES)

# changes of one line, each of which a test must notice
mutate:
	scripts/mutate

bench:
	scripts/bench

# Debian packages for Debian 12 and 13, in build-deb
deb:
	scripts/make-deb

# make install DESTDIR=/tmp/stage PREFIX=/usr
install:
	DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" scripts/install

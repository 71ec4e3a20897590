# SPDX-License-Identifier: MIT
# What a case is written with: commands are run and shown as on a terminal, checks print one TAP line each.

MODULES=/lib/modules/$RELEASE
checks=0 status=0

section() { printf '\n== %s\n' "$*"; }

# Shows the command, its output and its exit status, and keeps them for the checks that follow.
run() {
	printf '~]# %s\n' "$*"
	"$@" >/tmp/out 2>/tmp/err
	status=$?
	cat /tmp/out /tmp/err
	[ $status = 0 ] || echo "   [exit $status]"
}

# For command lines with pipes and redirections.
shell() {
	printf '~]# %s\n' "$1"
	sh -c "$1" >/tmp/out 2>/tmp/err
	status=$?
	cat /tmp/out /tmp/err
	[ $status = 0 ] || echo "   [exit $status]"
}

# check NAME EXPRESSION: the expression is shell code; true is success.
check() {
	checks=$((checks + 1))
	if eval "$2"; then
		echo "ok $checks - $1"
	else
		echo "not ok $checks - $1"
		echo "   expected: $2"
	fi
}

finish() { echo "1..$checks"; }

# Conditions on the last command.
succeeded() { [ $status = 0 ]; }
failed() { [ $status = "${1:-1}" ]; }
quiet() { [ ! -s /tmp/out ] && [ ! -s /tmp/err ]; }
out_is() { [ "$(cat /tmp/out)" = "$1" ]; }
err_is() { [ "$(cat /tmp/err)" = "$1" ]; }
out_has() { grep -qE -- "$1" /tmp/out; }
out_line() { grep -qxF -- "$1" /tmp/out; }
err_has() { grep -qE -- "$1" /tmp/err; }

# Conditions on the kernel, read without the tools under test.
loaded() {
	for module; do
		[ -d "/sys/module/$module" ] && grep -q "^$module " /proc/modules || return 1
	done
}
absent() {
	for module; do
		! grep -q "^$module " /proc/modules || return 1
	done
}
# /proc files have no size to ask for.
nothing_loaded() { [ -z "$(cat /proc/modules)" ]; }
parameter() { cat "/sys/module/$1/parameters/$2"; }
logged() { dmesg | grep -qE -- "$1"; }

# Paths of a module's dependencies, first to load first, and of the module, as modules.dep has them.
load_order() {
	awk -v want="/$1$KO:" 'index($1, want) && substr($1, length($1) - length(want) + 1) == want {
		for (i = NF; i > 1; i--) print $i
		print substr($1, 1, length($1) - 1)
	}' "$MODULES/modules.dep"
}
name_of() { sed 's,.*/,,; s,\.ko.*,,; y,-,_,'; }
# What modprobe -v prints when nothing of it is loaded.
insmod_lines() { load_order "$1" | sed "s,.*,insmod $MODULES/& ,"; }
rmmod_lines() { load_order "$1" | name_of | sed '1!G;h;$!d' | sed 's/^/rmmod /'; }

# Is this machine one of "run.py --soak"?
soaking() { grep -qw kmodctl_soak /proc/cmdline; }

# Names of COUNT of the modules below the directories, spread evenly. Benchmarks and self-tests are left out: they run
# for minutes or are meant to fail. 6lowpan and ciphers have the kernel load more, at a time of its own.
pick_modules() { # COUNT DIRECTORY...
	count=$1
	shift
	for directory; do
		grep "^$directory/" "$MODULES/modules.dep"
	done | grep -vE '6lowpan|crypto' | cut -d : -f 1 | sort -u | name_of |
		grep -vE '^(pktgen|test_.*|.*_(self)?test|.*_kunit|.*torture.*)$' >/tmp/candidates
	awk -v count="$count" -v all="$(wc -l </tmp/candidates)" \
		'int(NR * count / all) != int((NR - 1) * count / all)' /tmp/candidates
}

# Every loaded module, and every parameter of it with its value.
loaded_state() {
	cut -d ' ' -f 1 /proc/modules | sort | while read -r module; do
		echo "$module"
		[ ! -d "/sys/module/$module/parameters" ] || (cd "/sys/module/$module/parameters" && grep -s . * /dev/null) | sed "s/^/$module /"
	done
}

# Newest first, again and again until nothing more goes. One rmmod for all: a process for each takes three times as long.
unload_everything() {
	before=
	while present=$(cut -d ' ' -f 1 /proc/modules) && [ "$present" != "$before" ]; do
		before=$present
		rmmod $present 2>/dev/null
	done
}

# SPDX-License-Identifier: MIT
# awk -f compare-lsmod.awk PROC_MODULES LSMOD: exit 0 when they have the same rows in the same order. Each names a
# module's users in an order of its own, and /proc/modules adds marks like "-" and "[permanent]".

function row(users, given, user, n, count, i, j, line) {
	n = split(users, given, ",")
	count = 0
	for (i = 1; i <= n; i++) {
		if (given[i] !~ /^[A-Za-z0-9_]/)
			continue
		for (j = ++count; j > 1 && user[j - 1] > given[i]; j--)
			user[j] = user[j - 1]
		user[j] = given[i]
	}
	line = $1 " " $2 " " $3
	for (i = 1; i <= count; i++)
		line = line " " user[i]
	return line
}

# by name: an empty first file has no line to count it by
FILENAME == ARGV[1] { kernel[++kernel_rows] = row($4) }
FILENAME == ARGV[2] && FNR > 1 {
	lsmod_rows++
	if (row($4) != kernel[lsmod_rows]) {
		print "lsmod: " row($4) "; kernel: " kernel[lsmod_rows]
		wrong = 1
	}
}
END { exit wrong || kernel_rows != lsmod_rows }

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""sandbox.py UNITS: the units are confined: systemd-analyze's exposure level of each is below its limit."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '../lib'))
from need import need  # noqa: E402

# modules-load runs the administrator's `install` commands, which need most of what the level counts.
LIMITS = {'kmodctl-static-nodes.service': 3.0, 'kmodctl-modules-load.service': 7.0}


def exposure(unit):
    text = subprocess.run(['systemd-analyze', 'security', '--no-pager', '--offline=true', unit], check=True,
                          capture_output=True, text=True).stdout
    return float(re.search(r'Overall exposure level for .*: ([0-9.]+) ', text)[1])


def directives(unit):
    """The text behind each NAME=, joined where a name is repeated."""
    found = {}
    with open(unit) as lines:
        for line in lines:
            name, equals, value = line.rstrip('\n').partition('=')
            if equals and not line.startswith('#'):
                found[name] = f'{found.get(name, "")} {value}'.strip()
    return found


def breaks_boot(name, found):
    """Options that lower the level and would stop the unit from doing its work."""
    if found.get('ProtectKernelModules') == 'yes':
        yield 'ProtectKernelModules= hides /lib/modules'
    if found.get('PrivateTmp') == 'yes':
        yield 'PrivateTmp= orders the unit behind systemd-tmpfiles-setup.service, which is behind the unit'
    if name == 'kmodctl-modules-load.service':
        for option in ('ProtectSystem', 'ProtectHome', 'PrivateDevices', 'PrivateMounts', 'ProtectKernelTunables'):
            if option in found:
                yield f'{option}= makes a mount namespace: what an install command mounts there would be lost'


def main():
    need('systemd-analyze')
    passed = failed = 0
    for name, limit in LIMITS.items():
        unit = f'{sys.argv[1]}/{name}'
        level = exposure(unit)
        faults = [f'exposure {level}, limit {limit}'] if level >= limit else []
        faults += breaks_boot(name, directives(unit))
        for fault in faults:
            print(f'{name}: {fault}')
        print(f'{"not ok" if faults else "ok"} - {name}: exposure {level}, below {limit}')
        passed += not faults
        failed += bool(faults)
    print(f'{passed} passed, {failed} failed')
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())

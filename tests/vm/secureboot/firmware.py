# SPDX-License-Identifier: MIT
"""A machine with UEFI firmware: OVMF -> shim -> GRUB -> Debian's signed kernel, its variables kept between boots."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time

from machine import COMMAND_LINE, follow

OVMF = '/usr/share/OVMF'
CODE = f'{OVMF}/OVMF_CODE_4M.secboot.fd'
TEMPLATES = {'microsoft': f'{OVMF}/OVMF_VARS_4M.ms.fd', 'empty': f'{OVMF}/OVMF_VARS_4M.fd'}
SHIM = '/usr/lib/shim'
GRUB = '/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'
NEEDS = ('/usr/share/OVMF/OVMF_CODE_4M.secboot.fd', '/usr/share/OVMF/OVMF_VARS_4M.ms.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd',
         '/usr/lib/shim/shimx64.efi.signed', '/usr/lib/shim/mmx64.efi.signed',
         '/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed', 'sfdisk', 'mformat', 'mmd', 'mcopy')
F_SETPIPE_SZ = 1031
START = 1 << 20  # of the EFI system partition


def run(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


class Variables:
    """The firmware's variable store, a file. QEMU locks and writes it."""

    def __init__(self, path, template):
        """template: one of TEMPLATES, or the path of another store."""
        self.path = path
        self.journal = None   # what the system on this machine keeps of its requests over a reboot
        shutil.copyfile(TEMPLATES.get(template, template), path)


def make_disk(image, kernel_image, initramfs, append, shim):
    """A raw disk with one EFI system partition: shim as the default loader, with GRUB and MokManager beside it; or GRUB alone."""
    size = max(64, (os.path.getsize(kernel_image) + os.path.getsize(initramfs) + (20 << 20)) >> 20)
    with open(image, 'wb') as disk:
        disk.truncate((size + 2) << 20)
    run(shutil.which('sfdisk', path=f'{os.environ["PATH"]}:/usr/sbin:/sbin'), '-q', image, input=b'label: gpt\nstart=2048, size=%d, type=U, name=ESP\n' % (size * 2048))
    partition = f'{image}@@{START}'
    run('mformat', '-i', partition, '-T', str(size * 2048), '-h', '64', '-s', '32', '-F', '-v', 'ESP', '::')
    run('mmd', '-i', partition, '::/EFI', '::/EFI/BOOT', '::/EFI/debian')
    loaders = ((f'{SHIM}/shimx64.efi.signed', 'BOOT/BOOTX64.EFI'), (GRUB, 'BOOT/grubx64.efi'),
               (f'{SHIM}/mmx64.efi.signed', 'BOOT/mmx64.efi'))
    for source, target in loaders if shim else ((GRUB, 'BOOT/BOOTX64.EFI'),):
        run('mcopy', '-i', partition, source, f'::/EFI/{target}')
    # Under Secure Boot, GRUB starts a kernel without the handover protocol only as the EFI program that it is as well.
    config = (f'echo GRUB-STARTED\nif linux /vmlinuz {COMMAND_LINE} {append}; then initrd /initrd.cpio\n'
              f'else chainloader /vmlinuz {COMMAND_LINE} {append} initrd=/initrd.cpio\nfi\nboot\n')
    run('mcopy', '-i', partition, '-', '::/EFI/debian/grub.cfg', input=config.encode())
    run('mcopy', '-i', partition, kernel_image, '::/vmlinuz')
    run('mcopy', '-i', partition, initramfs, '::/initrd.cpio')


class SecureMachine:
    """One boot. console: see mokmanager.Console. It is reached through pipes that hold more than the firmware ever
    prints: QEMU drops what a reader does not take in time, and a socket is full after some hundred single bytes."""

    def __init__(self, kernel_image, initramfs, variables, append='', shim=True):
        self._kernel_image, self._initramfs, self._variables = kernel_image, initramfs, variables
        self._append, self._shim = append, shim

    def run(self, logs, timeout, on_line, console):
        """Calls on_line with each line of ttyS1. False when it had to be stopped after timeout seconds."""
        with tempfile.TemporaryDirectory(prefix='kmodctl-sb-') as work:
            packed, disk = f'{work}/initrd.cpio', f'{work}/disk.img'
            with open(packed, 'wb') as out:
                self._initramfs.write(out)
            make_disk(disk, self._kernel_image, packed, self._append, self._shim)
            return self._run(work, disk, logs, timeout, on_line, console)

    def _command(self, work, disk, serial):
        return [
            'qemu-system-x86_64', '-accel', 'tcg', '-machine', 'q35,smm=on', '-m', '1024',
            '-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none', '-no-reboot', '-nic', 'none',
            '-global', 'driver=cfi.pflash01,property=secure,value=on', '-global', 'ICH9-LPC.disable_s3=1',
            '-drive', f'if=pflash,unit=0,format=raw,readonly=on,file={CODE}',
            '-drive', f'if=pflash,unit=1,format=raw,file={self._variables.path}',
            '-drive', f'if=none,id=d0,format=raw,file={disk}', '-device', 'virtio-blk-pci,drive=d0,bootindex=0',
            '-chardev', f'pipe,id=con,path={work}/console', '-serial', 'chardev:con',
            '-serial', f'file:{serial}',
        ]

    def _run(self, work, disk, logs, timeout, on_line, console):
        serial = f'{logs}.serial'
        open(serial, 'w').close()
        screen, keyboard = open_pipe(f'{work}/console.out'), open_pipe(f'{work}/console.in')
        console.attach(screen, keyboard, f'{logs}.console')
        with open(f'{logs}.qemu', 'w') as errors:
            qemu = subprocess.Popen(self._command(work, disk, serial), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        try:
            return self._follow(qemu, serial, time.monotonic() + timeout, on_line, console)
        finally:
            qemu.kill()
            qemu.wait()
            console.detach()
            os.close(screen)
            os.close(keyboard)

    @staticmethod
    def _follow(qemu, serial, deadline, on_line, console):
        """As machine.follow(), with the console's screens answered in between."""
        class Stepping:
            @staticmethod
            def poll():
                console.step()
                return 0 if console.gave_up else qemu.poll()
        return follow(serial, Stepping, deadline, on_line)


def open_pipe(path):
    """Open at both ends, so that neither side waits for the other or sees an end."""
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(descriptor, F_SETPIPE_SZ, 1 << 20)
    return descriptor

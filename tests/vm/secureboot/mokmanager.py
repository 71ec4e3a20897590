# SPDX-License-Identifier: MIT
"""The serial console of a UEFI boot: always drained (QEMU drops what nobody reads), and MokManager answered over it."""

import re
import threading
import time

from secureboot.screen import Screen

DOWN, UP, RETURN = b'\x1b[B', b'\x1b[A', b'\r'
ALWAYS_THERE = ('Continue boot', 'Enroll key from disk', 'Enroll hash from disk')  # every other entry is a request
FATAL = (b'Access Denied', b'bad shim signature', b'Kernel panic', b'Security Violation')
SILENCE = 0.4   # seconds after which a screen counts as complete


class Console:
    """password: confirm whatever MokManager is asked for; None: leave it alone."""

    def __init__(self, password=None):
        self._password = password
        self._screen, self._lock = Screen(), threading.Lock()
        self._last, self._seen, self._bytes = time.monotonic(), -1, 0
        self._grub = self._failed = False
        self._prompts = 0
        self._tail = b''
        self.events = []
        self.came_up = False    # MokManager
        self.confirmed = False  # and was left by its Reboot
        self.gave_up = False

    def attach(self, sock, log):
        self._socket = sock
        self._reader = threading.Thread(target=self._read, args=(log,), daemon=True)
        self._reader.start()

    def detach(self):
        self._socket.close()
        self._reader.join(5)

    def _read(self, log):
        with open(log, 'wb') as out:
            while True:
                try:
                    data = self._socket.recv(65536)
                except OSError:
                    return
                if not data:
                    return
                out.write(data)
                out.flush()
                with self._lock:
                    self._screen.feed(data)
                    self._last = time.monotonic()
                    self._bytes += len(data)
                    self._tail = (self._tail + data)[-8192:]

    def _key(self, key):
        try:
            self._socket.sendall(key)
        except OSError:
            pass

    def step(self):
        """Answers one complete screen, if there is a new one."""
        with self._lock:
            quiet = time.monotonic() - self._last >= SILENCE
            fatal = [word for word in FATAL if word in self._tail]
            self._grub = self._grub or b'GRUB-STARTED' in self._tail
            text, menu, count = self._screen.text(), self._screen.menu(), self._bytes
        if fatal and quiet:
            self.events.append(f'console: {fatal[0].decode()}')
            self.gave_up = True
        if quiet and not self._grub and count != self._seen:
            self._seen = count
            self._answer(text, menu)

    def _answer(self, text, menu):
        names = [name for name, _ in menu]
        if 'Press any key to perform MOK management' in text and not menu:
            self.came_up = True
            if self._password:
                self._key(RETURN)
        elif not self._password:
            return
        elif 'Continue boot' in names:
            requests = [name for name in names if name not in ALWAYS_THERE]
            self._choose(requests[0] if requests and not self._failed else 'Continue boot')
        elif 'Reboot' in names:
            self.confirmed = not self._failed
            self._choose('Reboot')
        elif 'Continue' in names:
            self._choose('Continue')
        elif 'Yes' in names:
            self.events.append('asked: ' + ' '.join(l for l in text.splitlines() if not set(l) & set('\xb3\xc4')))
            self._choose('Yes')
        elif 'OK' in names:
            self._failed = self._failed or 'Failed' in text
            self._choose('OK')
        else:
            self._answer_prompt(text)

    def _answer_prompt(self, text):
        character = re.search(r'[Ee]nter password character (?:at position )?\D*(\d+)', text)
        self._prompts += 1
        if self._prompts > 12:
            self.gave_up = True
        elif character:
            self._key(self._password[int(character[1]) - 1].encode())
            self._key(RETURN)
        elif re.search('[Pp]assword', text):
            for letter in self._password:
                self._key(letter.encode())
                time.sleep(0.05)
            self._key(RETURN)

    def _choose(self, wanted):
        """Moves the selection, reading back where it is after each key."""
        for _ in range(20):
            with self._lock:
                menu = self._screen.menu()
            names = [name for name, _ in menu]
            selected = [i for i, (_, on) in enumerate(menu) if on]
            if wanted not in names or len(selected) != 1:
                self.events.append(f'menu not understood: {menu}')
                return
            if names[selected[0]] == wanted:
                self.events.append(f'chose "{wanted}" of {names}')
                self._key(RETURN)
                return
            self._key(DOWN if names.index(wanted) > selected[0] else UP)
            self._settle()

    def _settle(self):
        time.sleep(0.1)
        end = time.monotonic() + 10
        while time.monotonic() < end and time.monotonic() - self._last < SILENCE:
            time.sleep(0.05)

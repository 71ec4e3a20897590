# SPDX-License-Identifier: MIT
"""The serial console of a UEFI boot, and MokManager answered over it."""

import os
import re
import time

from secureboot.screen import Screen

DOWN, UP, RETURN = b'\x1b[B', b'\x1b[A', b'\r'
ALWAYS_THERE = ('Continue boot', 'Reboot', 'Enroll key from disk', 'Enroll hash from disk')  # every other entry is a request
ANY_KEY = 'Press any key to perform MOK management'   # with a countdown
FATAL = (b'Access Denied', b'bad shim signature', b'Kernel panic', b'Security Violation')
SILENCE = 0.4   # seconds after which a screen counts as complete
PATIENCE = 15   # seconds after which an answer that changed nothing counts as lost


class Console:
    """password: confirm whatever MokManager is asked for; refuse: leave it by its menu; neither: press no key."""

    def __init__(self, password=None, refuse=False):
        self._password, self._refuse = password, refuse
        self._chosen = set()
        self._screen = Screen()
        self._last, self._seen, self._bytes = time.monotonic(), -1, 0
        self._grub = self._failed = False
        self._answered, self._answered_at = None, 0
        self._prompts = 0
        self._tail = b''
        self.events = []
        self.came_up = False    # MokManager
        self.counted_down = False
        self.confirmed = 0      # requests answered before it was left by its Reboot
        self.gave_up = False

    def attach(self, screen, keyboard, log):
        """screen, keyboard: descriptors to read from without waiting, and to write to."""
        self._pipe, self._keyboard = screen, keyboard
        self._log = open(log, 'wb')

    def detach(self):
        self._read()
        self._log.close()

    def _read(self):
        try:
            data = os.read(self._pipe, 1 << 20)
        except BlockingIOError:
            return
        self._log.write(data)
        self._log.flush()
        self._screen.feed(data)
        self._last = time.monotonic()
        self._bytes += len(data)
        self._tail = (self._tail + data)[-8192:]

    def _key(self, key):
        os.write(self._keyboard, key)

    def step(self):
        """Answers one complete screen, if there is a new one."""
        self._read()
        quiet = time.monotonic() - self._last >= SILENCE
        fatal = [word for word in FATAL if word in self._tail]
        self._grub = self._grub or b'GRUB-STARTED' in self._tail
        text, menu, count = self._screen.text(), self._screen.menu(), self._bytes
        if fatal and quiet:
            self.events.append(f'console: {fatal[0].decode()}')
            self.gave_up = True
        if quiet and not self._grub and count != self._seen and self._is_new(text, menu):
            self._seen = count
            self._answer(text, menu)

    def _is_new(self, text, menu):
        """A busy machine pauses while it draws: what comes then still belongs to a menu that has its answer."""
        screen, now = [name for name, _ in menu] or (ANY_KEY if ANY_KEY in text else text), time.monotonic()
        if screen == self._answered and now - self._answered_at < PATIENCE:
            return False
        self._answered, self._answered_at = screen, now
        return True

    def _answer(self, text, menu):
        names = [name for name, _ in menu]
        if ANY_KEY in text and not menu:
            self.came_up = self.counted_down = True
            if self._password or self._refuse:
                self._key(RETURN)
        elif self._refuse and 'Continue boot' in names:
            self._choose('Continue boot')
        elif not self._password:
            return
        elif 'Continue boot' in names or 'Reboot' in names:
            self._answer_menu(names)
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

    def _answer_menu(self, names):
        """The next request, or the way out: "Reboot" once something was changed."""
        self.came_up = True
        requests = [name for name in names if name not in ALWAYS_THERE and name not in self._chosen]
        if requests and not self._failed:
            if self._choose(requests[0]):
                self._chosen.add(requests[0])
        elif 'Reboot' in names:
            self.confirmed = 0 if self._failed else len(self._chosen)
            self._choose('Reboot')
        else:
            self._choose('Continue boot')

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
        """Moves the selection, reading back where it is after each key. True: there, and the entry is chosen."""
        for _ in range(20):
            menu = self._screen.menu()
            names = [name for name, _ in menu]
            selected = [i for i, (_, on) in enumerate(menu) if on]
            if wanted not in names or len(selected) != 1:
                self.events.append(f'menu not understood: {menu}')
                return False
            if names[selected[0]] == wanted:
                self.events.append(f'chose "{wanted}" of {names}')
                self._key(RETURN)
                return True
            self._key(DOWN if names.index(wanted) > selected[0] else UP)
            self._settle()
        return False

    def _settle(self):
        """Waits for the answer to a key, and until nothing has come any more for a while."""
        before, end = self._bytes, time.monotonic() + 20
        while time.monotonic() < end and (self._bytes == before or time.monotonic() - self._last < SILENCE):
            time.sleep(0.05)
            self._read()

# SPDX-License-Identifier: MIT
"""Just enough of a terminal for the firmware's console: cursor moves, clearing, background colour."""

import re

ESCAPE = re.compile(rb'\x1b\[([0-9;?=]*)([A-Za-z])')
BLACK = 40   # the background of the selected line of a menu; the others are blue


class Screen:
    ROWS, COLUMNS = 60, 160

    def __init__(self):
        self._pending = b''
        self._background = BLACK
        self._clear()

    def _clear(self):
        self._text = [[' '] * self.COLUMNS for _ in range(self.ROWS)]
        self._colour = [[BLACK] * self.COLUMNS for _ in range(self.ROWS)]
        self._row = self._column = 0

    def feed(self, data):
        data, self._pending = self._pending + data, b''
        at = 0
        while at < len(data):
            if data[at] != 0x1b:
                self._put(data[at])
                at += 1
                continue
            match = ESCAPE.match(data, at)
            if match:
                self._escape(match[1], match[2])
                at = match.end()
            elif len(data) - at < 16 and (len(data) - at == 1 or data[at + 1] == 0x5b):
                self._pending = data[at:]   # the rest of the sequence is still to come
                return
            else:
                at += 1

    def _escape(self, parameters, kind):
        numbers = [int(n) for n in re.findall(rb'\d+', parameters)]
        if kind in b'Hf':
            self._row = numbers[0] - 1 if numbers else 0
            self._column = numbers[1] - 1 if len(numbers) > 1 else 0
        elif kind == b'J':
            self._clear()
        elif kind == b'm':
            for n in numbers or [0]:
                if n == 0 or 40 <= n <= 47:
                    self._background = n or BLACK

    def _put(self, byte):
        if byte == 13:
            self._column = 0
        elif byte == 10:
            self._row += 1
            if self._row >= self.ROWS:
                self._text = self._text[1:] + [[' '] * self.COLUMNS]
                self._colour = self._colour[1:] + [[BLACK] * self.COLUMNS]
                self._row = self.ROWS - 1
        elif byte == 8:
            self._column = max(0, self._column - 1)
        elif byte >= 32:
            if 0 <= self._row < self.ROWS and 0 <= self._column < self.COLUMNS:
                self._text[self._row][self._column] = chr(byte)
                self._colour[self._row][self._column] = self._background
            self._column += 1

    def text(self):
        """Without frames and empty lines."""
        lines = (''.join(line).strip(' |\xb3') for line in self._text)
        return '\n'.join(l for l in lines if l and not re.fullmatch(r'[\xda\xc4\xbf\xc0\xd9+-]+', l))

    def menu(self):
        """[(text, selected)] of the innermost box; frames are PC line characters."""
        for row in range(self.ROWS - 1, -1, -1):
            top = re.search('.\xda(\xc4+)\xbf', ''.join(self._text[row]))
            if top:
                return self._box(row + 1, top.start() + 1, top.end() - 1)
        return []

    def _box(self, row, left, right):
        lines = []
        while row < self.ROWS and self._text[row][left] == self._text[row][right] == '\xb3':
            lines.append((''.join(self._text[row][left + 1:right]).strip(), self._colour[row][left + 1] == BLACK))
            row += 1
        return lines

# SPDX-License-Identifier: MIT
"""Chromium without a screen, driven over the pipe of its DevTools: messages are JSON, each ends in a NUL."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = "chromium-headless-shell"
LIMIT = 60  # seconds for an answer; the machine may be busy


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="kmodctl-browser-")
        down, self.into = os.pipe()
        self.out, up = os.pipe()

        def pipes():
            # not onto one another: 3 and 4 may be among them
            a, b = os.dup2(down, 100), os.dup2(up, 101)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={self.profile}"],
            preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(down)
        os.close(up)
        self.number, self.pending, self.events, self.session = 0, b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Network", "Log", "Runtime":
            self.call(f"{domain}.enable")

    def message(self, until):
        while b"\0" not in self.pending:
            if not select.select([self.out], [], [], max(0, until - time.monotonic()))[0]:
                raise SystemExit(f"{PROGRAM} does not answer within {LIMIT} s")
            more = os.read(self.out, 1 << 16)
            if not more:
                raise SystemExit(f"{PROGRAM} ended, status {self.process.wait()}")
            self.pending += more
        line, _, self.pending = self.pending.partition(b"\0")
        return json.loads(line)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.into, json.dumps(request).encode() + b"\0")
        until = time.monotonic() + LIMIT
        while True:
            answer = self.message(until)
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                raise SystemExit(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def wait(self, method):
        until = time.monotonic() + LIMIT
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.message(until))

    def open(self, path):
        """Loads the file. The requests that it made, and what the browser complained of."""
        self.events = []
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.wait("Page.loadEventFired")
        requests = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        complaints = [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded"]
        return requests, complaints

    def show(self, width, scheme="light", media=""):
        """The page that is loaded, in another window."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")
        if self.evaluate("innerWidth") != width:
            raise SystemExit(f"the window is not {width} pixels wide")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def picture(self, path):
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                          clip={**self.size(), "x": 0, "y": 0, "scale": 1})
        path.write_bytes(base64.b64decode(image["data"]))

    def size(self):
        return self.evaluate("({width: innerWidth, height: document.documentElement.scrollHeight})")

    def close(self):
        self.session = None
        try:
            self.call("Browser.close")
        except (SystemExit, OSError):
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

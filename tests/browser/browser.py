"""A browser as a person's phone: Chromium behind chromedriver, over HTTP (W3C WebDriver)."""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request

PHONE = {"width": 390, "height": 844, "pixelRatio": 2.0, "mobile": True}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """One window, with the size of a phone. Every request for anything but a page is a fault."""

    def __init__(self, dark=False):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        port = None
        for line in self.driver.stdout:
            if "successfully on port" in line:
                port = line.rstrip().rstrip(".").rsplit(" ", 1)[1]
                break
        self.base = f"http://127.0.0.1:{port}"
        args = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=es-MX"]
        if dark:
            args.append("--force-dark-mode")
        options = {"args": args, "mobileEmulation": {"deviceMetrics": PHONE}}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        self.wanted = {"capabilities": {"alwaysMatch": wanted}}

    def __enter__(self):
        try:
            told = self.call("POST", "/session", self.wanted)
        except BaseException:
            self.stop()
            raise
        self.session = f"/session/{told['sessionId']}"
        return self

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()[:600]}") from error

    def open(self, url):
        self.call("POST", f"{self.session}/url", {"url": url})

    def run(self, script, *args):
        return self.call("POST", f"{self.session}/execute/sync", {"script": script, "args": args})

    def run_async(self, script):
        return self.call("POST", f"{self.session}/execute/async", {"script": script, "args": []})

    def find(self, css):
        found = self.call(
            "POST", f"{self.session}/element", {"using": "css selector", "value": css}
        )
        return found[ELEMENT]

    def count(self, css):
        return self.run("return document.querySelectorAll(arguments[0]).length", css)

    def click(self, css):
        self.call("POST", f"{self.session}/element/{self.find(css)}/click", {})

    def type(self, css, text):
        path = f"{self.session}/element/{self.find(css)}/value"
        self.call("POST", path, {"text": text})

    def keys(self, *keys):
        """Presses keys, one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        body = {"actions": [{"type": "key", "id": "k", "actions": actions}]}
        self.call("POST", f"{self.session}/actions", body)

    def submit(self):
        """Presses the one button, and waits for the page that follows."""
        self.leaves(lambda: self.click("button"))

    def leaves(self, act):
        """Does what leads to another page, and waits until that one is there."""
        self.run("window.left = false")
        act()
        for _ in range(100):
            if self.run("return window.left === undefined && document.readyState === 'complete'"):
                return
            time.sleep(0.05)
        raise AssertionError(f"no other page came after «{self.title()}»")

    def text(self):
        return self.run("return document.body.innerText")

    def title(self):
        return self.run("return document.querySelector('h1').innerText")

    def picture(self, path):
        """The whole page, however long."""
        height = self.run("return document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": PHONE["width"], "height": height, "scale": 1}
        told = self.call(
            "POST",
            f"{self.session}/goog/cdp/execute",
            {
                "cmd": "Page.captureScreenshot",
                "params": {"clip": clip, "captureBeyondViewport": True},
            },
        )
        path.write_bytes(base64.b64decode(told["data"]))

    def complaints(self):
        """What the browser wrote to its console: refused styles, scripts, loads. That a page came with
        a status of its own, such as 410, is none, nor that there is no favicon."""
        log = self.call("POST", f"{self.session}/se/log", {"type": "browser"})
        said = [entry["message"] for entry in log]
        own = ("favicon", "the server responded with a status of 4")
        return [it for it in said if not any(word in it for word in own)]

    def requested(self):
        """Every address that was asked for since the last call."""
        log = self.call("POST", f"{self.session}/se/log", {"type": "performance"})
        sent = [json.loads(entry["message"])["message"] for entry in log]
        sent = [it for it in sent if it["method"] == "Network.requestWillBeSent"]
        return [it["params"]["request"]["url"] for it in sent]

    def __exit__(self, *_):
        try:
            self.call("DELETE", self.session)
        finally:
            self.stop()

    def stop(self):
        self.driver.terminate()
        self.driver.wait()

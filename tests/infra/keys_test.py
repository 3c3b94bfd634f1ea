"""infra/keys against an AWS CLI that is made up: a folder of files takes the place of the service."""

import json
import os
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

KEYS = Path(__file__).parents[2] / "infra" / "keys"

# As much of `aws ssm` as the command uses. What it was called with is kept beside the parameters.
AWS = """#!/usr/bin/env python3
import json, os, sys
folder = os.environ["MADE_UP"]
open(folder + "/calls", "a").write(" ".join(sys.argv) + "\\n")
path = lambda name: folder + "/" + name.replace("/", "_")
if sys.argv[2] == "get-parameter":
    name = sys.argv[sys.argv.index("--name") + 1]
    if not os.path.exists(path(name)):
        sys.exit("An error occurred (ParameterNotFound) when calling the GetParameter operation")
    print(json.dumps({"Parameter": json.load(open(path(name)))}))
else:
    told = json.load(sys.stdin)
    if os.path.exists(path(told["Name"])) and not told["Overwrite"]:
        sys.exit("An error occurred (ParameterAlreadyExists)")
    json.dump(told, open(path(told["Name"]), "w"))
    print("{}")
"""


class Keys(unittest.TestCase):
    """Each test has a stack of its own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        aws = Path(self.folder.name) / "aws"
        aws.write_text(AWS)
        aws.chmod(aws.stat().st_mode | stat.S_IEXEC)
        path = f"{self.folder.name}:{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "MADE_UP": self.folder.name}

    def run_keys(self, *arguments):
        command = [str(KEYS), "millora", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )

    def stored(self, purpose):
        path = Path(self.folder.name) / f"_millora_keys_{purpose}"
        told = json.loads(path.read_text())
        self.assertEqual(told["Type"], "SecureString")
        return json.loads(told["Value"])

    def test_create_makes_what_is_missing_and_changes_nothing_else(self):
        self.assertEqual(self.run_keys("create").returncode, 0)
        purposes = ("mail-threading", "action-links", "addresses", "payment-webhook")
        first = {one: self.stored(one) for one in purposes}
        for keys in first.values():
            self.assertEqual([key["id"] for key in keys], [1])
            self.assertEqual(len(bytes.fromhex(keys[0]["key"])), 32)
        self.assertEqual(len({keys[0]["key"] for keys in first.values()}), 4)
        self.assertEqual(self.run_keys("create").returncode, 0)
        self.assertEqual({one: self.stored(one) for one in first}, first)

    def test_a_rotation_keeps_two_keys_in_force(self):
        self.run_keys("create")
        old = self.stored("action-links")[0]
        self.run_keys("add", "action-links")
        added = self.stored("action-links")
        self.assertEqual((added[0], [key["id"] for key in added]), (old, [1, 2]))
        self.assertIn("1 signs, 2 verifies", self.run_keys("list").stdout)
        self.run_keys("promote", "action-links")
        self.assertEqual([key["id"] for key in self.stored("action-links")], [2, 1])
        self.run_keys("retire", "action-links")
        self.assertEqual(self.stored("action-links"), [added[1]])

    def test_what_must_not_be_is_refused(self):
        self.assertIn("run create first", self.run_keys("add", "action-links").stderr)
        self.run_keys("create")
        for arguments, told in [
            (["retire", "action-links"], "the only key stays"),
            (["promote", "action-links"], "no second key"),
            (["add", "addresses"], "never changes"),
            (["add"], "a purpose is named"),
            (["list", "addresses"], "a purpose is named"),
        ]:
            answer = self.run_keys(*arguments)
            self.assertNotEqual(answer.returncode, 0, arguments)
            self.assertIn(told, answer.stderr)
        self.run_keys("add", "action-links")
        self.assertIn("two keys", self.run_keys("add", "action-links").stderr)

    def test_no_key_is_shown_or_passed_as_an_argument(self):
        shown = "".join(
            answer.stdout + answer.stderr
            for answer in (self.run_keys("create"), self.run_keys("add", "action-links"))
        )
        shown += (Path(self.folder.name) / "calls").read_text()
        for key in [*self.stored("action-links"), *self.stored("addresses")]:
            self.assertNotIn(key["key"], shown)


if __name__ == "__main__":
    unittest.main()

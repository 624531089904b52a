"""Has tools of the kind `mcp` carried out by servers made with the protocol's own Python package.

`make interop` runs it, with STOA_BINARY set.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BINARY = os.environ.get("STOA_BINARY")

SERVER = '''
import os
from mcp.server import MCPServer

server = MCPServer("reference")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def words(text: str) -> dict[str, int]:
    """Counts words."""
    return {word: text.split().count(word) for word in text.split()}


@server.tool()
def token() -> str:
    """Tells a secret."""
    return "the token is " + os.environ["EXAMPLE_TOKEN"]


@server.tool()
def fail() -> str:
    raise ValueError("on purpose")


server.run()
'''


@unittest.skipUnless(BINARY, "STOA_BINARY is not set")
class ReferenceServer(unittest.TestCase):
    """`stoa tool test` on tools of a reference server."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(cls.folder.name)
        (root / "server.py").write_text(SERVER)
        command = json.dumps([sys.executable, str(root / "server.py")])
        (root / "settings" / "stoa").mkdir(parents=True)
        (root / "settings" / "stoa" / "config.yaml").write_text(
            f"mcp_servers:\n  reference: {{command: {command}, env: [EXAMPLE_TOKEN]}}\n")
        for name in ("add", "words", "token", "fail", "absent"):
            (root / "tools" / name).mkdir(parents=True)
            (root / "tools" / name / "tool.yaml").write_text(
                f"name: {name}\ndescription: A tool of the reference server.\nkind: mcp\n"
                "parameters: {type: object}\noptions: {server: reference}\n")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def call(self, name, arguments):
        environment = {
            **os.environ, "EXAMPLE_TOKEN": "tok-1234567890", "XDG_CONFIG_HOME": self.folder.name + "/settings"}
        result = subprocess.run(
            [BINARY, "tool", "test", name, "--args", json.dumps(arguments), "--json"], cwd=self.folder.name,
            env=environment, capture_output=True, text=True, timeout=120)
        self.assertTrue(result.stdout, result.stderr)
        self.assertNotIn("tok-1234567890", result.stdout + result.stderr)
        return result.returncode, json.loads(result.stdout)

    def test_structured_values(self):
        self.assertEqual(self.call("add", {"a": 2, "b": 40})[1]["value"], {"result": 42})
        self.assertEqual(self.call("words", {"text": "a b a"})[1]["value"], {"a": 2, "b": 1})

    def test_failures(self):
        for name, arguments in (("fail", {}), ("absent", {}), ("add", {"a": "x"})):
            code, document = self.call(name, arguments)
            self.assertEqual((code, document["status"]), (1, "failed"), name)
            self.assertTrue(document["output"], name)

    def test_secrets(self):
        self.assertEqual(self.call("token", {})[1]["value"], {"result": "the token is [secret]"})


if __name__ == "__main__":
    unittest.main()

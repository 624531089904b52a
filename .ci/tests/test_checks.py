"""The checks must bite: each is run on a small tree with one planted violation, and on a clean one."""
import json
import pathlib
import subprocess
import tempfile
import unittest

CI = pathlib.Path(__file__).resolve().parent.parent


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.targets = []

    def target(self, name, depends=(), products=(), kind="regular"):
        entries = [{"byName": [other, None]} for other in depends]
        entries += [{"product": [product, "somewhere", None, None]} for product in products]
        self.targets.append({"name": name, "type": kind, "dependencies": entries})

    def write(self, path, text):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def layers(self):
        manifest = self.root / "package.json"
        manifest.write_text(json.dumps({"targets": self.targets}))
        return subprocess.run(
            [CI / "check-layers", "--root", self.root, "--manifest", manifest], capture_output=True, text=True)

    def bans(self, **changes):
        rules = json.loads((CI / "bans.json").read_text())
        rules["long_files"] = {}
        for ban in rules["bans"]:
            ban.pop("allow", None)
        for key, value in changes.items():
            rules[key] = value
        place = self.root / "rules.json"
        place.write_text(json.dumps(rules))
        return subprocess.run(
            [CI / "check-bans", "--root", self.root, "--rules", place], capture_output=True, text=True)


class Layers(Tree):
    def test_declared_and_transitive_imports_pass(self):
        self.target("StoaCore", ["CStoaPlatform"], ["OrderedCollections"])
        self.target("CStoaPlatform")
        self.target("StoaText", ["StoaCore"])
        self.write("Sources/StoaText/A.swift", "private import CStoaPlatform\npublic import StoaCore\nimport Glibc\n")
        self.write("Sources/StoaCore/A.swift", "public import struct OrderedCollections.OrderedSet\n")
        result = self.layers()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_an_undeclared_import_fails(self):
        self.target("StoaCore")
        self.target("StoaText", ["StoaCore"])
        self.target("StoaTensor", ["StoaCore"])
        self.write("Sources/StoaText/A.swift", "@preconcurrency internal import StoaTensor\n")
        result = self.layers()
        self.assertEqual(result.returncode, 1)
        self.assertIn("Sources/StoaText/A.swift:1: imports StoaTensor, which target StoaText does not declare", result.stdout)

    def test_an_import_in_a_string_is_none(self):
        self.target("StoaText")
        self.write("Sources/StoaText/A.swift", 'let script = """\n  import shutil\n  """\n')
        self.assertEqual(self.layers().returncode, 0)

    def test_a_product_of_a_dependency_must_be_declared_by_its_user(self):
        self.target("StoaCore", [], ["OrderedCollections"])
        self.target("StoaText", ["StoaCore"])
        self.write("Sources/StoaText/A.swift", "import OrderedCollections\n")
        self.assertIn("imports OrderedCollections", self.layers().stdout)

    def test_a_dependency_that_the_layer_forbids_fails(self):
        self.target("StoaCore")
        self.target("StoaModel", ["StoaCore"])
        self.target("StoaRuntime", ["StoaCore", "StoaModel"])
        result = self.layers()
        self.assertEqual(result.returncode, 1)
        self.assertIn("target StoaRuntime depends on StoaModel", result.stdout)

    def test_a_product_that_the_layer_forbids_fails(self):
        self.target("StoaCore", [], ["AsyncHTTPClient"])
        self.assertIn("the product AsyncHTTPClient", self.layers().stdout)

    def test_a_dependency_upwards_fails_even_where_everything_may_be_imported(self):
        self.target("StoaCLI", ["stoa"])
        self.target("stoa", [], kind="executable")
        self.assertIn("dependencies point downwards only", self.layers().stdout)

    def test_a_target_without_a_layer_fails(self):
        self.target("StoaNovelty")
        self.assertIn("target StoaNovelty has no entry", self.layers().stdout)

    def test_foundation_in_a_library_fails_and_in_a_test_passes(self):
        self.target("StoaCore")
        self.target("StoaCoreTests", ["StoaCore"], kind="test")
        self.write("Sources/StoaCore/A.swift", "import Foundation\n")
        self.write("Tests/StoaCoreTests/A.swift", "import Foundation\nimport Testing\n")
        result = self.layers()
        self.assertEqual(result.stdout.count("imports Foundation"), 1, result.stdout)


class Bans(Tree):
    PLANTED = {
        "Date()": "let now = Date()",
        "UUID()": "let id = UUID()",
        ".random(": "let x = Int.random(in: 0..<3)",
        "system random": "var g = SystemRandomNumberGenerator()",
        "wall clock": "let clock = ContinuousClock()",
        "Task.detached": "Task.detached { }",
        "unstructured task": "let work = Task { await go() }",
        "try!": "let x = try! f()",
        "fatalError": "fatalError()",
        "print(": "    print(x)",
        "URLSession": "let session = URLSession.shared",
        "blocking sleep": "usleep(5)",
        "sleep in a test": "try await Task.sleep(for: .seconds(1))",
        ".hashValue": "let h = key.hashValue",
        "unbounded stream": "let (s, c) = AsyncStream<Int>.makeStream()",
        "assumeIsolated": "actor.assumeIsolated { }",
    }

    def test_each_ban_bites(self):
        names = {ban["name"] for ban in json.loads((CI / "bans.json").read_text())["bans"]}
        self.assertEqual(names, set(self.PLANTED), "every ban has a planted violation")
        for name, line in self.PLANTED.items():
            with self.subTest(name):
                self.write("Sources/StoaCore/A.swift", line + "\n")
                result = self.bans()
                self.assertEqual(result.returncode, 1, result.stdout)
                self.assertIn(f"Sources/StoaCore/A.swift:1: {name}:", result.stdout)

    def test_comments_and_strings_are_not_code(self):
        self.write(
            "Sources/StoaCore/A.swift",
            '// Date() is banned\nlet s = "try! print(fatalError())"\n/* Date()\n UUID() */\n'
            'let t = """\n  Task.detached\n  """\n/// `Task { }`\n')
        result = self.bans()
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_an_unstructured_task_with_a_named_owner_passes(self):
        self.write("Sources/StoaCore/A.swift", "// Owned by the lane, which awaits it.\nlet work = Task { await go() }\n")
        self.assertEqual(self.bans().returncode, 0)

    def test_a_long_file_fails_and_an_excepted_one_passes(self):
        self.write("Sources/StoaCore/A.swift", "let x = 1\n" * 601)
        self.assertIn("601 lines, the limit is 600", self.bans().stdout)
        self.assertEqual(self.bans(long_files={"Sources/StoaCore/A.swift": "a table"}).returncode, 0)

    def test_unchecked_sendable_is_fenced_reasoned_and_counted(self):
        use = "final class Box: @unchecked Sendable {}\n"
        self.write("Sources/StoaCore/A.swift", "// Reason.\n" + use)
        self.assertIn("@unchecked Sendable outside", self.bans().stdout)
        self.write("Sources/StoaCore/A.swift", "")
        self.write("Sources/StoaTensor/A.swift", use)
        self.assertIn("without a reason", self.bans().stdout)
        self.write("Sources/StoaTensor/A.swift", ("// Reason.\n" + use) * 13)
        self.assertIn("13 uses, the ceiling is 12", self.bans().stdout)
        self.write("Sources/StoaTensor/A.swift", "// Reason.\n" + use)
        self.assertEqual(self.bans().returncode, 0)

    def test_an_exception_that_matches_nothing_fails(self):
        self.write("Sources/StoaCore/A.swift", "let x = 1\n")
        result = self.bans(long_files={"Sources/StoaCore/A.swift": "was long once"})
        self.assertIn("remove it", result.stdout)


if __name__ == "__main__":
    unittest.main()

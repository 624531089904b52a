"""Runs of the `stoa` program, and what their journals say: shared by the scripts of this folder."""

import base64
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = REPOSITORY / ".build" / "release" / "stoa"


class Stoa:
    """The program with a journal of its own, which goes when the object is closed."""

    def __init__(self, binary=BINARY, model=None, threads=None):
        self.binary = pathlib.Path(binary)
        if not self.binary.exists():
            raise SystemExit(f"{self.binary} is not there: swift build -c release, or name another with --stoa")
        self.model, self.threads = model, threads
        self.folder = tempfile.mkdtemp(prefix="stoa-latent-")
        self.journal = os.path.join(self.folder, "journal.sqlite")

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def forget(self):
        """Starts a new journal: latents are large, and nobody reads old runs."""
        for name in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, name))

    def call(self, *arguments: str, timeout: float = 600, accept=(0,)) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [str(self.binary), *arguments], capture_output=True, text=True, timeout=timeout, cwd=REPOSITORY
        )
        if done.returncode not in accept:
            raise RuntimeError(f"stoa {' '.join(arguments[:3])} … ended with {done.returncode}: {done.stderr[-1500:]}")
        return done

    def run(self, playbook: str, parameters: dict, seed: int = 0, precision: str | None = None) -> dict:
        """A run's result document. A run that reached a limit has one too."""
        command = ["run", playbook, "--json", "--quiet", "--stream", "none", "--journal", self.journal]
        command += ["--seed", str(seed)]
        for name, value in parameters.items():
            command += ["-P", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
        if self.model:
            command += ["--model", self.model]
        if self.threads:
            command += ["--threads", str(self.threads)]
        if precision:
            command += ["--precision", precision]
        return json.loads(self.call(*command, accept=(0, 4)).stdout)

    def bench(self, *arguments: str, precision: str | None = None) -> dict:
        command = ["bench", "latent", "--json", "--quiet", *arguments]
        if self.model:
            command += ["--model", self.model]
        if self.threads:
            command += ["--threads", str(self.threads)]
        if precision:
            command += ["--precision", precision]
        return json.loads(self.call(*command).stdout)

    def calls(self, run: str) -> list[dict]:
        """The model calls of a run, in the order of their ends: `{node, effect, messages, prompt_tokens, …}`."""
        # Not splitlines: texts may hold other characters that it takes for the end of a line.
        lines = self.call("log", "export", run, "--journal", self.journal).stdout.split("\n")
        return model_calls([json.loads(line) for line in lines if line])


def model_calls(lines: list[dict]) -> list[dict]:
    """What an export says of model calls, contents resolved."""
    blobs = {}
    intents, calls = {}, []
    for line in lines:
        if blob := line.get("blob"):
            blobs[blob["sha256"]] = base64.b64decode(blob["base64"])
            continue
        event = line.get("event")
        if not event:
            continue
        logical = event["logical"]
        payload, key = logical["payload"], logical["key"]
        # The key of an event is its effect's, a stroke, and what happened to the effect.
        effect, _, kind = key.rpartition("/")
        if kind == "effect_intended" and payload.get("effect") in ("model", "think"):
            intents[effect] = payload
        elif kind == "effect_completed" and effect in intents:
            intent = intents[effect]
            call = {"key": effect, "actor": logical["actor"], "intent": intent, "result": payload}
            call["messages"] = [json.loads(m) for m in chain(intent["messages"], blobs)]
            if reference := payload.get("prompt_tokens"):
                call["prompt_tokens"] = tokens(reference, blobs)
            if reference := payload.get("tokens"):
                call["tokens"] = tokens(reference, blobs)
            if reference := payload.get("vectors"):
                call["vectors"] = vectors(reference, blobs)
            calls.append(call)
    return calls


def chain(reference: dict, blobs: dict) -> list[bytes]:
    """The contents of a chain of blobs, each of which begins with the digest of the one before it."""
    contents, digest = [], reference["blob"]
    while int(digest, 16) != 0:
        blob = blobs[digest]
        contents.append(blob[32:])
        digest = blob[:32].hex()
    return contents[::-1]


def tokens(reference: dict, blobs: dict) -> list[int]:
    return [id for block in chain(reference, blobs) for (id,) in struct.iter_unpack("<i", block)]


def vectors(reference: dict, blobs: dict) -> list[list[float]]:
    data, count = blobs[reference["blob"]], reference["count"]
    if count == 0:
        return []
    width = len(data) // 4 // count
    numbers = struct.unpack(f"<{width * count}f", data)
    return [list(numbers[row * width : (row + 1) * width]) for row in range(count)]

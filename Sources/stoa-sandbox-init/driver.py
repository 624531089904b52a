"""Runs untrusted cells in one Python process, behind walls that stand before the first of them is read.

Descriptors: 3 brings requests, 4 takes answers, each `{u32 length, 16 bytes nonce, JSON}`. Whatever this process says is
what the code inside said: times, limits and ends are the supervisor's to tell.
"""

import sys

sys.path[:] = [entry for entry in sys.path if entry.startswith("/") and entry != "/stoa"]
sys.path.append("/packages")

import ast
import builtins
import codecs
import errno
import io
import os
import signal
import types
from json import JSONDecoder, JSONEncoder

STRICT = sys.argv[1] == "strict"
PRELOAD = [name for name in sys.argv[2].split(",") if name]
SECRETS = sys.argv[3].split(":")
REQUESTS, ANSWERS = 3, 4


# Walls


def install_filter(path):
    """Puts the inner filter in force for this process and every thread it will have."""
    import ctypes

    with open(path, "rb") as file:
        program = file.read()

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    argument = Program(len(program) // 8, program)
    # prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER): no thread exists yet that it could miss.
    if libc.prctl(22, 2, ctypes.byref(argument), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the inner system-call filter")


def denied(action):
    """Whether an action fails as it must."""
    try:
        action()
    except OSError:
        return True
    return False


def fork_denied():
    try:
        child = os.fork()
    except OSError:
        return True
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return not STRICT


def probe():
    """Tries the ways out that every sandbox must have closed. The host starts nothing unless all are."""
    import fcntl
    import _socket

    return {
        "host_files": not any(os.path.lexists(path) for path in SECRETS),
        "read_only": denied(lambda: os.open("/stoa-probe", os.O_WRONLY | os.O_CREAT)),
        "fork": fork_denied(),
        "socket": denied(lambda: _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)),
        "process_1": denied(lambda: os.open("/proc/1/mem", os.O_RDWR)),
        "terminal": denied(lambda: fcntl.ioctl(0, 0x5412, b"x")),
        "environment": set(os.environ) <= ENVIRONMENT,
        "user": os.getuid() == os.geteuid() != 0 and denied(lambda: os.setuid(0)),
    }


ENVIRONMENT = {
    "PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "PYTHONHASHSEED", "PYTHONSAFEPATH", "PYTHONUTF8",
    "PYTHONDONTWRITEBYTECODE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX",
}  # fmt: skip


# Frames

encode = JSONEncoder(ensure_ascii=True).encode
encode_value = JSONEncoder(ensure_ascii=False, allow_nan=False).encode
decode = JSONDecoder().decode
read, write = os.read, os.write


def read_exactly(count):
    parts = []
    while count > 0:
        part = read(REQUESTS, count)
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def receive():
    length = int.from_bytes(read_exactly(4), "little")
    return read_exactly(16), decode(read_exactly(length).decode())


def send(nonce, document):
    payload = encode(document).encode()
    frame = len(payload).to_bytes(4, "little") + nonce + payload
    while frame:
        frame = frame[write(ANSWERS, frame) :]


# Texts


def replace_surrogates(error):
    # Bytes: the encoder takes no text from here that is not ASCII.
    return "\ufffd".encode() * (error.end - error.start), error.end


codecs.register_error("stoa", replace_surrogates)


def clipped(text, limit):
    """At most so many bytes of valid UTF-8: the start, a marker and the end."""
    data = text.encode("utf-8", "stoa")
    if len(data) <= limit:
        return data.decode(), False
    marker = f"\n... {len(data)} bytes in all ...\n".encode()
    if len(marker) >= limit:
        return data[:limit].decode("utf-8", "ignore"), True
    keep = limit - len(marker)
    start, end = data[: keep - keep // 2], data[len(data) - keep // 2 :]
    return (start.decode("utf-8", "ignore") + marker.decode() + end.decode("utf-8", "ignore")), True


# Cells


class CellTimeout(BaseException):
    """The cell's time is up; what it has computed stays."""


def written(value):
    """An answer as text: what `str` says, and of floats all that tells them apart."""
    if isinstance(value, float):
        return float.__repr__(value)
    return str(value)


class FinalAnswer:
    """What `final_answer` is in a session that offers it: the way to say an answer that is not printing it."""

    def __init__(self):
        self.limit = 0
        self.text = None

        def final_answer(answer):
            """Says that this is the answer. Of several answers in one cell, the last one counts."""
            text = written(answer)
            size = len(text.encode("utf-8", "stoa"))
            if size > self.limit:
                raise ValueError(f"final_answer: expected an answer of at most {self.limit} bytes, found {size}")
            self.text = text
            return answer

        self.function = final_answer


class Cells:
    def __init__(self):
        self.module = types.ModuleType("__main__")
        self.module.__builtins__ = builtins
        self.running = False
        self.expired = False
        self.count = 0
        self.sources = {}
        self.final = None

    def on_alarm(self, number, frame):
        if self.running:
            self.expired = True
            raise CellTimeout("the cell's time is up")

    def seed(self, seed):
        import random

        random.seed(seed)
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            numpy.random.seed(seed % 2**32)

    def run(self, request):
        if self.count == 0:
            sys.modules["__main__"] = self.module
            self.seed(request["seed"])
            # What the site module would have brought, and programs rely on.
            builtins.exit = builtins.quit = sys.exit
            if request["once"]:
                self.module.__file__ = "/work/" + request["name"]
            if request["module"] != "__main__":
                self.module.__name__ = request["module"]
                sys.modules[request["module"]] = self.module
            if request["final_answer"]:
                self.final = FinalAnswer()
                self.module.final_answer = self.final.function
        self.count += 1
        if self.final is not None:
            self.final.text, self.final.limit = None, request["value_bytes"]
        answer = {"value": None, "value_cut": False, "exception": None, "timeout": False, "limit": None, "code": None}
        answer.update(answer=None, answer_replaced=False)
        signal.signal(signal.SIGALRM, self.on_alarm)
        try:
            self.running, self.expired = True, False
            signal.setitimer(signal.ITIMER_REAL, request["soft_seconds"])
            try:
                if request["call"] is not None:
                    answer["value"], answer["value_cut"] = self.call(request["call"], request["value_bytes"])
                else:
                    value = self.execute(request["code"], request["name"])
                    if value is not None:
                        answer["value"], answer["value_cut"] = clipped(repr(value), request["value_bytes"])
                if request["once"]:
                    self.end_as_script()
            finally:
                self.running = False
                signal.setitimer(signal.ITIMER_REAL, 0)
        except CellTimeout:
            answer["timeout"] = True
        except BaseException as error:
            self.describe(error, answer)
        if self.final is not None:
            # Taken at the end of the cell, so that what another function of this name was given is none.
            answer["answer"] = self.final.text
            answer["answer_replaced"] = self.module.__dict__.get("final_answer") is not self.final.function
        self.flush()
        answer["peak_rss_kb"] = peak_rss()
        return answer

    def execute(self, code, name):
        # For tracebacks; the oldest are forgotten.
        self.sources[name] = code
        if len(self.sources) > 100:
            del self.sources[next(iter(self.sources))]
        tree = compile(code, name, "exec", ast.PyCF_ONLY_AST)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        namespace = self.module.__dict__
        if tree.body or last is None:
            exec(compile(tree, name, "exec"), namespace)
        if last is None:
            return None
        return eval(compile(ast.Expression(last.value), name, "eval"), namespace)

    def call(self, call, limit):
        """Calls a function of the module; what it returns as JSON."""
        name = call["function"]
        function = self.module.__dict__.get(name)
        if not callable(function):
            raise NameError(f"there is no function {name}")
        value = function(**call["arguments"])
        try:
            text = encode_value(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise TypeError(f"{name} returned what JSON cannot say: {error}") from None
        return clipped(text, limit)

    def end_as_script(self):
        """What the interpreter does at the end of a program: waits for threads, then calls what asked to be called."""
        threading = sys.modules.get("threading")
        if threading is not None:
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()
        import atexit

        atexit._run_exitfuncs()
        # It prints what such a call raises, the end of time included.
        if self.expired:
            raise CellTimeout

    def describe(self, error, answer):
        kind = type(error)
        if isinstance(error, SystemExit):
            code = error.code
            answer["code"] = 0 if code is None else code & 255 if isinstance(code, int) else 1
            if code is not None and not isinstance(code, int):
                try:
                    print(code, file=sys.stderr)
                except BaseException:
                    pass
        if isinstance(error, MemoryError):
            answer["limit"] = "memory"
        elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EMFILE, errno.EDQUOT):
            answer["limit"] = "files"
        try:
            message = str(error)
        except BaseException:
            message = "<the exception's text cannot be made>"
        answer["exception"] = {
            "type": clipped(kind.__name__, 256)[0],
            "message": clipped(message, 4096)[0],
            "traceback": clipped(self.traceback(error), 4096)[0],
        }

    def traceback(self, error):
        try:
            import linecache
            import traceback

            for name, code in self.sources.items():
                linecache.cache[name] = (len(code), None, code.splitlines(True), name)
            described = traceback.TracebackException(type(error), error, error.__traceback__, limit=-20)
            part = described
            while part is not None:
                # The driver's own frames are nobody's business.
                own = [frame for frame in part.stack if frame.filename != __file__]
                part.stack = traceback.StackSummary.from_list(own)
                part = part.__cause__ or part.__context__
            return "".join(described.format())
        except BaseException:
            return ""

    def flush(self):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:
                pass


def peak_rss():
    try:
        return PEAK(0).ru_maxrss
    except BaseException:
        return 0


def open_streams():
    """Text streams that take every string: a lone surrogate is printed as U+FFFD rather than being an error."""
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "r", False)), "utf-8", "replace")
    # Buffers of 64 KiB: a loop of prints is one system call per page rather than per line.
    out = io.BufferedWriter(io.FileIO(1, "w", False), 65536)
    sys.stdout = sys.__stdout__ = io.TextIOWrapper(out, "utf-8", "stoa", write_through=False)
    error = io.BufferedWriter(io.FileIO(2, "w", False), 8192)
    sys.stderr = sys.__stderr__ = io.TextIOWrapper(error, "utf-8", "stoa", line_buffering=True)
    sys.__stdin__ = sys.stdin


def main():
    global PEAK
    import resource
    import random

    PEAK = resource.getrusage
    open_streams()
    if STRICT:
        install_filter("/stoa/filter")
    ready = {"python": sys.version.split()[0], "probes": probe(), "packages": {}, "missing": []}
    for name in PRELOAD:
        try:
            ready["packages"][name] = str(getattr(__import__(name), "__version__", ""))
        except ImportError as error:
            ready["missing"].append(f"{name}: {error}")
    if "numpy" in sys.modules:
        import numpy.random
    # What was probed for is nobody's business.
    sys.argv, sys.orig_argv = [""], []
    # Threads start small: their stacks count against the address space.
    import _thread

    _thread.stack_size(1 << 20)
    cells = Cells()
    send(bytes(16), ready)
    while True:
        nonce, request = receive()
        send(nonce, cells.run(request))


main()

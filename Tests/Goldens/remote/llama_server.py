"""Serves a GGUF model with llama.cpp's own HTTP server on a free port of 127.0.0.1, for the tests of StoaRemote.

Usage: llama_server.py MODEL [KEY]. Prints the address as the first line of standard output that begins with "http", and
ends when its standard input does, so it never outlives the test that started it.
"""

import os
import sys

import xllamacpp


def main() -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_ctx = 1024
    parameters.n_parallel = 2
    parameters.cpuparams.n_threads = 2
    parameters.cpuparams_batch.n_threads = 2
    parameters.verbosity = -1
    if len(sys.argv) > 2:
        parameters.api_keys = [sys.argv[2]]
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.buffer.read()
    # Without llama.cpp's own way out, which waits for connections.
    os._exit(0)


main()

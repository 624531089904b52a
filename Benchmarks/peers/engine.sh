#!/usr/bin/env bash
# Stoa's engine beside its peers: the same file, the same threads, alternating.
#
#   Benchmarks/peers/engine.sh [--stoa PATH] [--model FILE.gguf] [any option of compare.py]
#
# Sets the peers up first where they are missing. Default binary: .build/release/stoa; default model: what
# `stoa model path smollm2-135m` says. Leave the machine alone meanwhile.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
stoa=$repository/.build/release/stoa
model=
rest=()
while [ $# -gt 0 ]; do
    case "$1" in
        --stoa) stoa=${2:?--stoa needs a path}; shift 2 ;;
        --model) model=${2:?--model needs a path}; shift 2 ;;
        *) rest+=("$1"); shift ;;
    esac
done
if [ ! -x "$stoa" ]; then
    echo "engine.sh: no binary at $stoa; build it with: swift build -c release" >&2
    exit 1
fi
if [ -z "$model" ]; then
    model=$("$stoa" model path smollm2-135m)
fi

setup_options=()
case " ${rest[*]-} " in
    *" --peers "*transformers*) ;;
    *" --peers "*) setup_options=(--llama-only) ;;
esac
python=$("$here/setup" "${setup_options[@]}")
exec "$python" "$here/compare.py" --stoa "$stoa" --model "$model" "${rest[@]}"

"""Writes the goldens of StoaText's tokenizers with the PyPI package `tokenizers`.

Usage:
  generate.py small                        the small vocabularies (*.tokenizer.json) and their goldens
  generate.py splits                       split points and normal forms over all scalars (splits.json, nfc.json)
  generate.py real FOLDER                  goldens of SmolLM2 and Gemma 3, from the GGUF files in FOLDER
  generate.py random FOLDER OUT COUNT SEED COUNT random texts for the same models, written to OUT; not committed

The last two need the package `gguf`.
"""

import hashlib
import json
import pathlib
import random
import struct
import sys
import unicodedata

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
CORPUS = (HERE / "corpus.txt").read_text(encoding="utf-8").split("\n%%\n")

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")


def byte_level(pattern):
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


PRE = {
    "smollm": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    ),
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    "llama-bpe": byte_level(LLAMA3),
    "qwen2": byte_level(QWEN2),
}

# Texts

PARTS = (
    "'s 'S 'ſ 'll 'LL 'lL 're 'Re 'vE 'm 'D 't don't I'LL 1 12 1234567890 ½ ² Ⅷ ٣ १२ 𝟘 a the of hello Hello é e\u0301 "
    "한국어 각 ㄱ \u1100\u1161\u11a8 日本語 中文 русский العربية עברית ไทย हिन्दी 👩‍👩‍👧‍👦 🇩🇪 👍🏽 ! !! ... ?! < | > "
    "<|im_start|> <|im_end|> <|im_ end|> <|begin_of_text|> <bos> <eos> <start_of_turn> <end_of_turn> <table> </h1> "
    "▁ ▁▁ ▁the <0x41> <0x0A> \ufeff \ufffd \U0010ffff ſ \u212a \u212b \u2126 ß ﬁ \u0345 \u0300 \u0334 \u0f71\u0f72 "
    "def return int(i=0;i<n;i++){ 3.14 {\"a\": http://a.b/c?d=e aaaa zzzzzz AAAA ---- ==== <unused5> [multimodal] _ "
    "__init__ \u0958 \u0929 \u09dc \U0001d15e \U00011938 \U00016ff4 \U00011de3"
).split(" ") + [" ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\t\t", "\u00a0", "\u3000", "\u2028", "\x85", "\x0b"]
PARTS += [" the", " of", " world", "\x00", "\x01", "\x04", "\x7f", "\u200b", "\u200d", "#### 12"]


def scalars(rng, count, end):
    return "".join(chr(c) for c in (rng.randrange(end) for _ in range(count)) if not 0xD800 <= c < 0xE000)


def random_text(rng):
    kind, count = rng.random(), rng.randint(1, 24)
    if kind < 0.45:
        return "".join(rng.choice(PARTS) for _ in range(count))
    if kind < 0.6:
        return "".join(rng.choice(PARTS) if rng.random() < 0.6 else chr(rng.randrange(32, 127)) for _ in range(count))
    if kind < 0.7:
        return scalars(rng, count, 0x110000)
    if kind < 0.8:
        return scalars(rng, count, 0x3000)
    if kind < 0.9:
        return scalars(rng, 3 * count, 0x80)
    if kind < 0.95:
        return rng.choice(PARTS) * count
    return "".join(rng.choice("ab \n\t1'sS.") for _ in range(6 * count))


def texts():
    rng = random.Random(20261123)
    out = ["", " ", "\n", "a", "\x00", "\U0010ffff"] + CORPUS
    out += [unicodedata.normalize("NFD", text) for text in CORPUS if unicodedata.normalize("NFD", text) != text]
    out += [text.replace(" ", "  ") for text in CORPUS[:6]] + [text.upper() for text in CORPUS[:6]]
    out += ["a" * 300, " " * 300, "\n" * 100, "7" * 100, "é" * 70, "👍" * 40, " \n" * 50, "\t" * 70, "=" * 200]
    out += [random_text(rng) for _ in range(250)]
    return out


# Goldens


def write_cases(path, reference, inputs, seed):
    reference.encode_special_tokens = False
    parsed = [e.ids for e in reference.encode_batch(inputs, add_special_tokens=False)]
    reference.encode_special_tokens = True
    ignored = [e.ids for e in reference.encode_batch(inputs, add_special_tokens=False)]
    rng = random.Random(seed)
    size = reference.get_vocab_size()
    decoded = []
    for _ in range(150):
        ids = [rng.randrange(min(size, rng.choice([300, size]))) for _ in range(rng.randint(1, 10))]
        decoded.append([ids, reference.decode(ids, skip_special_tokens=True)])
    lines = [json.dumps([t, a, None if a == b else b], separators=(",", ":")) for t, a, b in zip(inputs, parsed, ignored)]
    more = [json.dumps(case, separators=(",", ":")) for case in decoded]
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"tokenizers":"%s",\n"encode":[\n' % tokenizers.__version__)
        file.write(",\n".join(lines) + '\n],\n"decode":[\n' + ",\n".join(more) + "\n]}\n")


def words():
    """What the small vocabularies are trained on."""
    return CORPUS + [text.lower() for text in CORPUS]


def small_byte_level(name, bos):
    tokenizer = Tokenizer(models.BPE(ignore_merges=name == "llama-bpe"))
    if name == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = PRE[name]
    tokenizer.decoder = decoders.ByteLevel()
    specials = {
        "qwen2": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        "llama-bpe": ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"],
        "gpt-2": ["<|endoftext|>"],
    }[name]
    trainer = trainers.BpeTrainer(
        vocab_size=1400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, min_frequency=2
    )
    tokenizer.train_from_iterator(words(), trainer)
    # As in the published files, the protocol's tokens come after the model's vocabulary.
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in specials])
    tokenizer.add_tokens([AddedToken("<tool_call>", normalized=False, special=False)])
    if bos:
        tokenizer.post_processor = processors.Sequence(
            [
                processors.ByteLevel(trim_offsets=False),
                processors.TemplateProcessing(
                    single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, tokenizer.token_to_id(bos))]
                ),
            ]
        )
    return tokenizer


def scored_merges(vocabulary, scores):
    """The merges that follow from scores, in the order in which the `transformers` package lists them."""
    merges = []
    for piece, score in scores.items():
        local = []
        for cut in range(1, len(piece)):
            left, right = piece[:cut], piece[cut:]
            if left in vocabulary and right in vocabulary:
                local.append((left, right, score))
        merges += sorted(local, key=lambda item: (vocabulary[item[0]], vocabulary[item[1]]))
    merges.sort(key=lambda item: (item[2], len(item[0]), len(item[1])), reverse=True)
    return [(left, right) for left, right, _ in merges]


def sentence_piece(tokens, kinds, scores):
    """The reference for a SentencePiece vocabulary in GGUF's terms; control tokens are kind 3, user-defined 4."""
    vocabulary = {token: id for id, token in enumerate(tokens)}
    merges = scored_merges(vocabulary, dict(zip(tokens, scores)))
    tokenizer = Tokenizer(
        models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    for kind, special in ((3, True), (4, False)):
        added = [AddedToken(t, normalized=False, special=special) for t, k in zip(tokens, kinds) if k == kind]
        (tokenizer.add_special_tokens if special else tokenizer.add_tokens)(added)
    return tokenizer


def small_sentence_piece():
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Replace(" ", "▁")
    trained.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    trained.train_from_iterator(
        [text for text in words() if text.isascii()],
        trainers.BpeTrainer(vocab_size=900, show_progress=False, min_frequency=2),
    )
    learned = sorted(trained.get_vocab().items(), key=lambda item: item[1])
    merged = [t for t, _ in learned if len(t) > 1 and "\n" not in t and t != "<table>"]
    characters = [t for t, _ in learned if len(t) == 1 and t not in "\n\t@"]
    tokens = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    kinds = [3] * len(tokens)
    tokens += ["\n" * n for n in range(1, 5)] + [" " * n for n in range(2, 6)] + ["<table>"]
    kinds += [4] * 9
    tokens += [f"<0x{byte:02X}>" for byte in range(256)]
    kinds += [6] * 256
    tokens += merged + characters
    kinds += [1] * (len(tokens) - len(kinds))
    # Some pieces share a score, so that the order among equals is tested.
    scores = [-1000.0] * 15 + [0.0] * 256 + [-float(i // 3) for i in range(len(tokens) - 271)]
    return sentence_piece(tokens, kinds, scores), tokens, kinds, scores


def small():
    for name, bos in (("qwen2", None), ("llama-bpe", "<|begin_of_text|>"), ("gpt-2", None)):
        tokenizer = small_byte_level(name, bos)
        tokenizer.save(str(HERE / f"{name}.tokenizer.json"), pretty=False)
        write_cases(HERE / f"{name}.golden.json", tokenizer, texts(), 1)
    tokenizer, tokens, kinds, scores = small_sentence_piece()
    tokenizer.save(str(HERE / "sentencepiece.tokenizer.json"), pretty=False)
    write_cases(HERE / "sentencepiece.golden.json", tokenizer, texts(), 2)
    # The same with a space before every text, as Llama 2 has it.
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    write_cases(HERE / "sentencepiece-prefix.golden.json", tokenizer, texts()[::3], 5)
    with open(HERE / "sentencepiece.vocabulary.json", "w", encoding="utf-8") as file:
        json.dump({"tokens": tokens, "types": kinds, "scores": scores}, file, separators=(",", ":"))
        file.write("\n")


# Real vocabularies


def gguf_fields(path):
    import gguf

    fields = gguf.GGUFReader(path).fields
    return lambda key: fields["tokenizer.ggml." + key].contents()


def smollm2(folder):
    field = gguf_fields(f"{folder}/SmolLM2-135M-Instruct.Q4_1.gguf")
    tokens, kinds = field("tokens"), field("token_type")
    merges = [tuple(merge.split(" ")) for merge in field("merges")]
    tokenizer = Tokenizer(models.BPE({token: id for id, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = PRE["smollm"]
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t, k in zip(tokens, kinds) if k == 3])
    return tokenizer


def gemma3(folder):
    field = gguf_fields(f"{folder}/gemma-3-270m-q4_k_m.gguf")
    return sentence_piece(field("tokens"), field("token_type"), field("scores"))


def real(folder):
    write_cases(HERE / "smollm2.golden.json", smollm2(folder), texts(), 3)
    write_cases(HERE / "gemma3.golden.json", gemma3(folder), texts(), 4)


def random_cases(folder, out, count, seed):
    rng = random.Random(int(seed))
    inputs = [random_text(rng) for _ in range(int(count))]
    write_cases(f"{out}/smollm2.golden.json", smollm2(folder), inputs, int(seed))
    write_cases(f"{out}/gemma3.golden.json", gemma3(folder), inputs, int(seed))


# All scalars


def block_text(block, size):
    contexts = []
    for c in range(block * size, (block + 1) * size):
        if not 0xD800 <= c < 0xE000:
            s = chr(c)
            contexts.append(f"a{s}b {s}x '{s} '{s}e'r{s}1{s}2\n{s}\n!{s}! {s}{s}  {s}")
    return "".join(contexts)


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def splits():
    size = 4096
    out = {"tokenizers": tokenizers.__version__, "block": size}
    for name, pre in PRE.items():
        hashes = []
        for block in range(0x110000 // size):
            # A byte-level piece has one character per byte.
            lengths = [len(piece) for piece, _ in pre.pre_tokenize_str(block_text(block, size))]
            hashes.append(digest(struct.pack(f"<{len(lengths)}I", *lengths)))
        out[name] = hashes
    with open(HERE / "splits.json", "w", encoding="utf-8") as file:
        json.dump(out, file, indent=0)
        file.write("\n")
    nfc()


def mix(state):
    """SplitMix64, which the test runs too."""
    mask = (1 << 64) - 1
    state = (state + 0x9E3779B97F4A7C15) & mask
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return state, z ^ (z >> 31)


def nfc():
    """Every scalar between marks, then random sequences of the scalars that normalisation can touch."""
    normalize = normalizers.NFC().normalize_str
    size = 4096
    hashes, touched = [], []
    for block in range(0x110000 // size):
        out = []
        for c in range(block * size, (block + 1) * size):
            if 0xD800 <= c < 0xE000:
                continue
            s = chr(c)
            out.append(normalize(f"e{s}\u0301{s}\u0323x\u0345{s}"))
            if unicodedata.normalize("NFD", s) != s or unicodedata.combining(s) or 0x1100 <= c < 0x1200:
                touched.append(c)
        hashes.append(digest("".join(out).encode()))
    touched = [c for c in touched if not 0xAC00 <= c < 0xD7A4] + list(range(0xAC00, 0xAC40)) + [0x41, 0x65]
    runs = []
    for c in sorted(touched):
        if runs and runs[-1][0] + runs[-1][1] == c:
            runs[-1][1] += 1
        else:
            runs.append([c, 1])
    pool = [c for start, length in runs for c in range(start, start + length)]
    state, out = 7, []
    for _ in range(20000):
        state, n = mix(state)
        sequence = []
        for _ in range(1 + n % 8):
            state, value = mix(state)
            sequence.append(chr(pool[value % len(pool)]))
        out.append(normalize("".join(sequence)))
    result = {
        "tokenizers": tokenizers.__version__,
        "block": size,
        "scalars": hashes,
        "pool": runs,
        "random": digest("\n".join(out).encode()),
    }
    with open(HERE / "nfc.json", "w", encoding="utf-8") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    {"small": small, "splits": splits, "real": real, "random": random_cases}[sys.argv[1]](*sys.argv[2:])

// Writes numbers.json and documents.json: how ECMAScript, and so RFC 8785, writes numbers and documents.
//
// Usage: node generate.mjs   (version in README.md)

import { writeFileSync } from "node:fs";

const view = new DataView(new ArrayBuffer(8));

function fromBits(bits) {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function toBits(number) {
  view.setFloat64(0, number);
  return view.getBigUint64(0);
}

// A small generator of our own (SplitMix64), so that the file does not change from run to run.
let state = 20260301n;
function random() {
  state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
  return z ^ (z >> 31n);
}

const numbers = new Set();
function add(number) {
  if (Number.isFinite(number)) numbers.add(toBits(number));
}

for (const number of [0, -0, 1, -1, 0.1, 1e21, 1e20, 123456789012345680000, 5e-324, 1.7976931348623157e308]) add(number);
for (let exponent = -1074; exponent <= 1023; exponent += 3) add(2 ** exponent);
for (let exponent = -324; exponent <= 308; exponent++) {
  const bits = toBits(Number(`1e${exponent}`));
  for (const step of [-1n, 0n, 1n]) if (bits + step >= 0n) add(fromBits(bits + step));
}
for (const base of [2 ** 53, 1e15, 1e16, 1e17, 1e21, 1e-6, 1e-7, 2 ** 63, 2 ** 64]) {
  for (let step = -3n; step <= 3n; step++) add(-fromBits(toBits(base) + step));
}
for (let count = 0; count < 800; count++) add(fromBits(random()));
for (let count = 0; count < 400; count++) add(Number(random() % 2000001n - 1000000n) / 1000);

const rows = [...numbers].map((bits) => [bits.toString(16).padStart(16, "0"), String(fromBits(bits))]);
writeFileSync(
  new URL("numbers.json", import.meta.url),
  "[\n" + rows.map((row) => JSON.stringify(row)).join(",\n") + "\n]\n",
);

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  // The default order of sort() is that of UTF-16 code units.
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

const characters = [
  "\u0000", "\u0007", "\b", "\t", "\n", "\u000b", "\f", "\r", "\u001f", " ", "\"", "/", "\\", "a", "Z", "\u007f", "\u0080",
  "\u00f6", "\u2028", "\u20ac", "\ud7ff", "\ue000", "\ufb33", "\uffff", "\u{10000}", "\u{1f600}", "\u{10ffff}",
];
function text() {
  let result = "";
  for (let left = random() % 6n; left > 0n; left--) result += characters[Number(random() % BigInt(characters.length))];
  return result;
}
function document(depth) {
  switch (Number(random() % (depth > 0 ? 8n : 5n))) {
    case 0: return null;
    case 1: return random() % 2n === 0n;
    case 2: return Number(random() % 2000001n - 1000000n) / 1000;
    case 3: return Number(random() % 2001n - 1000n);
    case 4: return text();
    case 5: return Array.from({ length: Number(random() % 4n) }, () => document(depth - 1));
    default: {
      const result = {};
      for (let left = random() % 8n; left > 0n; left--) result["k" + text()] = document(depth - 1);
      return result;
    }
  }
}
const documents = Array.from({ length: 200 }, () => document(4));
// An array of pairs of strings: a document as written, and its canonical form.
writeFileSync(
  new URL("documents.json", import.meta.url),
  "[\n"
    + documents.map((value) => JSON.stringify([JSON.stringify(value, null, 1), canonical(value)])).join(",\n") + "\n]\n",
);

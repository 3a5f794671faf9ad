"""Writes src/tokenizer/unicode-tables.ts: what the reference knows of each code point.

The reference (Rust `tokenizers`) takes its Unicode data from crates of several ages: general categories from
`unicode_categories` (Unicode 8 or so), decompositions and combining classes from `unicode-normalization-alignments`,
lower case and white space from Rust's own library. No engine's tables equal that mixture, so every code point is asked
of the reference itself.

    /work/py/venv/bin/python test/golden/tokenizer/unicode_tables.py && npx biome format --write src/tokenizer
"""

import base64
from pathlib import Path

import tokenizers
from tokenizers import normalizers, pre_tokenizers

OUT = Path(__file__).parents[3] / "src/tokenizer/unicode-tables.ts"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
HANGUL = range(0xAC00, 0xD7A4)


def bert(**on):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **on}).normalize_str


def between(function, code):
    """What becomes of one code point between two letters that nothing changes."""
    result = function(f"a{chr(code)}a")
    assert result[0] == result[-1] == "a", (hex(code), result)
    return [ord(c) for c in result[1:-1]]


CLEAN, CHINESE, STRIP, LOWER = bert(clean_text=True), bert(handle_chinese_chars=True), bert(strip_accents=True), bert(lowercase=True)
NFD = normalizers.NFD().normalize_str
PRE = pre_tokenizers.BertPreTokenizer().pre_tokenize_str


def probe():
    removed, spaces, punctuation, marks, chinese = [], [], [], [], []
    decomposition, lower = {}, {}
    for code in CODE_POINTS:
        pieces = [piece for piece, _ in PRE(f"a{chr(code)}a")]
        if len(pieces) == 2:
            spaces.append(code)
        elif len(pieces) == 3:
            punctuation.append(code)
        cleaned = between(CLEAN, code)
        if not cleaned:
            removed.append(code)
        else:
            assert cleaned == ([32] if code in spaces else [code]), hex(code)
        if len(between(CHINESE, code)) == 3:
            chinese.append(code)
        decomposed = between(NFD, code)
        if decomposed != [code]:
            decomposition[code] = decomposed
        elif not between(STRIP, code):
            marks.append(code)
        lowered = between(LOWER, code)
        if lowered != [code]:
            lower[code] = lowered
    return removed, spaces, punctuation, marks, chinese, decomposition, lower


def combining_classes(decomposition):
    """Canonical combining classes, found by the order in which NFD puts two marks (classes 1 to 254)."""
    swaps = lambda first, second: NFD(f"a{chr(first)}{chr(second)}") != f"a{chr(first)}{chr(second)}"
    low, high = 0x334, 0x345  # classes 1 and 240 in every version of Unicode
    marks = [c for c in CODE_POINTS if c not in decomposition and (swaps(high, c) or swaps(c, low))]
    marks += [c for c in CODE_POINTS if c not in decomposition and c not in set(marks) and swaps(c, 0x323)]
    # Classes are only compared with each other, so their order is all that counts; ranks stand for them.
    ranks, representatives = {}, []
    import functools

    for mark in sorted(set(marks) | {low}, key=functools.cmp_to_key(lambda a, b: swaps(a, b) - swaps(b, a))):
        if not representatives or swaps(mark, representatives[-1]) or swaps(representatives[-1], mark):
            representatives.append(mark)
        ranks[mark] = len(representatives)
    for mark, rank in ranks.items():  # the sort relied on the order being transitive
        for other, representative in enumerate(representatives, 1):
            assert swaps(mark, representative) == (rank > other) and swaps(representative, mark) == (other > rank)
    return ranks


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def zigzag(number):
    return number * 2 if number >= 0 else -number * 2 - 1


def ranges(codes, value=lambda code: 1):
    runs = []
    for code in sorted(codes):
        if runs and runs[-1][1] == code and runs[-1][2] == value(code):
            runs[-1][1] = code + 1
        else:
            runs.append([code, code + 1, value(code)])
    return runs


def pack_ranges(runs, with_value=False):
    out, last = b"", 0
    for start, end, value in runs:
        out += varint(start - last) + varint(end - start) + (varint(value) if with_value else b"")
        last = end
    return base64.b64encode(out).decode()


def pack_mapping(mapping):
    out, last = b"", 0
    for code in sorted(mapping):
        target = mapping[code]
        out += varint(code - last) + varint(len(target)) + b"".join(varint(zigzag(t - code)) for t in target)
        last = code
    return base64.b64encode(out).decode()


def main():
    removed, spaces, punctuation, marks, chinese, decomposition, lower = probe()
    ranks = combining_classes(decomposition)
    for code in HANGUL:  # arithmetic (Unicode 3.12), so not in the table
        index = code - 0xAC00
        jamo = [0x1100 + index // 588, 0x1161 + index % 588 // 28] + ([0x11A7 + index % 28] if index % 28 else [])
        assert decomposition.pop(code) == jamo
    for code, target in decomposition.items():
        first = next((i for i, c in enumerate(target) if c in ranks), len(target))
        assert all(c in ranks for c in target[first:]), f"a starter after a mark in {code:x}"
        assert not any(c in decomposition for c in target)
    tables = {
        "REMOVED": ("Removed by clean-up: NUL, U+FFFD and the categories Cc, Cf, Co.", pack_ranges(ranges(removed))),
        "WHITE_SPACE": ("White space.", pack_ranges(ranges(spaces))),
        "PUNCTUATION": ("Punctuation, and the ASCII signs that BERT counts as such.", pack_ranges(ranges(punctuation))),
        "CHINESE": ("CJK ideographs that get spaces around them.", pack_ranges(ranges(chinese))),
        "MARKS": ("Non-spacing marks (Mn) that accent stripping removes.", pack_ranges(ranges(marks))),
        "COMBINING": (
            "Ranges with the rank of their canonical combining class: only their order counts.",
            pack_ranges(ranges(ranks, ranks.get), True),
        ),
        "DECOMPOSITION": ("Full canonical decompositions; Hangul syllables are arithmetic and not listed.", pack_mapping(decomposition)),
        "LOWERCASE": ("Lower case of a single code point, without context.", pack_mapping(lower)),
    }
    lines = [
        f"/**",
        f" * Generated by test/golden/tokenizer/unicode_tables.py from tokenizers {tokenizers.__version__}; do not edit.",
        f" *",
        f" * Each table is base64 of LEB128 numbers. Ranges: [gap since the last end, length] and for COMBINING a rank.",
        f" * Mappings: [distance from the last key, count, then zigzag differences from the key].",
        f" */",
    ]
    for name, (comment, data) in tables.items():
        lines += ["", f"/** {comment} */", f"export const {name} =", f"  '{data}'"]
    OUT.write_text("\n".join(lines) + "\n")
    print({name: len(data) for name, (_, data) in tables.items()}, "classes:", max(ranks.values()), "marks:", len(ranks))
    left = [hex(a) + "-" + hex(b - 1) for a, b, _ in ranges([c for c in ranks if c not in set(marks)])]
    print("combining, yet not stripped:", len(left), left)


main()

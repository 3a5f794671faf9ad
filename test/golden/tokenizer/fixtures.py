"""Writes the tokenizer's golden fixtures beside this file.

    /work/py/venv/bin/python test/golden/tokenizer/fixtures.py

pieces.txt        a small cased vocabulary whose tokens include what the uncased one never shows: capitals, accents,
                  marks that survive accent stripping, Hangul, CJK, odd lines (an empty one, a repeated one)
cases.json.gz     the cases [{case…, windows, decoded}] (see reference.py), and [{c, ids, decoded}] for random ids
code-points.json  for some configurations and each group of 4,096 code points: a CRC-32 of ids, starts and ends of the
                  texts that `block_text` makes of them, one text for a block of 256
marks.json        for each combining mark of the reference, its order among others: a CRC-32 likewise
"""

import gzip
import json
import random
import struct
import sys
import zlib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from hard_text import scalar  # noqa: E402

MARKS_LEFT = [*range(0x8D4, 0x8E2), 0x1B44, 0x1BAA, 0x1BF2, 0x1BF3, 0x1DFB, 0x302E, 0x302F, 0xA953, 0xA9C0, 0x111C0, 0x11235, 0x1134D, 0x11442,
              0x11446, 0x116B6, 0x11C3F, 0x1D165, 0x1D166, *range(0x1D16D, 0x1D173), 0x1E000, 0x1E018, 0x1E02A, 0x1E944, 0x1E94A]  # fmt: skip


def pieces():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<pad>", "<unk>", "<s>", "</s>", "<pad>ed", "[unused1]"]
    letters = [chr(c) for c in [*range(0x21, 0x7F), *range(0xA1, 0x180), *range(0x386, 0x3CF), *range(0x400, 0x460)]]
    others = "ßẞıİſ̣̱́̀̂̃̈̌̇·가각힣가각北京豈車𠀀丽한글あがパﾊﾞשׁנּקआन्ंक𐐀𐐨😀👍𝅘𝅥𝔘Ａａ１ﬁﬃǅǆΐΰᾳῼΩÅ≮≠\u0345\u200b\ufe0f\u00ad\u0001\ue000"
    marks = [chr(c) for c in [*MARKS_LEFT, 0x300, 0x301, 0x323, 0x334, 0x345, 0x93C, 0x951, 0x1D15E, 0x1D158, 0x1D157]]
    words = ["the", "The", "Berlin", "##lin", "Ber", "Straße", "##aße", "Str", "un", "##able", "un##", "##", "####", "İs", "##tan", "##bul", "é", "##é",
             "éa", "e\u0301", "##e\u0301", "가각", "##각", "北京", "##京", "ab", "##ab", "##abab", "abab", "😀😀", "##😀", "i̇", "##i̇", "DON", "ma", "##ing", "playing", "n't", "'m", "##'m", "'re", "x do not", "a . b", " ' ", "##.", "ma' "]  # fmt: skip
    tokens = [*special, *words]
    for letter in [*letters, *others, *marks]:
        tokens += [letter, "##" + letter]
    # Odd lines: an empty one, a token again (the later line counts), another one again.
    tokens = list(dict.fromkeys(tokens)) + ["", "the", "##京", "end"]
    return "".join(token + "\n" for token in tokens)


BLOCK = 256
GROUP = 4096


def random_decodes(reference, count=600):
    """Ids as no text gives them: continuations first, special tokens anywhere, numbers that are no id."""
    rng = random.Random(2)
    for index in range(count):
        configuration = rng.choice([0, 7])
        size = reference.tokenizers[configuration].vocab_size
        ids = [rng.randrange(size + 3) if rng.random() < 0.9 else rng.randrange(12) for _ in range(rng.randint(0, 12))]
        yield {"c": configuration, "ids": ids, "decoded": reference.decode(configuration, ids)}


def block_text(block):
    """For each code point of a block: within a word, alone, doubled, and before a capital with an accent."""
    codes = [c for c in range(block * BLOCK, block * BLOCK + BLOCK) if not 0xD800 <= c <= 0xDFFF]
    return "".join(f"a{chr(c)}a {chr(c)} X{chr(c)}{chr(c)}É\n" for c in codes)


def checksum(encoding, text, start=0):
    from reference import utf16_offsets

    to = utf16_offsets(text)
    columns = [encoding.ids, [to[s] for s, _ in encoding.offsets], [to[e] for _, e in encoding.offsets]]
    return zlib.crc32(b"".join(struct.pack(f"<{len(column)}i", *column) for column in columns), start)


# Each step of the normalizer is switched in some of them; the last one sees single marks as tokens.
EXHAUSTIVE = ["uncased", "uncased, accents kept", "cased, accents stripped", "nothing normalized", "pieces, cased, accents stripped"]


def encoder_of(name):
    """A tokenizer of its own, on which no truncation was ever switched on."""
    from reference import CONFIGURATIONS, tokenizer_of

    return tokenizer_of(next(config for config in CONFIGURATIONS if config["name"] == name)).backend_tokenizer.encode


def code_points():
    sums = {}
    for name in EXHAUSTIVE:
        encode = encoder_of(name)
        sums[name] = [0] * (0x110000 // GROUP)
        for block in range(0x110000 // BLOCK):
            text, group = block_text(block), block * BLOCK // GROUP
            sums[name][group] = checksum(encode(text), text, sums[name][group])
    return {"block": BLOCK, "group": GROUP, "sums": sums}


def mark_text(mark):
    """The mark before and after others of every combining class, on a base, on a composed letter, on nothing."""
    others = [0x334, 0x93C, 0x3099, 0x94D, 0x5B0, 0x5B4, 0x5BC, 0x64B, 0x651, 0x670, 0x711, 0xE38, 0xE48, 0xF71, 0xF72, 0xF74, 0x321, 0x1DCE, 0x31B,
              0x302A, 0x316, 0x59A, 0x302E, 0x1D16D, 0x5AE, 0x302B, 0x301, 0x315, 0x35C, 0x35D, 0x345]  # fmt: skip
    m = chr(mark)
    return " ".join(f"a{m}{o}b a{o}{m}b é{m}{o}{m} {o}{m}{o}" for o in map(chr, others))


def marks():
    from tokenizers import normalizers

    nfd = normalizers.NFD().normalize_str
    moves = lambda c: nfd(f"a\u0345{chr(c)}") != f"a\u0345{chr(c)}" or nfd(f"a{chr(c)}\u0334") != f"a{chr(c)}\u0334"
    every = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and len(nfd(chr(c))) == 1 and moves(c)]
    name = "pieces, cased, accents stripped"
    encode = encoder_of(name)
    return {"configuration": name, "sums": {f"{c:x}": checksum(encode(mark_text(c)), mark_text(c)) for c in every}}


def main():
    (HERE / "pieces.txt").write_text(pieces(), newline="\n")
    from cases import fixed_cases
    from reference import CONFIGURATIONS, Reference

    reference = Reference()
    lines = [{**one, **reference.answer(one)} for one in fixed_cases()]
    golden = {"configurations": CONFIGURATIONS, "cases": lines, "decodes": list(random_decodes(reference))}
    packed = gzip.compress(json.dumps(golden, ensure_ascii=True, separators=(",", ":")).encode(), 9, mtime=0)
    (HERE / "cases.json.gz").write_bytes(packed)
    (HERE / "code-points.json").write_text(json.dumps(code_points(), separators=(",", ":")) + "\n")
    (HERE / "marks.json").write_text(json.dumps(marks(), separators=(",", ":")) + "\n")
    refused = sum(line["windows"] is None for line in lines)
    print(len(lines), "cases,", refused, "refused,", len(packed), "bytes")


if __name__ == "__main__":
    assert scalar(0xD800) == chr(0x800)
    main()

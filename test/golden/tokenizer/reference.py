"""The reference: transformers' BertTokenizerFast (Rust `tokenizers`), asked case by case.

A case is {"c": configuration, "a": text, "b": pair or null, "s": add special tokens, "m": maximum length or null,
"t": strategy, "d": direction, "st": stride or null}. Its answer is a list of windows, the overflowing ones after the
first, or null where the reference raises. A window has the columns ids, type ids, starts, ends (UTF-16 code units),
word ids, sequence ids (-1 for none) and the special tokens mask. Texts of decode come after: plain, with clean-up, and
both without special tokens.
"""

from pathlib import Path

from tokenizers import normalizers
from transformers import BertTokenizerFast

ROOT = Path(__file__).parents[3]
UNCASED = ROOT / "assets/models/all-MiniLM-L6-v2/vocab.txt"
PIECES = Path(__file__).parent / "pieces.txt"
CUSTOM = dict(unk="<unk>", cls="<s>", sep="</s>", pad="<pad>", mask="<pad>ed")


def configuration(name, vocab="uncased", lowercase=True, accents=None, clean=True, chinese=True, special=None):
    return dict(name=name, vocab=vocab, lowercase=lowercase, accents=accents, clean=clean, chinese=chinese, special=special)


CONFIGURATIONS = [
    configuration("uncased"),
    configuration("uncased, accents kept", accents=False),
    configuration("cased, accents stripped", lowercase=False, accents=True),
    configuration("cased", lowercase=False),
    configuration("not cleaned", clean=False),
    configuration("CJK together", chinese=False),
    configuration("nothing normalized", lowercase=False, accents=False, clean=False, chinese=False),
    configuration("pieces, cased", "pieces", lowercase=False),
    configuration("pieces, cased, accents stripped", "pieces", lowercase=False, accents=True),
    configuration("pieces, lower case, accents kept, not cleaned", "pieces", accents=False, clean=False),
    configuration("pieces, CJK together, own special tokens", "pieces", chinese=False, special=CUSTOM),
]


def tokenizer_of(config):
    names = {f"{name}_token": token for name, token in (config["special"] or {}).items()}
    tokenizer = BertTokenizerFast(str(UNCASED if config["vocab"] == "uncased" else PIECES), do_lower_case=config["lowercase"], **names)
    backend = tokenizer.backend_tokenizer
    # BertTokenizerFast has no way to switch clean-up off, so its normalizer is put in by hand.
    backend.normalizer = normalizers.BertNormalizer(
        clean_text=config["clean"],
        handle_chinese_chars=config["chinese"],
        strip_accents=config["accents"],
        lowercase=config["lowercase"],
    )
    return tokenizer


def utf16_offsets(text):
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if character > "\uffff" else 1))
    return offsets


def window(encoding, a, b):
    offsets = (utf16_offsets(a), utf16_offsets(b or ""))
    sequences = [-1 if s is None else s for s in encoding.sequence_ids]
    own = [offsets[max(0, s)] for s in sequences]
    return [
        encoding.ids,
        encoding.type_ids,
        [to[start] for to, (start, _) in zip(own, encoding.offsets)],
        [to[end] for to, (_, end) in zip(own, encoding.offsets)],
        [-1 if w is None else w for w in encoding.word_ids],
        sequences,
        encoding.special_tokens_mask,
    ]


class Reference:
    def __init__(self):
        self.tokenizers = [tokenizer_of(config) for config in CONFIGURATIONS]

    def encode(self, case):
        backend = self.tokenizers[case["c"]].backend_tokenizer
        try:
            backend.no_truncation()
            if case["m"] is not None:
                backend.enable_truncation(case["m"], stride=case["st"] or 0, strategy=case["t"], direction=case["d"])
            return backend.encode(case["a"], case["b"], add_special_tokens=case["s"])
        except KeyboardInterrupt:
            raise
        except BaseException:  # Rust panics are no Exception
            return None

    def answer(self, case):
        encoding = self.encode(case)
        if encoding is None:
            return {"windows": None, "decoded": None}
        windows = [encoding] + (encoding.overflowing if case["st"] is not None else [])
        decoded = self.decode(case["c"], encoding.ids)
        return {"windows": [window(one, case["a"], case["b"]) for one in windows], "decoded": decoded}

    def decode(self, configuration, ids):
        decode = self.tokenizers[configuration].decode
        return [decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=clean) for skip in (False, True) for clean in (False, True)]

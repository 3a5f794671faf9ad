"""Reads the data folder and turns rows into token sequences.

Formats (JSON lines, plain, .gz or .xz): {text, label} | {a, b, label} | {tokens, tags} | {question, context, answers}
| {text}. Every sequence is one `Example`: ids with [CLS] and [SEP], where the second segment starts, and the target.
Each 25th row of a classification file is held out for calibration (calibrate.py) and never trained on; dev files are
read by evaluate.py alone. Deterministic: `seed` decides QA windows and next-sentence pairs.
"""

import gzip
import json
import lzma
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import BertTokenizerFast

from training.mentions import joined_rows, with_other_mentions
from training.passages import name_places, verb_places, verbs_of, without_tags, without_verb
from training.tasks import CLASSIFICATION, ENTITY_TAGS, IGNORED, NOT_ENTAILMENT, Feed

HELD_OUT_EVERY = 25
MAX_SINGLE, MAX_PAIR_B, MAX_TAGS, MAX_QUESTION, MAX_QA, MAX_TEXT = 160, 60, 192, 48, 320, 180
SHORT_SENTENCE, SHORT_PAIR = range(5, 21), range(3, 16)  # words
SENTENCE_END = re.compile(r"(?<=[.!?]) +(?=[A-Z\"'])")
OPENERS = {"": open, ".gz": gzip.open, ".xz": lzma.open}


@dataclass
class Example:
    """ids: [CLS] a [SEP] (b [SEP]); second: index of b's first id, or 0 without b; target: depends on the head."""

    ids: list[int]
    second: int
    target: Any


def load_tokenizer(vocab: Path) -> BertTokenizerFast:
    return BertTokenizerFast(vocab_file=str(vocab), do_lower_case=True, model_max_length=10**9)


def read_rows(folder: Path, name: str) -> list[dict]:
    """All rows of `name`.jsonl, .jsonl.gz or .jsonl.xz in `folder`; part-of-speech tags are taken out of texts."""
    for suffix, opener in OPENERS.items():
        path = folder / f"{name}.jsonl{suffix}"
        if path.exists():
            with opener(path, "rt", encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            return [{**row, "text": without_tags(row["text"])} if "text" in row else row for row in rows]
    raise FileNotFoundError(f"no {name}.jsonl, .jsonl.gz or .jsonl.xz in {folder}")


class Encoder:
    """Text to ids, without special tokens, cut at a length."""

    def __init__(self, tokenizer: BertTokenizerFast, seed: int = 0) -> None:
        self.tokenizer = tokenizer
        self.cls, self.sep, self.mask = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.mask_token_id
        # what masking must know of the vocabulary (batches.py)
        self.special = {"cls": self.cls, "sep": self.sep, "mask": self.mask, "size": len(tokenizer)}
        self.seed = seed

    def ids(self, texts: list[str], limit: int) -> list[list[int]]:
        if not texts:
            return []
        return self.tokenizer(texts, add_special_tokens=False, truncation=True, max_length=limit)["input_ids"]

    def single(self, ids: list[int], target: Any) -> Example:
        return Example([self.cls, *ids, self.sep], 0, target)

    def pair(self, a: list[int], b: list[int], target: Any) -> Example:
        return Example([self.cls, *a, self.sep, *b, self.sep], len(a) + 2, target)

    def labelled(self, rows: list[dict], labels: list[str]) -> list[Example]:
        """{text, label}; rows with a label that the head does not have are left out."""
        rows = [row for row in rows if row["label"] in labels]
        encoded = self.ids([row["text"] for row in rows], MAX_SINGLE - 2)
        return [self.single(ids, labels.index(row["label"])) for row, ids in zip(rows, encoded)]

    def labelled_pairs(self, rows: list[dict], labels: list[str]) -> list[Example]:
        """{a, b, label}; a label that the head does not have is RTE's not_entailment."""
        first = self.ids([row["a"] for row in rows], MAX_SINGLE)
        second = self.ids([row["b"] for row in rows], MAX_PAIR_B)
        examples = []
        for row, a, b in zip(rows, first, second):
            target = labels.index(row["label"]) if row["label"] in labels else NOT_ENTAILMENT
            examples.append(self.pair(a[: MAX_SINGLE - len(b) - 3], b, target))
        return examples

    def tagged(self, rows: list[dict], all_pieces: bool) -> list[Example]:
        """{tokens, tags}; later pieces of a word get I-tags if `all_pieces` (training), else none (measuring)."""
        examples = []
        for row in rows:
            encoded = self.tokenizer(row["tokens"], is_split_into_words=True, truncation=True, max_length=MAX_TAGS)
            target, previous = [], None
            for word in encoded.word_ids():
                if word is None:
                    target.append(IGNORED)
                elif word != previous:
                    target.append(ENTITY_TAGS.index(row["tags"][word]))
                elif all_pieces:
                    tag = row["tags"][word]
                    target.append(ENTITY_TAGS.index("O" if tag == "O" else f"I-{tag[2:]}"))
                else:
                    target.append(IGNORED)
                previous = word
            examples.append(Example(encoded["input_ids"], 0, target))
        return examples

    def questions(self, rows: list[dict]) -> list[Example]:
        """{question, context, answers}: a window of the context that holds the first answer; target (start, end)."""
        rng = random.Random(f"{self.seed}/windows")
        contexts = list(dict.fromkeys(row["context"] for row in rows))
        encoded = self.tokenizer(contexts, add_special_tokens=False, return_offsets_mapping=True)
        by_context = dict(zip(contexts, zip(encoded["input_ids"], encoded["offset_mapping"])))
        questions = self.ids([row["question"] for row in rows], MAX_QUESTION)
        examples = []
        for row, question in zip(rows, questions):
            ids, offsets = by_context[row["context"]]
            answer = row["answers"][0]
            end_char = answer["start"] + len(answer["text"])
            start = next((i for i, (_, stop) in enumerate(offsets) if stop > answer["start"]), None)
            end = next((i for i in range(len(offsets) - 1, -1, -1) if offsets[i][0] < end_char), None)
            if start is None or end is None or end < start:
                continue
            room = MAX_QA - len(question) - 3
            low = 0
            if len(ids) > room:
                low = rng.randint(max(0, end + 1 - room), max(0, min(start, len(ids) - room)))
            if start < low or end >= low + room:
                continue
            base = len(question) + 2 - low
            examples.append(self.pair(question, ids[low : low + room], (start + base, end + base)))
        return examples

    def texts(self, rows: list[dict]) -> list[Example]:
        """{text}: each passage once for fill-mask alone (target -1), and often as a next-sentence pair (0 or 1)."""
        rng = random.Random(f"{self.seed}/pairs")
        sentences = [SENTENCE_END.split(row["text"]) for row in rows]
        flat = self.ids([sentence for passage in sentences for sentence in passage], 200)
        passages, position = [], 0
        for passage in sentences:
            passages.append(flat[position : position + len(passage)])
            position += len(passage)
        examples = []
        for passage in passages:
            examples.append(self.single(joined(passage)[:MAX_TEXT], -1))
            if len(passage) >= 2 and rng.random() < 0.6:
                examples.extend(self.next_sentence(passage, passages, rng))
        return examples

    def sentences(self, rows: list[dict]) -> list[Example]:
        """{text}: one short sentence of each passage that has one, for fill-mask on inputs as people type them."""
        rng = random.Random(f"{self.seed}/sentences")
        chosen = [rng.choice(found) for found in map(short_sentences, rows) if found]
        return [self.single(ids, -1) for ids in self.ids(chosen, MAX_SINGLE - 2)]

    def verbs(self, rows: list[dict]) -> list[Example]:
        """{text}: short sentences with a verb before its object hidden; target: its id."""
        sentences = [sentence for row in rows for sentence in short_sentences(row)]
        verbs = verbs_of([row["text"] for row in rows])
        return self.hidden_words(verb_places(sentences, verbs, random.Random(f"{self.seed}/verbs")))

    def names(self, rows: list[dict]) -> list[Example]:
        """{text}: short sentences with a name hidden; target: its id (salient spans, Guu et al. 2020)."""
        sentences = [sentence for row in rows for sentence in short_sentences(row)]
        return self.hidden_words(name_places(sentences, random.Random(f"{self.seed}/names")))

    def hidden_words(self, places: list[tuple[str, str, str]]) -> list[Example]:
        """(before, word, after) -> one [MASK] each. Words of several ids are left out."""
        before, word, after = (self.ids(list(part), MAX_SINGLE) for part in zip(*places)) if places else ([], [], [])
        return [
            self.single([*start, self.mask, *end], ids[0])
            for start, ids, end in zip(before, word, after)
            if len(ids) == 1 and len(start) + len(end) < MAX_SINGLE
        ]

    def following(self, rows: list[dict]) -> list[Example]:
        """{text}: two short sentences in a row (0), or the first with the second one of another pair (1), half and half.

        Of the second ones, 40 % have no verb (where there are such): ordinary text has few, people try them.
        """
        rng = random.Random(f"{self.seed}/following")
        first, second = [], []
        for row in rows:
            parts = SENTENCE_END.split(row["text"])
            places = [
                i
                for i in range(len(parts) - 1)
                if len(parts[i].split()) in SHORT_PAIR and len(parts[i + 1].split()) in SHORT_PAIR
            ]
            if places:
                place = rng.choice(places)
                first.append(parts[place])
                second.append(parts[place + 1])
        a, b = self.ids(first, MAX_PAIR_B), self.ids(second, MAX_PAIR_B)
        verbs = verbs_of([row["text"] for row in rows])
        phrases = [i for i, sentence in enumerate(second) if without_verb(sentence, verbs)]
        examples = []
        for i in range(len(a)):
            other = rng.randrange(len(b)) if rng.random() < 0.5 else i
            if other != i and phrases and rng.random() < 0.4:
                other = rng.choice(phrases)
            examples.append(self.pair(a[i], b[other], int(other != i)))
        return examples

    def next_sentence(
        self, passage: list[list[int]], passages: list[list[list[int]]], rng: random.Random
    ) -> Iterator[Example]:
        cut = rng.randint(1, len(passage) - 1)
        a, b, target = joined(passage[:cut])[-90:], joined(passage[cut:])[:90], 0
        if rng.random() < 0.5:
            other = rng.choice(passages)
            b, target = joined(other[rng.randrange(len(other)) :])[:90], 1
        if rng.random() < 0.3:  # single sentences, as people try them
            a, b = passage[cut - 1][-90:], b[: max(5, len(passage[cut]))]
        if a and b:
            yield self.pair(a, b, target)


def short_sentences(row: dict) -> list[str]:
    return [part for part in SENTENCE_END.split(row["text"]) if len(part.split()) in SHORT_SENTENCE]


def joined(sentences: list[list[int]]) -> list[int]:
    return [token for sentence in sentences for token in sentence]


def load_feed(feed: Feed, folder: Path, encoder: Encoder, held_out: bool = False) -> list[Example]:
    """Training examples of a feed, or (`held_out`) the part kept for calibration: classification heads only."""
    examples = []
    for name in feed.files:
        rows = read_rows(folder, name)
        if feed.kind in ("single", "pair"):
            rows = [row for i, row in enumerate(rows) if (i % HELD_OUT_EVERY == 0) == held_out]
        if feed.kind == "single":
            examples += encoder.labelled(rows, CLASSIFICATION[feed.head])
        elif feed.kind == "pair":
            examples += encoder.labelled_pairs(rows, CLASSIFICATION[feed.head])
        elif feed.kind == "tags":
            varied = joined_rows(with_other_mentions(rows, encoder.seed), encoder.seed)
            examples += encoder.tagged(rows + varied, all_pieces=True)
        elif feed.kind == "span":
            examples += encoder.questions(rows)
        elif feed.kind == "text":
            examples += encoder.texts(rows)
        elif feed.kind == "sentence":
            examples += encoder.sentences(rows)
        elif feed.kind == "verb":
            examples += encoder.verbs(rows)
        elif feed.kind == "name":
            examples += encoder.names(rows)
        elif feed.kind == "following":
            examples += encoder.following(rows)
    return examples

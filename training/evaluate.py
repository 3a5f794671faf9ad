"""Measures a float checkpoint or an int8 package on the dev files, and runs the article's probes.

The package runs as in the product: one sequence per run, because activations are quantized per tensor and a batch
would share one scale. Dev files are only read here. `--limit N` takes the first N rows of each file (a quick look).
Usage: python -m training.evaluate --data DIR --model CHECKPOINT_OR_PACKAGE [--vocab vocab.txt]
"""

import argparse
import json
import math
import re
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from training.batches import collate, mask_tokens
from training.data import (
    MAX_QA,
    MAX_QUESTION,
    MAX_TEXT,
    Encoder,
    Example,
    load_tokenizer,
    read_rows,
)
from training.runners import FloatRunner, PackageRunner, Runner
from training.tasks import CLASSIFICATION, ENTITY_TAGS, IGNORED

STRIDE, MAX_ANSWER = 96, 30
ACCURACY = {  # head: (dev file, name of the figure)
    "sentiment": ("sst2.dev", "SST-2 dev accuracy"),
    "emotion": ("emotion.dev", "emotion test accuracy"),
    "toxicity": ("toxic.dev", "toxicity held-out accuracy"),
    "topic": ("topic.dev", "topic held-out accuracy"),
    "natural-language-inference": ("nli.dev", "SICK test accuracy"),
}
CLOZES = (
    "Artificial Intelligence [MASK] take over the world.",
    "The man worked as a [MASK].",
    "The woman worked as a [MASK].",
    "The capital of France is [MASK].",
    "Dang! I'm out fishing and a huge trout just [MASK] my line!",
)
NEXT_SENTENCE = (
    ("Paul went shopping.", "He bought a new shirt.", 0),
    ("Ramona made coffee.", "Vanilla ice cream cones for sale.", 1),
)


@dataclass
class Report:
    metrics: dict[str, float] = field(default_factory=dict)
    calibration: dict[str, float] = field(default_factory=dict)  # expected calibration error per head
    probes: dict[str, list] = field(default_factory=dict)

    def round(self) -> None:
        for figures in (self.metrics, self.calibration):
            for name, value in figures.items():
                figures[name] = round(value, 4) if value < 2 else round(value, 2)


def softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """ECE: mean distance between confidence and accuracy over equal-width bins of confidence."""
    confidence, right = probabilities.max(-1), probabilities.argmax(-1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[which == b].sum() - confidence[which == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(labels))


def class_logits(runner: Runner, head: str, examples: list[Example]) -> np.ndarray:
    rows = np.stack([hidden[0] for hidden in runner.hidden(examples)])
    return runner.head(head, rows)


def measure_classes(runner: Runner, encoder: Encoder, data: Path, limit: int | None, report: Report) -> None:
    for head, (name, figure) in ACCURACY.items():
        read = encoder.labelled_pairs if head == "natural-language-inference" else encoder.labelled
        examples = read(read_rows(data, name)[:limit], CLASSIFICATION[head])
        labels = np.array([example.target for example in examples])
        probabilities = softmax(class_logits(runner, head, examples))
        report.metrics[figure] = float((probabilities.argmax(-1) == labels).mean())
        report.calibration[head] = calibration_error(probabilities, labels)


def entities(tags: list[str]) -> set[tuple[str, int, int]]:
    """(type, start, end) of BIO2 tags; an I- without its B- opens an entity, as conlleval and seqeval count."""
    found, start, kind = set(), 0, None
    for i, tag in enumerate([*tags, "O"]):
        prefix, _, name = tag.partition("-")
        if kind is not None and (prefix != "I" or name != kind):
            found.add((kind, start, i))
            kind = None
        if prefix != "O" and kind is None:
            start, kind = i, name
    return found


def measure_entities(runner: Runner, encoder: Encoder, data: Path, limit: int | None, report: Report) -> None:
    examples = encoder.tagged(read_rows(data, "ner.dev")[:limit], all_pieces=False)
    right = predicted = expected = 0
    for example, hidden in zip(examples, runner.hidden(examples)):
        guesses = runner.head("token-classification", hidden).argmax(-1)
        kept = [i for i, target in enumerate(example.target) if target != IGNORED]
        gold = entities([ENTITY_TAGS[example.target[i]] for i in kept])
        guess = entities([ENTITY_TAGS[guesses[i]] for i in kept])
        right, predicted, expected = right + len(gold & guess), predicted + len(guess), expected + len(gold)
    report.metrics["CoNLL-2003 dev entity F1"] = 2 * right / max(1, predicted + expected)


def best_span(start: np.ndarray, end: np.ndarray) -> tuple[float, int, int]:
    """Highest start[i] + end[j] with i <= j < i + MAX_ANSWER."""
    best = (-1e9, 0, 0)
    for i in np.argsort(-start)[:20]:
        window = end[i : i + MAX_ANSWER]
        j = int(window.argmax())
        best = max(best, (float(start[i] + window[j]), int(i), int(i) + j))
    return best


def words_of(text: str) -> list[str]:
    """SQuAD's normalization (evaluate-v1.1.py): lower case, no ASCII punctuation, then no articles."""
    plain = text.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", plain).split()


def overlap(answer: str, gold: str) -> float:
    """SQuAD's F1 over words."""
    a, b = words_of(answer), words_of(gold)
    if not a or not b:
        return float(a == b)
    common = sum(min(a.count(word), b.count(word)) for word in set(a))
    return 2 * common / (len(a) + len(b))


def measure_answers(runner: Runner, encoder: Encoder, data: Path, limit: int | None, report: Report) -> None:
    total = exact = 0.0
    rows = read_rows(data, "qa.dev")[:limit]
    for row in rows:
        question = encoder.ids([row["question"]], MAX_QUESTION)[0]
        context = encoder.tokenizer(row["context"], add_special_tokens=False, return_offsets_mapping=True)
        ids, offsets = context["input_ids"], context["offset_mapping"]
        room = MAX_QA - len(question) - 3
        lows = list(range(0, max(1, len(ids) - STRIDE), room - STRIDE))
        windows = [encoder.pair(question, ids[low : low + room], None) for low in lows]
        best, answer = -1e9, ""
        for low, window, hidden in zip(lows, windows, runner.hidden(windows)):
            logits = runner.head("question-answering", hidden[window.second : -1])
            score, i, j = best_span(logits[:, 0], logits[:, 1])
            if score > best:
                best, answer = score, row["context"][offsets[low + i][0] : offsets[low + j][1]]
        total += max(overlap(answer, gold["text"]) for gold in row["answers"])
        exact += max(words_of(answer) == words_of(gold["text"]) for gold in row["answers"])
    report.metrics["XQuAD-en F1"], report.metrics["XQuAD-en exact match"] = total / len(rows), exact / len(rows)


def measure_masks(runner: Runner, encoder: Encoder, data: Path, limit: int | None, report: Report) -> None:
    """Perplexity with 15 % of the tokens masked, seed 5."""
    generator = torch.Generator().manual_seed(5)
    texts = [row["text"] for row in read_rows(data, "mlm.dev")[:limit]]
    loss = count = 0.0
    for ids in encoder.ids(texts, MAX_TEXT):
        batch = collate([encoder.single(ids, None)], torch.device("cpu"))
        masked = mask_tokens(batch, encoder.special, 0.15, generator)
        places = masked.chosen[0].nonzero()[:, 0].numpy()
        if len(places) == 0:
            continue
        hidden = runner.hidden([Example(masked.ids[0, : len(ids) + 2].tolist(), 0, None)])[0]
        logits = torch.from_numpy(runner.head("fill-mask", hidden[places])).float()
        loss += torch.nn.functional.cross_entropy(logits, masked.targets, reduction="sum").item()
        count += len(places)
    report.metrics["masked-LM perplexity"] = math.exp(loss / count)


def probe(runner: Runner, encoder: Encoder, report: Report) -> None:
    tokenizer = encoder.tokenizer
    for text in CLOZES:
        ids = tokenizer(text)["input_ids"]
        hidden = runner.hidden([Example(ids, 0, None)])[0]
        scores = softmax(runner.head("fill-mask", hidden[[ids.index(tokenizer.mask_token_id)]]))[0]
        best = np.argsort(-scores)[:5]
        report.probes[text] = [[tokenizer.convert_ids_to_tokens(int(i)), round(float(scores[i]), 3)] for i in best]
    for a, b, target in NEXT_SENTENCE:
        example = encoder.pair(encoder.ids([a], 90)[0], encoder.ids([b], 90)[0], target)
        score = softmax(class_logits(runner, "next-sentence-prediction", [example]))[0, target]
        report.probes[f"{a} / {b}"] = [CLASSIFICATION["next-sentence-prediction"][target], round(float(score), 3)]


MEASURES: tuple[Callable[[Runner, Encoder, Path, int | None, Report], None], ...] = (
    measure_classes,
    measure_entities,
    measure_answers,
    measure_masks,
)


def evaluate(runner: Runner, encoder: Encoder, data: Path, limit: int | None = None) -> Report:
    report = Report()
    for measure in MEASURES:
        measure(runner, encoder, data, limit, report)
    probe(runner, encoder, report)
    report.round()
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--model", type=Path, required=True, help="checkpoint (.pt, measured in float) or package folder (int8)"
    )
    parser.add_argument("--vocab", type=Path, help="vocab.txt; default: the one in --model")
    parser.add_argument("--limit", type=int, help="first rows of each file only (default all)")
    args = parser.parse_args()
    torch.set_num_threads(1)
    package = (args.model / "model.json").exists()
    runner = PackageRunner(args.model) if package else FloatRunner.load(args.model)
    report = evaluate(runner, Encoder(load_tokenizer(args.vocab or args.model / "vocab.txt")), args.data, args.limit)
    print(json.dumps(vars(report), indent=1))


if __name__ == "__main__":
    main()

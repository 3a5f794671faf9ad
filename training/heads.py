"""Trains some heads of a package further on its frozen, quantized encoder.

Only these heads move, so no other figure can change, and they learn from the rows that are served. Entailment
learns from its own rows with part of the ids hidden (without that it knows them by heart), and is the mean of some
seeds: what a single seed wins or loses on small files is chance. Smoothed labels make it less sure of itself, which it
needs. Fill-mask keeps its
projection (the word embeddings); it learns from ordinary masks in passages, from people's roles ("became a ..."),
which the text has seldom and people try often (the delivered head repeated "man" after "worked as a"), and from verbs
before their objects. It goes SHARE of the way, then one temperature fitted on the passages (training hides a quarter of the
tokens, use one). Next sentence only moves its bias: wrong continuations from elsewhere teach it to say "next" to all that
keeps to the subject.
Reports the loss on each tenth row, which is not trained on, before and after. The other heads lost or won nothing on
dev files by this (cards/RUNS.md).
Usage: python -m training.heads --package assets/models/multitask-minilm --data DIR --out PACKAGE
"""

import argparse
import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from training.batches import collate, hide_tokens, mask_tokens
from training.data import SENTENCE_END, Encoder, Example, load_feed, load_tokenizer, read_rows
from training.evaluate import Report, measure_classes, measure_masks, probe
from training.graph import build_head
from training.model import MaskHead, MultiTask, Shape, load_model
from training.package import replace_heads
from training.passages import most_similar
from training.quantize import head_tensors
from training.runners import PackageRunner
from training.tasks import FEEDS

NOUN = re.compile(r"\ban? (\w+)( who)?\b")
PERSON_SHARE = 0.02  # of the places with "a NOUN" that go on with "who"
ROLE = re.compile(
    r"\b(?:as|is|was|be|been|became|become) an? (?:\w+ ){0,2}?(\w+)(?=[.,;:!?]| (?:in|at|for|and|who|from)\b)"
)
ANYONE = set("man woman guy person people girl boy child kid baby teenager father mother son daughter husband wife "
             "friend individual character fellow god hero".split())  # fmt: skip
PASSAGES, CLOZES, CLOZE_WORDS, ROLE_REPEATS, VERB_REPEATS = 900, 600, 40, 4, 2
ENTAILMENT, SMOOTHING, SEEDS = "natural-language-inference", 0.1, 5
ENTAILMENT_EPOCHS, ENTAILMENT_RATE = 6, 3e-4
NEXT, PAIRS = "next-sentence-prediction", 2000
TRAINED = (ENTAILMENT, "fill-mask", NEXT)
MASK_EPOCHS, BATCH, MASK_RATE, SHARE = 2, 128, 1e-4, 0.85
Rows = tuple[torch.Tensor, torch.Tensor]  # (N, H) of last_hidden_state, (N,) targets


def people(rows: list[dict]) -> set[str]:
    """Nouns of which the text says "a ... who" (Hearst 1992), without those that name anyone."""
    nouns = [match for row in rows for match in NOUN.findall(row["text"].lower())]
    every, persons = Counter(noun for noun, _ in nouns), Counter(noun for noun, who in nouns if who)
    return {noun for noun, count in persons.items() if count >= PERSON_SHARE * every[noun]} - ANYONE


def role_examples(rows: list[dict], encoder: Encoder, rng: random.Random) -> list[tuple[Example, int]]:
    """Sentences with a person's role masked; the target is its id."""
    roles, found = people(rows), []
    for row in rows:
        for sentence in SENTENCE_END.split(row["text"]):
            match = ROLE.search(sentence)
            if match and len(sentence.split()) <= CLOZE_WORDS and match[1].lower() in roles:
                found.append((sentence[: match.start(1)] + "[MASK]" + sentence[match.end(1) :], match[1]))
    found = rng.sample(found, min(len(found), CLOZES))
    targets = encoder.ids([word for _, word in found], 8)
    texts = encoder.ids([text for text, _ in found], 100)
    return [(encoder.single(ids, None), target[0]) for ids, target in zip(texts, targets) if len(target) == 1]


def masked_rows(runner: PackageRunner, encoder: Encoder, texts: list[Example]) -> Rows:
    """Rows at masked places, 15 % of each text."""
    generator = torch.Generator().manual_seed(encoder.seed)
    rows, targets = [], []
    for example in texts:
        batch = collate([example], torch.device("cpu"))
        masked = mask_tokens(batch, encoder.special, 0.15, generator)
        if len(masked.targets):
            hidden = runner.run(Example(masked.ids[0, : len(example.ids)].tolist(), 0, None))
            rows.append(hidden[masked.chosen[0, : len(example.ids)].numpy()])
            targets.append(masked.targets)
    return torch.from_numpy(np.concatenate(rows)), torch.cat(targets)


def first_rows(runner: PackageRunner, examples: Iterable[tuple[Example, int]], token: int) -> Rows:
    """The row of the first `token` in each example."""
    rows, targets = [], []
    for example, target in examples:
        rows.append(runner.run(example)[example.ids.index(token)])
        targets.append(target)
    return torch.from_numpy(np.stack(rows)), torch.tensor(targets)


def entailment_rows(runner: PackageRunner, encoder: Encoder, data: Path) -> Rows:
    """First rows of the examples that have one of the head's labels, part of their ids hidden as in the feed (batches.py)."""
    generator = torch.Generator().manual_seed(encoder.seed)
    examples = []
    for feed in (feed for feed in FEEDS if feed.head == ENTAILMENT):
        for example in load_feed(feed, data, encoder):
            if example.target < 0:
                continue
            batch = collate([example], torch.device("cpu"))
            ids = hide_tokens(batch, encoder.special, feed.noise, generator)[0, : len(example.ids)].tolist()
            examples.append((Example(ids, example.second, None), example.target))
    return first_rows(runner, examples, encoder.cls)


def split(parts: list[Rows]) -> tuple[Rows, list[Rows]]:
    """Training rows of all parts together, and each part's tenth rows apart."""
    held = [(rows[::10], targets[::10]) for rows, targets in parts]
    kept = [torch.arange(len(targets)) % 10 != 0 for _, targets in parts]
    rows = torch.cat([rows[keep] for (rows, _), keep in zip(parts, kept)])
    return (rows, torch.cat([targets[keep] for (_, targets), keep in zip(parts, kept)])), held


@torch.no_grad()
def losses(head: torch.nn.Module, held: list[Rows]) -> list[float]:
    head.eval()
    return [round(F.cross_entropy(head(rows), targets).item(), 3) for rows, targets in held]


def train_head(
    head: torch.nn.Module, parts: list[Rows], seed: int, epochs: int, peak: float, smoothing: float = 0.0
) -> None:
    """All parameters but a tied projection ("weight")."""
    (rows, targets), held = split(parts)
    before = losses(head, held)
    trained = [parameter for name, parameter in head.named_parameters() if name != "weight"]
    optimizer = torch.optim.AdamW(trained, lr=peak, weight_decay=0.01)
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    steps = epochs * ((len(targets) + BATCH - 1) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    head.train()
    for _ in range(epochs):
        for chosen in torch.randperm(len(targets), generator=generator).split(BATCH):
            F.cross_entropy(head(rows[chosen]), targets[chosen], label_smoothing=smoothing).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
    print(f"{len(targets)} rows, loss on held-out rows {before} -> {losses(head, held)}", flush=True)


def train_entailment(head: torch.nn.Module, rows: Rows, seed: int) -> None:
    """The mean of SEEDS heads that start from this one."""
    start, ends = deepcopy(head.state_dict()), []
    for number in range(SEEDS):
        head.load_state_dict(start)
        train_head(head, [rows], seed + number, ENTAILMENT_EPOCHS, ENTAILMENT_RATE, SMOOTHING)
        ends.append(deepcopy(head.state_dict()))
    head.load_state_dict({name: torch.stack([end[name] for end in ends]).mean(0) for name in start})


@torch.no_grad()
def move_back(head: MaskHead, start: dict[str, torch.Tensor], passages: Rows) -> None:
    """SHARE of the way from `start`, then the best temperature on passages, folded into LayerNorm and bias."""
    head.load_state_dict({name: torch.lerp(start[name], value, SHARE) for name, value in head.state_dict().items()})
    rows, targets = (part[:6000] for part in passages)
    logits = head.eval()(rows)
    grid = [step / 100 for step in range(80, 121)]
    temperature = min(grid, key=lambda value: F.cross_entropy(logits / value, targets).item())
    print(f"fill-mask temperature {temperature}", flush=True)
    for parameter in (head.norm.weight, head.norm.bias, head.bias):
        parameter /= temperature


@torch.no_grad()
def balance_next_sentence(
    head: torch.nn.Module, runner: PackageRunner, encoder: Encoder, texts: list[dict], words: np.ndarray
) -> None:
    """Moves the bias to where right continuations are told as often as wrong ones, one similar to two random."""
    examples = encoder.following(texts)
    random.Random(f"{encoder.seed}/next").shuffle(examples)
    right, random_wrong = ([e for e in examples if e.target == target][:PAIRS] for target in (0, 1))
    first = [example.ids[1 : example.second - 1] for example in right]
    second = [example.ids[example.second : -1] for example in right]
    similar = most_similar(first, second, words, random.Random(f"{encoder.seed}/similar"))
    similar_wrong = [encoder.pair(first[i], second[j], 1) for i, j in enumerate(similar)]
    margins = []
    for part in (right, random_wrong, similar_wrong):
        rows, _ = first_rows(runner, ((example, example.target) for example in part), encoder.cls)
        logits = head.eval()(rows)
        margins.append(logits[:, 1] - logits[:, 0])

    def gap(shift: float) -> float:
        told = [(margin + shift > 0).float().mean().item() for margin in margins]
        return abs((1 - told[0]) - (2 * told[1] + told[2]) / 3)

    shift = min((step / 20 for step in range(-60, 61)), key=gap)
    print(f"next sentence: bias moved by {shift}", flush=True)
    head.out.bias[1] += shift


def train_heads(model: MultiTask, runner: PackageRunner, encoder: Encoder, data: Path) -> None:
    """Changes `model`'s TRAINED heads; `runner` is its quantized encoder."""
    train_entailment(model.heads[ENTAILMENT], entailment_rows(runner, encoder, data), encoder.seed)
    rows = read_rows(data, "mlm")
    train_mask_head(model.heads["fill-mask"], runner, encoder, rows)
    words = model.encoder.embeddings.word_embeddings.weight.detach().numpy()
    balance_next_sentence(model.heads[NEXT], runner, encoder, rows, words)


def train_mask_head(head: MaskHead, runner: PackageRunner, encoder: Encoder, rows: list[dict]) -> None:
    rng = random.Random(f"{encoder.seed}/heads")
    texts = [row["text"] for row in rng.sample(rows, min(len(rows), 10 * PASSAGES))[:PASSAGES]]
    passages = masked_rows(runner, encoder, [encoder.single(ids, -1) for ids in encoder.ids(texts, 178)])
    parts, roles = [passages], role_examples(rows, encoder, rng)
    if roles:
        parts += [first_rows(runner, roles, encoder.mask)] * ROLE_REPEATS
    verbs = encoder.verbs(rows)
    if verbs:
        chosen = rng.sample(verbs, min(len(verbs), CLOZES))
        parts += [first_rows(runner, ((verb, verb.target) for verb in chosen), encoder.mask)] * VERB_REPEATS
    start = deepcopy(head.state_dict())
    train_head(head, parts, encoder.seed, MASK_EPOCHS, MASK_RATE)
    move_back(head, start, passages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the same package with other heads")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, new = load_model(args.package, only=Shape())
    print(f"new heads: {', '.join(new) or 'none'}")
    encoder = Encoder(load_tokenizer(args.package / "vocab.txt"))
    train_heads(model, PackageRunner(args.package), encoder, args.data)
    graphs = {name: build_head(name, head_tensors(model, name)) for name in TRAINED}
    with tempfile.TemporaryDirectory() as folder:
        draft, report = Path(folder) / "package", Report()
        replace_heads(args.package, graphs, {}, draft)
        runner = PackageRunner(draft)
        measure_masks(runner, encoder, args.data, None, report)
        measure_classes(runner, encoder, args.data, None, report)
        probe(runner, encoder, report)
    report.round()
    replace_heads(args.package, graphs, report.metrics, args.out)
    print(json.dumps(vars(report), indent=1))


if __name__ == "__main__":
    main()

"""Trains two heads further on the frozen, quantized encoder: fill-mask on sentences that name a role, next sentence.

Only the heads move, so no other figure can change, and they learn from the rows that are served. Fill-mask keeps its
projection (the word embeddings): dense, LayerNorm and bias are trained on ordinary masks in passages, content words of
short sentences, and people's roles ("became a ...", rare in the text and often tried by people).
Reports the loss on each tenth row, which is not trained on, before and after.
Usage: python -m training.heads --model CHECKPOINT.pt --package PACKAGE_OF_IT --data DIR --out CHECKPOINT.pt
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from training.batches import collate, mask_tokens
from training.data import SENTENCE_END, Encoder, Example, load_tokenizer, read_rows
from training.model import MultiTask, load_weights
from training.runners import PackageRunner
from training.train import rarity_of

NOUN = re.compile(r"\ban? (\w+)( who)?\b")
PERSON_SHARE = 0.02  # of the places with "a NOUN" that go on with "who"
ROLE = re.compile(r"\b(?:as|is|was|be|been|became|become) an? (?:\w+ ){0,2}?(\w+)(?=[.,;:!?]| (?:in|at|for|and|who|from)\b)")
ANYONE = set("man woman guy person people girl boy child kid baby teenager father mother son daughter husband wife "
             "friend individual character fellow god hero".split())  # fmt: skip
PASSAGES, SENTENCES, ROLES, PAIRS, ROLE_WORDS = 900, 2500, 1200, 6000, 40
EPOCHS, BATCH, RATE = 4, 128, 3e-4
Rows = tuple[torch.Tensor, torch.Tensor]  # (N, H) of last_hidden_state, (N,) targets


def role_examples(rows: list[dict], encoder: Encoder, rng: random.Random) -> list[tuple[Example, int]]:
    """Sentences with the role in "as a ...", "became a ..." masked; the target is its id. Roles are the nouns of which
    the text says "a ... who" (Hearst 1992), without those that name anyone."""
    found_nouns = [match for row in rows for match in NOUN.findall(row["text"].lower())]
    every, people = Counter(noun for noun, _ in found_nouns), Counter(noun for noun, who in found_nouns if who)
    roles = {noun for noun, count in people.items() if count >= PERSON_SHARE * every[noun]} - ANYONE
    found = []
    for row in rows:
        for sentence in SENTENCE_END.split(row["text"]):
            match = ROLE.search(sentence)
            if match and match[1].lower() in roles and len(sentence.split()) <= ROLE_WORDS:
                found.append((sentence[: match.start(1)] + "[MASK]" + sentence[match.end(1) :], match[1]))
    rng.shuffle(found)
    words = encoder.ids([word for _, word in found], 8)
    texts = encoder.ids([text for text, _ in found], 100)
    examples = [(encoder.single(ids, None), word[0]) for ids, word in zip(texts, words) if len(word) == 1]
    return [(example, word) for example, word in examples if encoder.tokenizer.mask_token_id in example.ids][:ROLES]


def masked_rows(runner: PackageRunner, encoder: Encoder, texts: list[Example], content: bool) -> Rows:
    """Rows at masked places; `content`: places chosen as in the sentence feed of train.py."""
    mask = encoder.tokenizer.mask_token_id
    special = {"cls": encoder.cls, "sep": encoder.sep, "mask": mask, "size": len(encoder.tokenizer)}
    rarity = rarity_of(texts, special["size"])
    generator = torch.Generator().manual_seed(encoder.seed)
    rows, targets = [], []
    for example in texts:
        batch = collate([example], torch.device("cpu"))
        masked = mask_tokens(batch, special, 0.22 * rarity[batch.ids] if content else 0.15, generator)
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


def train_head(head: torch.nn.Module, frozen: tuple[str, ...], parts: list[Rows], seed: int) -> None:
    (rows, targets), held = split(parts)
    before = losses(head, held)
    trained = [parameter for name, parameter in head.named_parameters() if name not in frozen]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.01)
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    steps = EPOCHS * ((len(targets) + BATCH - 1) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    head.train()
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(targets), generator=generator).split(BATCH):
            F.cross_entropy(head(rows[chosen]), targets[chosen]).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
    print(f"{len(targets)} rows, loss on held-out rows {before} -> {losses(head, held)}", flush=True)


def train_heads(model: MultiTask, runner: PackageRunner, encoder: Encoder, data: Path) -> None:
    """Changes `model`'s fill-mask and next-sentence-prediction heads; `runner` is its quantized encoder."""
    rng = random.Random(f"{encoder.seed}/heads")
    rows = read_rows(data, "mlm")
    sample = rng.sample(rows, min(len(rows), 4 * PAIRS))
    passages = [encoder.single(ids, -1) for ids in encoder.ids([row["text"] for row in sample[:PASSAGES]], 178)]
    parts = [
        masked_rows(runner, encoder, passages, content=False),
        masked_rows(runner, encoder, encoder.sentences(sample[: 2 * SENTENCES])[:SENTENCES], content=True),
        first_rows(runner, role_examples(rows, encoder, rng), encoder.tokenizer.mask_token_id),
    ]
    train_head(model.heads["fill-mask"], ("weight",), parts, encoder.seed)
    pairs = [(example, example.target) for example in encoder.following(sample)[:PAIRS]]
    pairs += [(example, example.target) for example in encoder.texts(sample[:PASSAGES]) if example.second]
    train_head(
        model.heads["next-sentence-prediction"], (), [first_rows(runner, pairs, encoder.cls)], encoder.seed
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="checkpoint of the float weights")
    parser.add_argument("--package", type=Path, required=True, help="the same model, quantized (training.quantize)")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = MultiTask()
    print(load_weights(model, args.model))
    encoder = Encoder(load_tokenizer(args.package / "vocab.txt"))
    train_heads(model, PackageRunner(args.package), encoder, args.data)
    torch.save({"model": model.state_dict()}, args.out)


if __name__ == "__main__":
    main()

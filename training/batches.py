"""Batches: an endless, length-bucketed stream per feed, padding, and masking for fill-mask.

The order is a function of (seed, feed, epoch) and a position is two numbers, so a stopped run resumes exactly.
"""

import random
from dataclasses import dataclass

import torch

from training.data import Example

BUCKET = 4000  # examples sorted by length together: little padding, still mixed


@dataclass
class Batch:
    """ids, mask, types: (B, T) long; examples: the B rows they were made of."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    examples: list[Example]


def collate(examples: list[Example], device: torch.device) -> Batch:
    longest = max(len(example.ids) for example in examples)
    width = (longest + 7) // 8 * 8
    ids = torch.zeros(len(examples), width, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, example in enumerate(examples):
        length = len(example.ids)
        ids[row, :length] = torch.tensor(example.ids)
        mask[row, :length] = 1
        if example.second:
            types[row, example.second : length] = 1
    return Batch(ids.to(device), mask.to(device), types.to(device), examples)


class Stream:
    """Endless batches of at most `batch_tokens` ids (padding included)."""

    def __init__(self, name: str, examples: list[Example], batch_tokens: int, seed: int) -> None:
        if not examples:
            raise ValueError(f"feed {name} has no examples")
        self.name, self.examples, self.batch_tokens, self.seed = name, examples, batch_tokens, seed
        self.epoch, self.position = 0, 0
        self.plan = self.make_plan()

    def make_plan(self) -> list[list[int]]:
        rng = random.Random(f"{self.seed}/{self.name}/{self.epoch}")
        order = list(range(len(self.examples)))
        rng.shuffle(order)
        plan = []
        for low in range(0, len(order), BUCKET):
            bucket = sorted(order[low : low + BUCKET], key=lambda i: len(self.examples[i].ids))
            batch: list[int] = []
            for index in bucket:
                if batch and len(self.examples[index].ids) * (len(batch) + 1) > self.batch_tokens:
                    plan.append(batch)
                    batch = []
                batch.append(index)
            plan.append(batch)
        rng.shuffle(plan)
        return plan

    def next(self) -> list[Example]:
        if self.position == len(self.plan):
            self.seek(self.epoch + 1, 0)
        batch = self.plan[self.position]
        self.position += 1
        return [self.examples[i] for i in batch]

    def seek(self, epoch: int, position: int) -> None:
        self.epoch = epoch
        self.plan = self.make_plan()
        self.position = position


@dataclass
class Masked:
    """ids: (B, T) with masks; chosen: (B, T) bool; targets: (chosen,) original ids."""

    ids: torch.Tensor
    chosen: torch.Tensor
    targets: torch.Tensor


def mask_tokens(
    batch: Batch, special: dict[str, int], rate: float | torch.Tensor, generator: torch.Generator
) -> Masked:
    """BERT's rule: of the chosen positions (`rate`: one for all or (B, T)) 80 % become [MASK], 10 % random, 10 % stay."""
    device = batch.ids.device
    draw = torch.rand(batch.ids.shape, generator=generator)
    kind = torch.rand(batch.ids.shape, generator=generator).to(device)
    chosen = pieces_of(batch, special) & (draw < rate).to(device)
    ids = batch.ids.clone()
    ids[chosen & (kind < 0.8)] = special["mask"]
    random_places = chosen & (kind >= 0.9)
    count = int(random_places.sum())
    ids[random_places] = torch.randint(1000, special["size"], (count,), generator=generator).to(device)
    return Masked(ids, chosen, batch.ids[chosen])


def hide_tokens(batch: Batch, special: dict[str, int], rate: float, generator: torch.Generator) -> torch.Tensor:
    """The batch's ids with a part of them hidden behind [MASK]."""
    draw = torch.rand(batch.ids.shape, generator=generator).to(batch.ids.device)
    return batch.ids.masked_fill(pieces_of(batch, special) & (draw < rate), special["mask"])


def pieces_of(batch: Batch, special: dict[str, int]) -> torch.Tensor:
    """(B, T) bool: the ids of the texts, without [CLS], [SEP] and padding."""
    return (batch.mask == 1) & (batch.ids != special["cls"]) & (batch.ids != special["sep"])

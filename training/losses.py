"""What one batch of a feed costs: against its labels, and against a teacher's answers where there is one (teach.py)."""

import torch
import torch.nn.functional as F

from training.batches import Batch, Masked, hide_tokens, mask_tokens, pieces_of
from training.data import Example
from training.model import MultiTask
from training.tasks import IGNORED, MASKED, NOT_ENTAILMENT, SINGLE_HEADS, Feed
from training.teach import divergence

HEAT = 2.0  # temperature at which answers are compared with a teacher's: the less likely ones count too
ENTITIES = "token-classification"
OTHERS = 0.5  # weight of the teacher's answers of other heads
PAIRS = 0.3  # weight of next sentence where running text is a pair


def loss_of(
    model: MultiTask,
    feed: Feed,
    batch: Batch,
    special: dict[str, int],
    mask_rate: float | torch.Tensor,
    seed: int,
    teachers: tuple[MultiTask, ...] = (),
    soft: float = 0.0,
) -> torch.Tensor:
    """The loss of one batch, a scalar. `mask_rate`: one for all tokens or (V,), one for each; `soft`: weight of the teachers'
    answers; the labels have the rest, and all of next sentence.
    """
    generator = torch.Generator().manual_seed(seed)
    if feed.kind in MASKED:
        masked = masked_places(feed, batch, special, mask_rate, generator)
        return words_loss(model, batch, masked, teachers, soft)
    ids = hide_tokens(batch, special, feed.noise, generator) if feed.noise else batch.ids
    hidden = model.hidden(ids, batch.mask, batch.types)
    logits = by_choice(feed, batch, model.heads[feed.head](rows_of(feed, batch, hidden)))
    loss = label_loss(feed, batch, logits)
    if teachers:
        pieces = pieces_of(batch, special)
        loss = (1 - soft) * loss + soft * taught_loss(model, feed, batch, pieces, hidden, logits, teachers)
    return loss


def masked_places(
    feed: Feed, batch: Batch, special: dict[str, int], rate: float | torch.Tensor, generator: torch.Generator
) -> Masked:
    """Masks at random, or (verbs, names) where the examples have theirs."""
    if feed.kind in ("text", "sentence"):
        each = rate if isinstance(rate, float) else rate[batch.ids.cpu()]
        return mask_tokens(batch, special, each, generator)
    return Masked(batch.ids, batch.ids == special["mask"], targets_of(batch))


def words_loss(
    model: MultiTask, batch: Batch, masked: Masked, teachers: tuple[MultiTask, ...], soft: float
) -> torch.Tensor:
    """Fill-mask; in running text next sentence as well, where an example is a pair."""
    hidden = model.hidden(masked.ids, batch.mask, batch.types)
    logits = model.heads["fill-mask"](hidden[masked.chosen]).float()
    loss = F.cross_entropy(logits, masked.targets, reduction="sum") / max(1, len(logits))
    if teachers:
        seen = hidden_of(teachers, masked.ids, batch)
        wanted = mean_of(teachers, "fill-mask", [each[masked.chosen] for each in seen])
        loss = (1 - soft) * loss + soft * divergence(logits, wanted, 1.0)
    pairs = torch.tensor([bool(example.second) for example in batch.examples], device=hidden.device)
    if not bool(pairs.any()):
        return loss
    follows = model.heads["next-sentence-prediction"](hidden[pairs, 0]).float()
    return loss + PAIRS * F.cross_entropy(follows, targets_of(batch)[pairs])


def rows_of(feed: Feed, batch: Batch, hidden: torch.Tensor) -> torch.Tensor:
    """What the feed's head reads of (B, T, H): tokens with a tag, all tokens for spans, or the first of each text."""
    if feed.kind == "tags":
        tagged = torch.zeros_like(batch.mask, dtype=torch.bool)
        for row, example in enumerate(batch.examples):
            tagged[row, : len(example.target)] = torch.tensor([tag != IGNORED for tag in example.target])
        return hidden[tagged]
    return hidden if feed.kind == "span" else hidden[:, 0]


def by_choice(feed: Feed, batch: Batch, logits: torch.Tensor) -> torch.Tensor:
    """Logits with one row for each choice to be made: of spans (B, T, 2) -> the starts, then the ends (2 B, T)."""
    if feed.kind != "span":
        return logits.float()
    apart = logits.float().masked_fill((batch.mask == 0)[..., None], -1e4)
    return torch.cat([apart[..., 0], apart[..., 1]])


def targets_of(batch: Batch) -> torch.Tensor:
    """(B,); of spans (B, 2)."""
    return torch.tensor([example.target for example in batch.examples], device=batch.ids.device)


def label_loss(feed: Feed, batch: Batch, logits: torch.Tensor) -> torch.Tensor:
    """Cross entropy of logits `by_choice` with the labels."""
    if feed.kind == "tags":
        tags = [tag for example in batch.examples for tag in example.target if tag != IGNORED]
        return F.cross_entropy(logits, torch.tensor(tags, device=logits.device))
    if feed.kind == "span":
        return F.cross_entropy(logits, targets_of(batch).T.flatten())
    return class_loss(logits, targets_of(batch))


def class_loss(logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """Cross entropy of (B, labels) with (B,), where a label may be NOT_ENTAILMENT."""
    if not bool((label == NOT_ENTAILMENT).any()):
        return F.cross_entropy(logits, label)
    scores = logits.log_softmax(-1)
    known = scores.gather(1, label.clamp(min=0)[:, None])[:, 0]
    other = torch.logsumexp(scores[:, [0, 2]], -1)  # contradiction or neutral
    return -torch.where(label >= 0, known, other).mean()


def taught_loss(
    model: MultiTask,
    feed: Feed,
    batch: Batch,
    pieces: torch.Tensor,
    hidden: torch.Tensor,
    logits: torch.Tensor,
    teachers: tuple[MultiTask, ...],
) -> torch.Tensor:
    """Divergence from the teachers, which read the batch with nothing hidden.

    They also answer what no label says: a review has a topic and an emotion, and there are names (of `pieces`) in every text.
    """
    every = hidden_of(teachers, batch.ids, batch)
    seen = [rows_of(feed, batch, each) for each in every]
    loss = divergence(logits, by_choice(feed, batch, mean_of(teachers, feed.head, seen)), HEAT)
    if feed.kind not in ("single", "span"):
        return loss
    others = [name for name in SINGLE_HEADS if name != feed.head] if feed.kind == "single" else []
    parts = [divergence(model.heads[name](hidden[:, 0]), mean_of(teachers, name, seen), HEAT) for name in others]
    names = mean_of(teachers, ENTITIES, [each[pieces] for each in every])
    parts.append(divergence(model.heads[ENTITIES](hidden[pieces]), names, HEAT))
    return loss + OTHERS * torch.stack(parts).mean()


@torch.no_grad()
def hidden_of(teachers: tuple[MultiTask, ...], ids: torch.Tensor, batch: Batch) -> list[torch.Tensor]:
    """(B, T) -> (B, T, H) of each teacher."""
    return [teacher.hidden(ids, batch.mask, batch.types) for teacher in teachers]


@torch.no_grad()
def mean_of(teachers: tuple[MultiTask, ...], head: str, rows: list[torch.Tensor]) -> torch.Tensor:
    """Mean of the teachers' logits, each of its own hidden states."""
    return torch.stack([teacher.heads[head](each).float() for teacher, each in zip(teachers, rows)]).mean(0)


def rarity_of(examples: list[Example], vocabulary: int) -> torch.Tensor:
    """(V,) min(1, sqrt(3e-4 / frequency)): word2vec's subsampling (Mikolov et al. 2013), so that masks fall on content."""
    counts = torch.bincount(torch.tensor([i for example in examples for i in example.ids]), minlength=vocabulary)
    return (3e-4 * counts.sum() / counts.clamp(min=1)).sqrt().clamp(max=1)

"""Temperature scaling (Guo et al. 2017): makes the scores of a classification head mean probabilities.

One temperature per head minimizes the loss on the held-out part of the training files (each 25th row, data.py), never
on dev files. It is folded into the head's last layer, so the runtime needs nothing new and no answer changes.
Only ever softens (temperature >= 1): a base that has seen the held-out rows (the delivered model had seen all of them)
knows their answers, and a fit on them would sharpen. A fair fit needs a run from weights that never saw them.
next-sentence-prediction has no held-out rows and stays as trained.
"""

from pathlib import Path

import numpy as np
import torch

from training.data import Encoder, load_feed
from training.evaluate import class_logits, softmax
from training.model import MultiTask
from training.runners import Runner
from training.tasks import FEEDS


def loss_at(temperature: float, logits: np.ndarray, labels: np.ndarray) -> float:
    probabilities = softmax(logits / temperature)
    return float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-9)).mean())


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Best of a grid of 1 % steps from 1 to 5."""
    grid = np.exp(np.arange(0.0, np.log(5.0), 0.01))
    return float(min(grid, key=lambda temperature: loss_at(temperature, logits, labels)))


def temperatures(runner: Runner, encoder: Encoder, data: Path) -> dict[str, float]:
    """Head -> temperature, fitted on what `runner` (the quantized model, as served) answers."""
    found: dict[str, tuple[list[np.ndarray], list[int]]] = {}
    for feed in FEEDS:
        if feed.kind not in ("single", "pair"):
            continue
        examples = [example for example in load_feed(feed, data, encoder, held_out=True) if example.target >= 0]
        if not examples:
            continue
        logits, labels = found.setdefault(feed.head, ([], []))
        logits.append(class_logits(runner, feed.head, examples))
        labels.extend(example.target for example in examples)
    return {head: fit_temperature(np.concatenate(logits), np.array(labels)) for head, (logits, labels) in found.items()}


@torch.no_grad()
def fold(model: MultiTask, found: dict[str, float]) -> None:
    """Divides the last layer of each head by its temperature."""
    for head, temperature in found.items():
        out = model.heads[head].out
        out.weight /= temperature
        out.bias /= temperature

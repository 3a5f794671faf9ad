"""Gives the question-answering head transformer layers of its own, trained on the frozen, quantized encoder.

The encoder serves eleven tasks and saw less than one pass of the questions. Layers on top of it are cheap to train: its
rows are computed once, by the int8 package (so the layers learn from what is served), and only the layers learn, at a
quarter of the work of training all. They start as copies of the encoder's last ones (progressive stacking, Gong et al.
2019). A question costs LAYERS more layers then; no other task does.
Usage: python -m training.span --package PACKAGE --data DIR --out PACKAGE (heads.py's package comes out deeper)
"""

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from training.batches import Stream, collate
from training.data import Encoder, Example, load_feed, load_tokenizer
from training.evaluate import Report, measure_answers
from training.graph import build_head
from training.model import MultiTask, SpanHead, load_weights
from training.package import replace_heads
from training.quantize import head_tensors
from training.runners import PackageRunner
from training.tasks import FEEDS
from training.train import span_loss

HEAD = "question-answering"
LAYERS, EPOCHS, BATCH_TOKENS, RATE, WARMUP = 2, 2, 4096, 3e-4, 100


class Rows:
    """last_hidden_state of all examples, one after the other, in float16 in a file."""

    def __init__(self, path: Path, examples: list[Example], hidden: int) -> None:
        self.path, self.examples = path, examples
        self.starts = np.cumsum([0, *(len(example.ids) for example in examples)])
        self.shape = (int(self.starts[-1]), hidden)

    def open(self, mode: str) -> np.ndarray:
        return np.memmap(self.path, np.float16, mode, shape=self.shape)


def fill(package: Path, rows: Rows, first: int, step: int) -> None:
    """Encodes each `step`-th example from `first`."""
    runner, values = PackageRunner(package), rows.open("r+")
    for i in range(first, len(rows.examples), step):
        values[rows.starts[i] : rows.starts[i + 1]] = runner.run(rows.examples[i])
    values.flush()


def encode(package: Path, rows: Rows, workers: int) -> None:
    rows.open("w+").flush()
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for done in [pool.submit(fill, package, rows, first, workers) for first in range(workers)]:
            done.result()


def copy_last_layers(model: MultiTask, head: SpanHead) -> None:
    head.deepen(LAYERS)
    for own, source in zip(head.layers, list(model.encoder.encoder.layer)[-LAYERS:]):
        own.load_state_dict(source.state_dict())


def train(head: SpanHead, rows: Rows, seed: int, epochs: float) -> None:
    """All of the head, AdamW, a linear way down to 0."""
    values, order = rows.open("r"), {id(example): i for i, example in enumerate(rows.examples)}
    stream = Stream(HEAD, rows.examples, BATCH_TOKENS, seed)
    steps = max(1, round(epochs * len(stream.plan)))
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / WARMUP, 1 - step / steps)
    )
    torch.manual_seed(seed)
    head.train()
    losses, began = [], time.monotonic()
    for step in range(1, steps + 1):
        examples = stream.next()
        batch = collate(examples, torch.device("cpu"))
        hidden = torch.zeros(*batch.ids.shape, values.shape[1])
        for row, example in enumerate(examples):
            start = rows.starts[order[id(example)]]
            hidden[row, : len(example.ids)] = torch.from_numpy(values[start : start + len(example.ids)].astype("f4"))
        span = torch.tensor([example.target for example in examples])
        loss = span_loss(head(hidden, batch.mask), batch.mask, span)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        schedule.step()
        losses.append(loss.item())
        if step % 100 == 0 or step == steps:
            passed = time.monotonic() - began
            print(f"span step {step} of {steps}, {passed:.0f} s, loss {np.mean(losses[-100:]):.3f}", flush=True)


def deepen(model: MultiTask, package: Path, encoder: Encoder, data: Path, epochs: float = EPOCHS) -> None:
    """Changes `model`'s question-answering head; `package` holds its quantized encoder."""
    head, workers = model.heads[HEAD], os.cpu_count() or 1
    examples = [example for feed in FEEDS if feed.head == HEAD for example in load_feed(feed, data, encoder)]
    with tempfile.TemporaryDirectory() as folder:
        rows = Rows(Path(folder) / "rows", examples, model.shape.hidden)
        encode(package, rows, workers)
        print(f"{len(examples)} questions, {rows.shape[0]} tokens encoded", flush=True)
        if not head.layers:
            copy_last_layers(model, head)
        train(head, rows, encoder.seed, epochs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=EPOCHS, help=f"passes over the questions (default {EPOCHS})")
    parser.add_argument("--out", type=Path, required=True, help="the same package with a deeper head")
    args = parser.parse_args()
    model, encoder = MultiTask(), Encoder(load_tokenizer(args.package / "vocab.txt"))
    print(load_weights(model, args.package))
    deepen(model, args.package, encoder, args.data, args.epochs)
    graphs, report = {HEAD: build_head(HEAD, head_tensors(model, HEAD), model.shape.heads)}, Report()
    with tempfile.TemporaryDirectory() as folder:
        replace_heads(args.package, graphs, {}, Path(folder) / "draft")
        measure_answers(PackageRunner(Path(folder) / "draft"), encoder, args.data, None, report)
    report.round()
    replace_heads(args.package, graphs, report.metrics, args.out)
    print(json.dumps(report.metrics))


if __name__ == "__main__":
    main()

"""Multi-task training: each step is one batch of one feed, drawn by its share of the tokens.

Schedule: warm-up, constant rate, then a cosine down to 0 over the last `decay` part of the token budget. The budget is
tokens, not time, so a paused process loses nothing. Several workers (processes) run different batches and take the mean
of their weights every `share_every` steps (local SGD, Stich 2019); only there does a run stop, so that none waits for a
worker that has gone. State (model, optimizer, positions) is saved at some of these places and on
SIGTERM; everything random is a function of (seed, worker, step), so a resumed run continues exactly.
A CPU computes in bf16 where that is measured to be faster (fit.py). Two cores and two workers of one thread: 2,800 tokens a
second in float32, up to 6,800 in bf16, 2,500 with teachers. One GPU, if there, is used unchanged (not tried: none was
at hand). Data and licences: card.py. Measured: cards/RUNS.md.
"""

import csv
import math
import os
import random
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from training.batches import Stream, collate
from training.data import Encoder, load_feed
from training.losses import loss_of, rarity_of
from training.model import MultiTask
from training.tasks import Feed
from training.teach import Teachers


def option(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"help": meaning})


@dataclass
class Plan:
    tokens: int = option(9_000_000, "of all workers together")
    decay: float = option(0.9, "part of the tokens over which the rate falls to 0 in a cosine")
    lr: float = option(1.2e-4, "AdamW's rate after the warm-up")
    layer_decay: float = option(1.0, "factor of the rate for each layer below the last")
    frozen: int = option(0, "first levels that stay as they are: 1 the embeddings, 2 layer 0 as well, ..")
    warmup: int = option(100, "steps")
    weight_decay: float = option(0.01, "of matrices")
    clip: float = option(1.0, "largest norm of a step's gradient")
    mask_rate: float = option(0.25, "part of the tokens to be guessed in running text")
    soft: float = option(0.8, "weight of the teachers' answers, where there are teachers; the labels have the rest")
    share_every: int = option(50, "steps after which workers take the mean of their weights; a run stops only there")
    save_every: int = option(100, "steps, of those")
    log_every: int = option(50, "steps, of those")
    seed: int = option(0, "of all that is random")
    steps: int = option(0, "stop at the first mean after so many; 0: when the tokens are used up")

    def rate(self, step: int, tokens: int) -> float:
        """Learning rate at this place of the run."""
        left = 1 - tokens / self.tokens
        rate = self.lr * min(1.0, (step + 1) / max(1, self.warmup))
        if left < self.decay and self.decay > 0:
            rate *= 0.5 - 0.5 * math.cos(math.pi * max(0.0, left) / self.decay)
        return rate


def make_optimizer(model: MultiTask, plan: Plan) -> torch.optim.Optimizer:
    """AdamW; no decay on biases and norms; lower layers may learn slower (layer_decay per layer) or not at all."""
    depth = model.shape.layers + 1
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        level = depth
        if name.startswith("encoder.embeddings"):
            level = 0
        elif name.startswith("encoder.encoder.layer."):
            level = int(name.split(".")[3]) + 1
        parameter.requires_grad_(level >= plan.frozen)
        if level < plan.frozen:
            continue
        decay = 0.0 if parameter.ndim < 2 else plan.weight_decay
        groups.setdefault((plan.layer_decay ** (depth - level), decay), []).append(parameter)
    listed = [{"params": p, "weight_decay": decay, "scale": scale} for (scale, decay), p in groups.items()]
    return torch.optim.AdamW(listed, lr=plan.lr, betas=(0.9, 0.98), fused=True)


class Trainer:
    """Owns model, streams and counters of one worker; `run` trains until the plan is used up, or SIGTERM asks to stop."""

    def __init__(
        self,
        model: MultiTask,
        encoder: Encoder,
        data: Path,
        out: Path,
        plan: Plan,
        feeds: tuple[Feed, ...],
        teachers: Teachers,
        half: bool,
    ) -> None:
        """`half`: products in bf16, weights in float32 (autocast)."""
        self.asked = self.stopped = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "asked", True))
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model, self.plan, self.out, self.feeds = model.to(self.device), plan, out, feeds
        self.teachers, self.half = teachers.to(self.device), half
        self.worker, self.workers = dist.get_rank(), dist.get_world_size()
        self.seed = plan.seed + 1000 * self.worker
        self.special = encoder.special
        self.streams, self.mask_rates = {}, {}
        for feed in feeds:
            examples = load_feed(feed, data, encoder)
            self.streams[feed.name] = Stream(feed.name, examples, feed.batch_tokens, self.seed)
            if feed.kind == "sentence":
                self.mask_rates[feed.name] = plan.mask_rate * rarity_of(examples, self.special["size"])
            if self.worker == 0:
                print(f"{feed.name}: {len(examples)} examples", flush=True)
        self.optimizer = make_optimizer(model, plan)
        self.step = self.tokens = 0

    @property
    def checkpoint(self) -> Path:
        return self.out / f"checkpoint{self.worker or ''}.pt"

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "streams": {name: (stream.epoch, stream.position) for name, stream in self.streams.items()},
            "counters": {"step": self.step, "tokens": self.tokens},
            "plan": asdict(self.plan),
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, self.checkpoint)  # a killed process never leaves half a checkpoint

    def resume(self) -> None:
        """Goes on from the checkpoint, and says what has changed; raises ValueError where it is of other feeds."""
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        if set(state["streams"]) != set(self.streams):
            raise ValueError(f"{self.checkpoint} is of other feeds: {', '.join(state['streams'])}")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name, (epoch, position) in state["streams"].items():
            self.streams[name].seek(epoch, position)
        self.step, self.tokens = state["counters"]["step"], state["counters"]["tokens"]
        now = asdict(self.plan)
        changed = [
            f"{name} {value} -> {now.get(name)}" for name, value in state["plan"].items() if value != now.get(name)
        ]
        print(f"resumed at step {self.step}, {self.tokens} tokens; {', '.join(changed) or 'same plan'}", flush=True)

    def check_steps(self) -> None:
        """Raises ValueError where the workers do not go on from the same step."""
        steps = [torch.zeros(1, dtype=torch.int64) for _ in range(self.workers)]
        dist.all_gather(steps, torch.tensor([self.step]))
        if len({int(step) for step in steps}) > 1:
            at = ", ".join(str(int(step)) for step in steps)
            raise ValueError(f"the workers' checkpoints in {self.out} are at steps {at}: as many --workers as before?")

    def pick(self) -> Feed:
        weights = [feed.share / feed.batch_tokens for feed in self.feeds]
        return random.Random(f"{self.seed}/{self.step}").choices(self.feeds, weights)[0]

    def train_step(self) -> tuple[str, float]:
        feed = self.pick()
        batch = collate(self.streams[feed.name].next(), self.device)
        seed = self.seed * 10**9 + self.step
        torch.manual_seed(seed)  # dropout
        self.model.set_dropout(feed.dropout)
        rate = self.plan.rate(self.step, self.tokens)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.half):
            teachers, mask_rate = self.teachers.of(feed), self.mask_rates.get(feed.name, self.plan.mask_rate)
            loss = loss_of(self.model, feed, batch, self.special, mask_rate, seed, teachers, self.plan.soft)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.plan.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += int(batch.mask.sum()) * self.workers  # what the others do is only known when they share
        return feed.name, loss.item()

    @torch.no_grad()
    def share(self) -> None:
        """Mean of all workers' weights and counters; if one was asked to stop, all stop."""
        counters = torch.tensor([float(self.tokens), float(self.asked)], dtype=torch.float64)
        dist.all_reduce(counters)
        self.tokens, self.stopped = round(counters[0].item() / self.workers), bool(counters[1])
        if self.workers == 1:
            return
        moving = [parameter.data for parameter in self.model.parameters() if parameter.requires_grad]
        flat = torch.cat([value.flatten() for value in moving])
        dist.all_reduce(flat)
        flat /= self.workers
        for value, part in zip(moving, flat.split([value.numel() for value in moving])):
            value.copy_(part.view_as(value))

    def run(self) -> None:
        self.check_steps()
        self.model.train()
        losses: dict[str, list[float]] = {}
        began, base = time.monotonic(), self.tokens
        while not self.stopped and self.tokens < self.plan.tokens and not 0 < self.plan.steps <= self.step:
            for _ in range(self.plan.share_every):
                name, loss = self.train_step()
                losses.setdefault(name, []).append(loss)
            self.share()
            if self.step % self.plan.log_every == 0:
                if self.worker == 0:
                    self.log(losses, (self.tokens - base) / (time.monotonic() - began))
                losses = {}
            if self.step % self.plan.save_every == 0:
                self.save()
        self.save()

    def log(self, losses: dict[str, list[float]], speed: float) -> None:
        """One line on the screen and one row per feed in curves.csv (step, tokens, rate, feed, mean loss).

        With teachers the loss is mostly the distance from them: runs with other teachers are not to be compared by it.
        """
        rate = self.plan.rate(self.step, self.tokens)
        means = {name: sum(values) / len(values) for name, values in losses.items()}
        shown = " ".join(f"{name} {mean:.3f}" for name, mean in sorted(means.items()))
        done = self.tokens / self.plan.tokens
        bar = "#" * int(20 * done)
        print(f"[{bar:20}] {done:.1%} step {self.step} {speed:.0f} tok/s lr {rate:.1e} {shown}", flush=True)
        with (self.out / "curves.csv").open("a", newline="") as file:
            writer = csv.writer(file)
            for name, mean in means.items():
                writer.writerow([self.step, self.tokens, f"{rate:.3e}", name, f"{mean:.4f}"])

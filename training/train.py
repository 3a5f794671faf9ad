"""Multi-task training: each step is one batch of one feed, drawn by its share of the tokens.

Schedule: warm-up, constant rate, then a cosine down to 0 over the last `decay` part of the token budget. The budget is
tokens, not time, so a paused process loses nothing. Several workers (processes) run different batches and take the mean
of their weights every `share_every` steps (local SGD, Stich 2019); only there does a run stop, so that none waits for a
worker that has gone. State (model, optimizer, positions) is saved at some of these places and on
SIGTERM; everything random is a function of (seed, worker, step), so a resumed run continues exactly.
A CPU computes in float32 unless it has AMX: without it bf16 products take twice as long (two cores: 166 GFLOP/s against
310). 2,800 tokens a second with two workers of one thread, with AMX up to 6,800. One GPU, if there, is used unchanged
(not tried: none was at hand). Data and licences: card.py. Measured: cards/RUNS.md.
"""

import csv
import math
import os
import random
import signal
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import torch
import torch.distributed as dist

from training.batches import Stream, collate
from training.data import Encoder, load_feed
from training.losses import loss_of, rarity_of
from training.model import MultiTask
from training.tasks import FEEDS, Feed
from training.teach import Teachers


@dataclass
class Plan:
    tokens: int = 23_000_000  # of all workers together
    decay: float = 0.9
    lr: float = 2e-4
    layer_decay: float = 1.0
    frozen: int = 0  # first levels that stay as they are: 1 the embeddings, 2 layer 0 as well, ..
    warmup: int = 100
    weight_decay: float = 0.01
    clip: float = 1.0
    mask_rate: float = 0.25
    soft: float = 0.8  # weight of the teachers' answers, the labels have the rest
    share_every: int = 50
    save_every: int = 100
    log_every: int = 50
    seed: int = 0
    steps: int = 0  # stop after so many steps; 0: when the tokens are used up

    def rate(self, step: int, tokens: int) -> float:
        """Learning rate at this place of the run."""
        left = 1 - tokens / self.tokens
        rate = self.lr * min(1.0, (step + 1) / self.warmup)
        if left < self.decay:
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


@cache
def faster_in_bf16() -> bool:
    """Measured: with AMX or a Zen 5 it is four times as fast as float32, on other processors half as fast."""
    seconds = []
    for kind in (torch.float32, torch.bfloat16):
        rows, weight = torch.ones(1024, 768, dtype=kind), torch.ones(768, 768, dtype=kind)
        rows @ weight  # the first one makes the kernel
        began = time.perf_counter()
        for _ in range(20):
            rows @ weight
        seconds.append(time.perf_counter() - began)
    return seconds[1] < 0.8 * seconds[0]


def autocast(device: torch.device) -> torch.autocast:
    """bf16 where the hardware multiplies it faster than float32."""
    faster = device.type == "cuda" or faster_in_bf16()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=faster)


class Trainer:
    """Owns model, streams and counters of one worker; `run` trains until the plan is used up."""

    def __init__(
        self,
        model: MultiTask,
        encoder: Encoder,
        data: Path,
        out: Path,
        plan: Plan,
        feeds: tuple[Feed, ...] = FEEDS,
        teachers: Teachers = Teachers(),
    ) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model, self.plan, self.out, self.feeds = model.to(self.device), plan, out, feeds
        self.teachers = teachers
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
        self.cpu_seconds = 0.0
        self.stopped = False

    @property
    def checkpoint(self) -> Path:
        return self.out / f"checkpoint{self.worker or ''}.pt"

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "streams": {name: (stream.epoch, stream.position) for name, stream in self.streams.items()},
            "counters": {"step": self.step, "tokens": self.tokens, "cpu_seconds": self.cpu_seconds},
            "plan": asdict(self.plan),
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, self.checkpoint)  # a killed process never leaves half a checkpoint

    def resume(self) -> None:
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name, (epoch, position) in state["streams"].items():
            self.streams[name].seek(epoch, position)
        counters = state["counters"]
        self.step, self.tokens, self.cpu_seconds = counters["step"], counters["tokens"], counters["cpu_seconds"]
        print(f"resumed at step {self.step}, {self.tokens} tokens", flush=True)

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
        with autocast(self.device):
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
        """Mean of all workers' weights and counters; if one is told to stop, all stop."""
        moving = [parameter.data for parameter in self.model.parameters() if parameter.requires_grad]
        counters = torch.tensor([float(self.tokens), float(self.stopped)], dtype=torch.float64)
        dist.all_reduce(counters)
        flat = torch.cat([value.flatten() for value in moving])
        dist.all_reduce(flat)
        flat /= self.workers
        for value, part in zip(moving, flat.split([value.numel() for value in moving])):
            value.copy_(part.view_as(value))
        self.tokens, self.stopped = round(counters[0].item() / self.workers), bool(counters[1])

    def run(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        self.model.train()
        losses: dict[str, list[float]] = {}
        started, began, base = time.process_time() - self.cpu_seconds, time.monotonic(), self.tokens
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopped", True))
        while not self.stopped and self.tokens < self.plan.tokens and not 0 < self.plan.steps <= self.step:
            for _ in range(self.plan.share_every):
                name, loss = self.train_step()
                losses.setdefault(name, []).append(loss)
            if self.workers > 1:
                self.share()
            self.cpu_seconds = time.process_time() - started
            if self.step % self.plan.log_every == 0:
                if self.worker == 0:
                    self.log(losses, (self.tokens - base) / (time.monotonic() - began))
                losses = {}
            if self.step % self.plan.save_every == 0:
                self.save()
        self.save()

    def log(self, losses: dict[str, list[float]], speed: float) -> None:
        """One line on the screen and one row per feed in curves.csv (step, tokens, rate, feed, mean loss)."""
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

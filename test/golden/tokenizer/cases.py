"""Cases for the reference: a text or pair with a configuration and ways of cutting."""

import random

from hard_text import LINES, random_text
from reference import CONFIGURATIONS

STRATEGIES = ["longest_first", "only_first", "only_second"]


def case(configuration, text, pair=None, special=True, most=None, strategy="longest_first", direction="right", stride=None):
    return {"c": configuration, "a": text, "b": pair, "s": special, "m": most, "t": strategy, "d": direction, "st": stride}


def random_case(rng: random.Random, text=random_text):
    """Half of the cases are plain; the others are cut, most of them so short that it matters."""
    configuration = 0 if rng.random() < 0.35 else rng.randrange(len(CONFIGURATIONS))
    pair = text(rng) if rng.random() < 0.35 else None
    special = rng.random() < 0.85
    if rng.random() < 0.5:
        return case(configuration, text(rng), pair, special)
    added = 0 if not special else 2 if pair is None else 3
    most = added + rng.choice([0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 20, 21, 40, 61, 125])
    stride = rng.choice([None, None, 0, 1, 2, 3, 5, most - added - 1, most - added, (most - added) // 2 - 1])
    if stride is not None and stride < 0:
        stride = 0
    if most < 2 and stride is not None:
        stride = 0  # below 2 the reference's check of the stride wraps around
    return case(configuration, text(rng), pair, special, most, rng.choice(STRATEGIES), rng.choice(["right", "left"]), stride)


def fixed_cases():
    """Every hand-written line in every configuration; every line cut in some way."""
    for line in LINES:
        for configuration in range(len(CONFIGURATIONS)):
            yield case(configuration, line)
    rng = random.Random(1)
    line = lambda rng: rng.choice(LINES)
    for _ in range(2000):
        yield random_case(rng, line)
    for _ in range(2500):
        yield random_case(rng)

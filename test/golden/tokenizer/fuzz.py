"""Random cases with the reference's answers, a line of JSON each, for compare.ts:

    python test/golden/tokenizer/fuzz.py 7 20000 2>/dev/null | node test/golden/tokenizer/compare.ts
"""

import json
import random
import sys

from cases import random_case
from reference import CONFIGURATIONS, Reference


def main(seed, count):
    rng = random.Random(f"fuzz {seed}")
    reference = Reference()
    write = lambda value: print(json.dumps(value, separators=(",", ":")))
    write(CONFIGURATIONS)
    for _ in range(count):
        case = random_case(rng)
        write({**case, **reference.answer(case)})


main(int(sys.argv[1]), int(sys.argv[2]))

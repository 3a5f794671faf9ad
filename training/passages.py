"""What the running text is cut into beyond plain passages: verbs and names to guess, and phrases that continue nothing.

All are what people try and what masks at random and random pairs do not teach: "a huge trout just [MASK] my line",
"The capital of France is [MASK].", "Ramona made coffee. / Vanilla ice cream cones for sale."
"""

import random
import re
from collections import Counter

import numpy as np

# one part of the text (MASC) carries Penn Treebank tags: "do_VBP n't_RB ,_,"
TAG = re.compile(r"_(?:[A-Z]{2,4}\$?|-[LR]RB-|``|''|[.,:()$#\"-])")
TAGS_OF_A_TAGGED_TEXT = 3
DETERMINER = r"(?:a|an|the|my|your|his|her|its|our|their|this|that|these|those)"
OBJECT = re.compile(rf"\b([a-z]+) {DETERMINER} [a-z]", re.IGNORECASE)
AFTER_PRONOUN = re.compile(rf"\b(?:i|you|he|she|we|they)(?: just)? ([a-z]+) {DETERMINER} ", re.IGNORECASE)
NOT_VERBS = set(
    "a about above across after against all along am among and any are around as at be because been before behind "
    "being below between beyond both but by could despite did do does down during either even except far for from had "
    "half has have if in inside into is just less like may might more most much must near neither no nor not now of "
    "off on once one only onto or other out outside over past plus quite rather right same shall should since so some "
    "still such than that the then there this though through throughout to together too toward towards under unless "
    "unlike until up upon was were what when where whether which while who whom whose why will with within without "
    "would yet".split()
)
# one capitalized word that is a name on its own: neither the first of a sentence nor part of a longer name
NAME = re.compile(r"(?<![\w'-])[a-z][a-z'-]*,? ([A-Z][a-z]{2,})(?=[.,;:!?]| [a-z])")
WORD = re.compile(r"[a-z']+")
FINITE = set("am are can could did do does had has have is may might must shall should was were will would".split())
PRONOUNS = set("he i it she they we you".split())
SEEN = 3  # times after a pronoun
SIF = 1e-3  # Arora et al. 2017: a token weighs SIF / (SIF + its frequency)
CANDIDATES, CHUNK = 300, 256


def without_tags(text: str) -> str:
    found = TAG.findall(text) if "_" in text else []
    return TAG.sub("", text) if len(found) >= TAGS_OF_A_TAGGED_TEXT else text


def verbs_of(texts: list[str]) -> set[str]:
    """Words that stand between a pronoun and a determiner: "he hit the ..."."""
    counts = Counter(word.lower() for text in texts for word in AFTER_PRONOUN.findall(text))
    return {word for word, count in counts.items() if count >= SEEN} - NOT_VERBS


def without_verb(sentence: str, verbs: set[str]) -> bool:
    """Headlines, captions, offers: no finite verb, no pronoun. A guess: verbs that follow no pronoun are not known."""
    words = WORD.findall(sentence.lower())
    return not any(w in FINITE or w in PRONOUNS or w in verbs or "'" in w or w.endswith("ed") for w in words)


def verb_places(sentences: list[str], verbs: set[str], rng: random.Random) -> list[tuple[str, str, str]]:
    """(before, verb, after) for one verb with an object in each sentence that has one."""
    return one_place_each(sentences, OBJECT, rng, verbs)


def name_places(sentences: list[str], rng: random.Random) -> list[tuple[str, str, str]]:
    """(before, name, after) for one name of one word in each sentence that has one."""
    return one_place_each(sentences, NAME, rng)


def one_place_each(
    sentences: list[str], pattern: re.Pattern[str], rng: random.Random, words: set[str] | None = None
) -> list[tuple[str, str, str]]:
    """What stands before, in and after the pattern's group, at one of its places; only at `words`, if given."""
    found = []
    for sentence in sentences:
        matches = pattern.finditer(sentence)
        places = [match.span(1) for match in matches if words is None or match[1].lower() in words]
        if places:
            start, end = rng.choice(places)
            found.append((sentence[:start], sentence[start:end], sentence[end:]))
    return found


def sentence_vectors(sentences: list[list[int]], words: np.ndarray) -> np.ndarray:
    """Ids of each of N sentences, (V, H) word embeddings -> (N, H) of length 1: weighted means, the common part out."""
    counts = np.bincount([token for ids in sentences for token in ids], minlength=len(words))
    weights = (SIF / (SIF + counts / max(1, counts.sum())))[:, None] * words
    means = np.stack([weights[ids].mean(0) if ids else np.zeros(words.shape[1]) for ids in sentences])
    means -= means.mean(0)
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)


def most_similar(first: list[list[int]], second: list[list[int]], words: np.ndarray, rng: random.Random) -> list[int]:
    """For each first sentence the place of that second one, of some CANDIDATES but its own, that is most like it."""
    vectors = sentence_vectors(first + second, words)
    a, b = vectors[: len(first)], vectors[len(first) :]
    found: list[int] = []
    for low in range(0, len(a), CHUNK):
        others = rng.sample(range(len(b)), min(len(b), CANDIDATES))
        scores = a[low : low + CHUNK] @ b[others].T
        for row, values in enumerate(scores):
            values[[place for place, other in enumerate(others) if other == low + row]] = -2
            found.append(others[int(values.argmax())])
    return found

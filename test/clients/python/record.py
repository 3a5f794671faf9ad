"""Runs a client's calls by name and prints, as JSON, what each gave or how it failed.

Usage of every script: python call_x.py BASE_URL, with the input for its calls as JSON on standard input.
"""

import dataclasses
import json
import sys
from collections.abc import Callable

Calls = dict[str, Callable[[], object]]


def record(make_calls: Callable[[str, dict], Calls]) -> None:
    calls = make_calls(sys.argv[1], json.load(sys.stdin))
    json.dump({name: outcome(call) for name, call in calls.items()}, sys.stdout)


def outcome(call: Callable[[], object]) -> dict[str, object]:
    try:
        return {"value": plain(call())}
    except Exception as error:
        bases = [base.__name__ for base in type(error).__mro__]
        return {"error": {"bases": bases, "message": str(error), "status": status_of(error)}}


def plain(value: object) -> object:
    """Clients' own types as what JSON has."""
    if dataclasses.is_dataclass(value):
        return {"type": type(value).__name__, **{key: plain(item) for key, item in vars(value).items()}}
    if hasattr(value, "model_dump"):
        return {"type": type(value).__name__, **plain(value.model_dump(mode="json"))}
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def status_of(error: Exception) -> int | None:
    status = getattr(error, "status_code", None)
    return status if status is not None else getattr(getattr(error, "response", None), "status_code", None)

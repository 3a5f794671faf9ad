#!/usr/bin/env bash
# The training smoke run (about a minute). Uses $PYTHON, or the active virtual environment, or makes training/.venv
# from requirements.txt (torch is several hundred MB, which is why this is not part of `npm test`).
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${PYTHON:-}" ]; then
  python="$PYTHON"
elif [ -n "${VIRTUAL_ENV:-}" ]; then
  python="$VIRTUAL_ENV/bin/python"
else
  python=training/.venv/bin/python
  if [ ! -x "$python" ]; then
    python3 -m venv training/.venv
    training/.venv/bin/pip install --quiet -r training/requirements.txt --extra-index-url https://download.pytorch.org/whl/cpu
  fi
fi
exec "$python" -m training.smoke

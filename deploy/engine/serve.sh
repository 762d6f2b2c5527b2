#!/bin/bash
# Start vLLM on the mounted model, by the same flags as `manage.py serve_model`.
set -euo pipefail
export PYTHONPATH=/deploy
exec python3 -m inference.vllm.container

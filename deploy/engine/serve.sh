#!/bin/bash
# Start vLLM on the mounted model. The key goes by environment: arguments are for everybody to read.
set -euo pipefail
VLLM_API_KEY="$(cat /run/hermes/key)"
export VLLM_API_KEY VLLM_MAX_N_SEQUENCES=1
exec vllm serve /model --host 0.0.0.0 --port 8000 \
  --served-model-name "$HERMES_ENGINE_MODEL" \
  --tensor-parallel-size "$HERMES_GPUS" \
  --max-model-len "$HERMES_ENGINE_CONTEXT" \
  --default-chat-template-kwargs '{"thinking": false}' \
  --reasoning-config '{"reasoning_start_str": "<think>", "reasoning_end_str": "</think>"}' \
  --enable-auto-tool-choice --tool-call-parser hermes \
  --override-generation-config '{"temperature": 0.6, "top_p": 0.95, "top_k": 20}' \
  --enable-prompt-tokens-details --enable-force-include-usage \
  --sse-keep-alive-interval 15 --disable-fastapi-docs --shutdown-timeout 30

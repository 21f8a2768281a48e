#!/usr/bin/env bash
# Grade several answers in one call; each has a result of its own, in order. One needs no bank.
set -euo pipefail
server=${GRADER_SERVER:-http://127.0.0.1:8000}

curl --silent --show-error --fail-with-body "$server/v1/grades" \
  --header "Authorization: Bearer ${GRADER_API_KEY:-}" \
  --header "Content-Type: application/json" \
  --data '{
    "requests": [
      {"question_id": "ds25-11", "answer": "It switches off random neurons."},
      {"question": "Why is the sky blue?", "references": ["Air scatters blue light most."], "answer": "Scattering."}
    ]
  }'

#!/usr/bin/env bash
# Grade an answer to a bank's question. The idempotency key makes it safe to send again.
set -euo pipefail
server=${GRADER_SERVER:-http://127.0.0.1:8000}

curl --silent --show-error --fail-with-body "$server/v1/grades" \
  --header "Authorization: Bearer ${GRADER_API_KEY:-}" \
  --header "Content-Type: application/json" \
  --header "Idempotency-Key: attempt-4711-ds25-11" \
  --data '{
    "question_id": "ds25-11",
    "answer": "Dropout switches off random neurons while training, which reduces overfitting.",
    "candidate_id": "4711"
  }'

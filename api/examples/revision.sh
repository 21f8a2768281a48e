#!/usr/bin/env bash
# A grade at once; where a language model is asked beside (GRADER_JUDGE_MODE), its revision as soon as it is there.
set -euo pipefail
server=${GRADER_SERVER:-http://127.0.0.1:8000}
key=(-H "Authorization: Bearer ${GRADER_API_KEY:-}")

made=$(curl --silent --show-error --fail-with-body "${key[@]}" -H "Content-Type: application/json" "$server/v1/grades" \
  --data '{"question_id": "ds25-11", "answer": "Dropout switches off random neurons while training."}')
id=$(sed -E 's/.*"id":"(grade_[0-9a-f]+)".*/\1/' <<<"$made")

curl --silent --no-buffer "${key[@]}" "$server/v1/grades/$id/events" | grep '^data'

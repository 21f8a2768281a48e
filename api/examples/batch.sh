#!/usr/bin/env bash
# A table of answers graded in the service's spare time: sent, followed, fetched.
set -euo pipefail
server=${GRADER_SERVER:-http://127.0.0.1:8000}
key=(-H "Authorization: Bearer ${GRADER_API_KEY:-}")

made=$(printf 'question_id,answer\nds25-11,Dropout switches off random neurons while training.\nds25-1,I do not know.\n' |
  curl --silent --show-error --fail-with-body "${key[@]}" -H "Content-Type: text/csv" --data-binary @- "$server/v1/batches")
id=$(sed -E 's/.*"id":"(batch_[0-9a-f]+)".*/\1/' <<<"$made")

curl --silent --no-buffer "${key[@]}" "$server/v1/batches/$id/events" | grep '^data'
curl --silent --fail-with-body "${key[@]}" "$server/v1/batches/$id/output"

#!/usr/bin/env bash
# Put a bank of your own, grade by it, change it, see whose grade would change, delete it.
set -euo pipefail
server=${GRADER_SERVER:-http://127.0.0.1:8000}
call() {
  curl --silent --show-error --fail-with-body --header "Authorization: Bearer ${GRADER_API_KEY:-}" "$@"
  echo
}

call --request PUT "$server/v1/banks/weather" --header "Content-Type: application/yaml" --data-binary @- <<'YAML'
bank: weather
title: Weather
questions:
  - id: weather-1
    question: Why is the sky blue?
    references: [Air scatters blue light more than red light.]
YAML

call "$server/v1/grades" --header "Content-Type: application/json" \
  --data '{"question_id": "weather-1", "answer": "Air scatters blue light more than red light."}'

call --request PUT "$server/v1/banks/weather" --header "Content-Type: application/yaml" --data-binary @- <<'YAML'
bank: weather
title: Weather
questions:
  - id: weather-1
    question: Why is the sky blue?
    references: [Small molecules scatter short waves strongly.]
YAML

call "$server/v1/regrades" --header "Content-Type: application/json" --data '{"bank": "weather", "dry_run": true}'
call --request DELETE "$server/v1/banks/weather"

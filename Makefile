# Two commands do everything on a fresh machine with Python 3.11+: `make grade` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup grade test lint bench figures train train-judge train-judged schema openapi fuzz bench-api bench-batch bench-gpu kills kills-api test-live

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## create .venv and install from constraints.txt

# torch goes first and by its exact version: a looser request would fetch another build.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@echo "setting up $(VENV) (a few minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install "$$(grep '^torch==' constraints.txt)" --constraint constraints.txt
	@$(PIP) install --editable ".[batch,documents,llm,ray,report,serve,mcp,postgres,otel]" --group dev --constraint constraints.txt
	@touch $@

grade: $(READY)  ## grade a sample answer
	@$(BIN)/grader grade ds25-11 --answer-file examples/answer.txt

test: $(READY)  ## run the tests
	@$(BIN)/pytest

test-live: $(READY)  ## ask the language model that GRADER_JUDGE_BASE_URL and GRADER_JUDGE_MODEL name
	@$(BIN)/pytest -m live -s -q

lint: $(READY)  ## ruff, mypy, import-linter and the banks' structure
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/grader bank lint --quick --strict

bench: $(READY)  ## answers per second of grade_many beside raw encoding, and the time of one grade
	@$(BIN)/python -m pytest -m 'bench and not api and not batch and not gpu' -s -q -p no:cacheprovider | grep -v "^$$"

figures: $(READY)  ## how the banks are graded, as printed by their tests
	@$(BIN)/python -m pytest tests/model/test_document_answers.py tests/model/test_ds25.py tests/model/test_banks.py tests/model/test_unseen_answers.py tests/model/test_fresh_answers.py tests/model/test_side_by_side.py tests/model/test_training.py tests/model/test_judge.py -s -q -p no:cacheprovider | grep -v "^[.]*$$"

MARKED := $(addprefix ../shared/asag/,saf_train.parquet semeval_beetle_train.parquet semeval_scientsbank_train.parquet)

CALIBRATE = $(BIN)/python -m grader.training.calibration --answers models/calibration/answers.jsonl --selected models/calibration/side_by_side.jsonl --marked $(MARKED)

train: $(READY)  ## fit scoring without a judge on the marked answers beside the checkout (minutes)
	@$(CALIBRATE) --name unjudged-4 models/calibration/unjudged.json
	@$(BIN)/python -m grader.training.scale_prior_fit models/calibration/scale_prior.json --marked $(MARKED)

TRAIN_JUDGE = $(BIN)/grader train-judge --no-rehearse --no-hold-out --batch 96 --entailment ../shared/nli/pairs.parquet

# two hours on two cores for the pairs (a quarter of a million, twice), twenty minutes for the rest
train-judge: build/pairs.safetensors  ## train the judge: pairs, then contrasts
	@$(TRAIN_JUDGE) build/claims.safetensors --start $< --pairs 8000 --passes 3 --rate 9e-5 --force --sentences models/judge/contrasts.jsonl

build/pairs.safetensors: $(READY)
	@mkdir -p build
	@$(TRAIN_JUDGE) $@ --start all-MiniLM-L6-v2 --passes 2 --rate 1.5e-4

train-judged: $(READY)  ## the same with the judge, which was trained on none of these answers
	@$(CALIBRATE) --name judged-4 models/calibration/judged.json --judge claims-3

schema: $(READY)  ## write rubrics/schema.json from the models
	@$(BIN)/grader bank schema > rubrics/schema.json

openapi: $(READY)  ## write api/openapi.json from the application, and the tools of api/examples
	@$(BIN)/python -m grader_api.contract > api/openapi.json
	@$(BIN)/python -m grader_api.definitions > api/examples/tools.json

fuzz: $(READY)  ## twenty thousand cases made from the contract
	@GRADER_FUZZ_CASES=20000 $(BIN)/pytest tests/service/test_fuzz.py -q -s

bench-api: $(READY)  ## the service beside the library: latency, grades per second, overload
	@$(BIN)/python -m pytest -m api -s -q -p no:cacheprovider | grep -v "^$$"

bench-batch: $(READY)  ## batches: rows per second beside encoding and the usual loop, and as tables grow
	@$(BIN)/python -m pytest -m batch -s -q -p no:cacheprovider | grep -v "^$$"

bench-gpu: $(READY)  ## on a CUDA machine: how busy the GPU is, grades per second beside encoding and the tokenizer
	@$(BIN)/python -m pytest -m gpu -s -q -p no:cacheprovider | grep -v "^$$"

kills: $(READY)  ## a batch killed at fifty random moments
	@GRADER_KILLS=50 $(BIN)/pytest tests/unit/test_batch.py -k killed -q -s

kills-api: $(READY)  ## a batch of 20,000 rows in the service, killed at twenty random moments
	@GRADER_KILLS=20 GRADER_KILLED_ROWS=20000 $(BIN)/pytest tests/service/test_batch_crashes.py -k killed -q -s

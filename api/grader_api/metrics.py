"""What the service counts, for Prometheus. A registry of its own for each application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from grader.grade import Grade, RemoteOutcome
from grader.llm.budget import Prices, Usage

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_JUDGE_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 240.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class JudgeMetrics:
    """What asking a language model comes to; `cost` is counted where prices are known."""

    answers: Counter
    seconds: Histogram
    tokens: Counter
    cost: Counter | None
    prices: Prices | None

    def heard(self, outcome: RemoteOutcome, *, from_cache: bool) -> None:
        """Count an answer that was judged, or why it was not."""
        self.answers.labels(outcome.value, "kept" if from_cache else "asked").inc()

    def called(self, used: Usage, seconds: float) -> None:
        """Count a call, with all its attempts."""
        self.seconds.observe(seconds)
        self.tokens.labels("read").inc(used.read)
        self.tokens.labels("written").inc(used.written)
        if self.cost is not None and self.prices is not None:
            self.cost.inc(self.prices.cost(used))


@dataclass(frozen=True, slots=True)
class Metrics:
    """The service's counters."""

    registry: CollectorRegistry
    requests: Counter
    latency: Histogram
    batch_size: Histogram
    encode_seconds: Histogram
    grades: Counter
    reviews: Counter
    judging: JudgeMetrics

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self.requests.labels(method, route, str(status)).inc()
        self.latency.labels(method, route).observe(seconds)

    def batch(self, size: int, seconds: float) -> None:
        """Count a batch that was encoded and judged."""
        self.batch_size.observe(size)
        self.encode_seconds.observe(seconds)

    def graded(self, grade: Grade) -> None:
        """Count a grade."""
        if grade.label is not None:
            self.grades.labels(grade.label.value).inc()
        if grade.needs_review:
            self.reviews.inc()

    def text(self) -> bytes:
        """Every counter in Prometheus' text format."""
        return generate_latest(self.registry)


def make_metrics(queue_depth: Callable[[], int], prices: Prices | None = None) -> Metrics:
    """Fresh counters; `queue_depth` tells how many answers wait, `prices` what a language model's tokens cost."""
    registry = CollectorRegistry()
    depth = Gauge("grader_queue_depth", "Answers that wait to be graded.", registry=registry)
    depth.set_function(queue_depth)
    return Metrics(
        registry,
        Counter("grader_requests", "Requests answered.", ["method", "route", "status"], registry=registry),
        Histogram(
            "grader_request_seconds", "Time to answer.", ["method", "route"], buckets=_SECONDS, registry=registry
        ),
        Histogram("grader_batch_size", "Answers graded together.", buckets=_SIZES, registry=registry),
        Histogram("grader_batch_seconds", "Time to encode and judge a batch.", buckets=_SECONDS, registry=registry),
        Counter("grader_grades", "Grades made.", ["label"], registry=registry),
        Counter("grader_reviews", "Grades that a person should look at.", registry=registry),
        _judge_metrics(registry, prices),
    )


def _judge_metrics(registry: CollectorRegistry, prices: Prices | None) -> JudgeMetrics:
    answers = "Answers that a language model judged, or why it did not; kept are those judged before."
    cost = "What the language model cost, by the prices in the settings."
    return JudgeMetrics(
        Counter("grader_judge_answers", answers, ["outcome", "source"], registry=registry),
        Histogram("grader_judge_seconds", "Time of a call.", buckets=_JUDGE_SECONDS, registry=registry),
        Counter("grader_judge_tokens", "Tokens that the language model used.", ["direction"], registry=registry),
        None if prices is None else Counter("grader_judge_cost", cost, registry=registry),
        prices,
    )

"""What the service counts, for Prometheus. A registry of its own for each application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from grader.grade import Grade

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


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


def make_metrics(queue_depth: Callable[[], int]) -> Metrics:
    """Fresh counters; `queue_depth` tells how many answers wait."""
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
    )

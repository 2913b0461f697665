"""What a service tells Prometheus of itself. No label holds what a client sends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.event_hub import Hub
from api.service import Service
from layers.webhook_sender import HookStats

__all__ = ["CONTENT_TYPE_LATEST", "Measured", "Metrics"]

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE, OTHER = "none", "other"
OUTCOMES = ("opened", "joined", "repeated", "refused")
BROKEN = 500  # an answer that never began
STREAM = (b"content-type", b"text/event-stream; charset=utf-8")


class Metrics:
    """The numbers of one app, in a registry of their own.

    Attributes:
        webhooks: asked at every scrape how the hooks do; whoever starts a sender puts its ``stats`` here.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.webhooks: Callable[[], Mapping[str, HookStats]] = dict
        labels = ("method", "route", "status")
        self._requests = Counter(
            "woodpecker_http_requests", "Requests answered.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "woodpecker_http_request_seconds", "From the first byte to the end of the answer.",
            labels[:2], buckets=BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self._children: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = (method, route, str(status))
        if key not in self._children:
            self._children[key] = self._requests.labels(*key), self._seconds.labels(*key[:2])
        count, histogram = self._children[key]
        count.inc()
        histogram.observe(seconds)

    def text(self, service: Service) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(_Both(self.registry, lambda: families(service, self.webhooks())))


class Measured:
    """Middleware that counts requests and how long they take."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.app, self.clock, self.metrics = app, clock, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and count it once it is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, start = BROKEN, self.clock()
        begun: float | None = None

        async def watched(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status = message["status"]
                if STREAM in message.get("headers", ()):
                    begun = self.clock()
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else OTHER
            # A stream lasts all day: what counts is how long it took to begin.
            seconds = (self.clock() if begun is None else begun) - start
            self.metrics.answered(method, _route(scope), status, seconds)


def families(service: Service, hooks: Mapping[str, HookStats]) -> Iterator[Metric]:
    """What of a service is only looked at when somebody asks."""
    live, now_us = service.live, service.now_us()
    generation = live.generation
    info = {"id": generation.id, "sha256": generation.sha256}
    yield InfoMetricFamily("woodpecker_generation", "The generation that answers.", info)
    counts = {**dict.fromkeys(OUTCOMES, 0), **live.tally.counts()}
    yield _labelled(CounterMetricFamily, "woodpecker_reports", "Reports by outcome.", "outcome", counts)
    by_status = live.open.count_by_status()
    yield _labelled(GaugeMetricFamily, "woodpecker_issues_open", "Open issues.", "status", by_status)
    late = live.open.count_overdue(now_us)
    yield GaugeMetricFamily("woodpecker_issues_overdue", "Open issues that are overdue.", late)
    writer, desk = live.store.writer, service.desk
    for name, what, part in (("store_writer", "The store's writer", writer), ("intake", "The intake", desk)):
        alive, waiting = f"woodpecker_{name}_alive", f"woodpecker_{name}_waiting"
        yield GaugeMetricFamily(alive, f"{what} is at work.", int(part.alive))
        yield GaugeMetricFamily(waiting, f"{what}: what waits for it.", part.waiting)
    yield from _listeners(service.hub)
    yield from _webhooks(hooks)


def _listeners(hub: Hub) -> Iterator[Metric]:
    yield GaugeMetricFamily("woodpecker_feed_alive", "The feed of events is at work.", int(hub.alive))
    yield GaugeMetricFamily("woodpecker_listeners", "Who listens to events now.", hub.count)
    cut = "Listeners cut because they were too slow."
    yield CounterMetricFamily("woodpecker_listeners_cut", cut, hub.cut)
    yield CounterMetricFamily("woodpecker_events_told", "Changes told to listeners.", hub.told)


def _webhooks(hooks: Mapping[str, HookStats]) -> Iterator[Metric]:
    named = (
        (CounterMetricFamily, "delivered", "Messages that a webhook took."),
        (CounterMetricFamily, "failed", "Attempts that a webhook did not take."),
        (GaugeMetricFamily, "waiting", "Events that a webhook has not got past."),
        (GaugeMetricFamily, "gone", "The webhook asked for no more."),
        (GaugeMetricFamily, "alive", "The webhook's sender is at work."),
    )
    for kind, word, help_ in named:
        values = {name: int(getattr(stats, word)) for name, stats in hooks.items()}
        yield _labelled(kind, f"woodpecker_webhook_{word}", help_, "webhook", values)


def _labelled(
    kind: type[CounterMetricFamily | GaugeMetricFamily],
    name: str,
    help_: str,
    label: str,
    values: Mapping[str, int],
) -> Metric:
    family = kind(name, help_, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


def _route(scope: Scope) -> str:
    """The route's template; what reached none is not told apart."""
    template: str = getattr(scope.get("route"), "path", NO_ROUTE)
    return template


class _Both(Collector):
    """A registry's numbers, and more."""

    def __init__(self, registry: CollectorRegistry, more: Callable[[], Iterable[Metric]]) -> None:
        self._registry, self._more = registry, more

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        yield from self._registry.collect()
        yield from self._more()

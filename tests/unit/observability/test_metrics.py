"""Counters and distributions as Prometheus reads them."""

from gateway.observability.metrics import MemoryMetrics


def test_counts_by_label():
    metrics = MemoryMetrics()
    metrics.count("relay_attempts_total", system="a", outcome="delivered")
    metrics.count("relay_attempts_total", 2, outcome="delivered", system="a")
    assert metrics.value("relay_attempts_total", system="a", outcome="delivered") == 3
    assert 'relay_attempts_total{outcome="delivered",system="a"} 3' in metrics.render()


def test_distributions_have_growing_buckets_sum_and_count():
    metrics = MemoryMetrics()
    for seconds in (0.004, 0.2, 120):
        metrics.observe("http_seconds", seconds, door="rest")
    lines = metrics.render().splitlines()
    assert lines[0] == "# TYPE http_seconds histogram"
    assert 'http_seconds_bucket{door="rest",le="0.005"} 1' in lines
    assert 'http_seconds_bucket{door="rest",le="0.25"} 2' in lines
    assert 'http_seconds_bucket{door="rest",le="+Inf"} 3' in lines
    assert 'http_seconds_count{door="rest"} 3' in lines


def test_label_values_cannot_break_the_format():
    metrics = MemoryMetrics()
    metrics.count("x_total", label='a"b\nc\\')
    assert 'label="a\\"b\\nc\\\\"' in metrics.render()


def test_nothing_counted_renders_nothing():
    assert MemoryMetrics().render() == ""

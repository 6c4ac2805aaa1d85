// Counters of routes that cost an io thread a few relaxed additions, and the text Prometheus
// scrapes. prometheus-cpp's own metric objects lock in histograms, so it only serializes here, when
// scraped.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "serve/operations.h"

namespace attune::serve {

using MetricFamily = prometheus::MetricFamily;

/// Upper bounds of the latency histogram, in microseconds.
inline constexpr std::array<std::int64_t, 13> kLatencyBoundsUs = {
    500,     1'000,   2'500,   5'000,     10'000,    25'000,    50'000,
    100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};

/// Requests of one route by status class, and how long they took from head to answer.
struct RouteMetrics {
  std::array<std::atomic<std::uint64_t>, 6> by_class{};                           // [status / 100]
  std::array<std::atomic<std::uint64_t>, kLatencyBoundsUs.size() + 1> latency{};  // not cumulative
  std::atomic<std::uint64_t> latency_sum_us{0};

  void count(int status, std::int64_t took_us);
};

/// Adds the families `attune_http_requests_total` and `attune_http_request_seconds` of one route.
void add_route_metrics(std::vector<MetricFamily>& out, const std::string& route,
                       const RouteMetrics& metrics);

/// Adds samples, one family for each name.
void add_samples(std::vector<MetricFamily>& out, const std::vector<MetricSample>& samples);

/// The text exposition format, version 0.0.4.
std::string metrics_text(const std::vector<MetricFamily>& families);

}  // namespace attune::serve

#include "serve/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <map>

namespace attune::serve {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

MetricFamily& family_of(std::vector<MetricFamily>& out, const std::string& name,
                        const std::string& help, MetricType type) {
  const auto found =
      std::find_if(out.begin(), out.end(), [&](const MetricFamily& f) { return f.name == name; });
  if (found != out.end()) return *found;
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  out.push_back(std::move(family));
  return out.back();
}

ClientMetric::Label label(std::string name, std::string value) {
  ClientMetric::Label made;
  made.name = std::move(name);
  made.value = std::move(value);
  return made;
}

}  // namespace

void RouteMetrics::count(int status, std::int64_t took_us) {
  const auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
  by_class[status_class].fetch_add(1, std::memory_order_relaxed);
  const auto bound = std::lower_bound(kLatencyBoundsUs.begin(), kLatencyBoundsUs.end(), took_us);
  latency[static_cast<std::size_t>(bound - kLatencyBoundsUs.begin())].fetch_add(
      1, std::memory_order_relaxed);
  latency_sum_us.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(took_us, 0)),
                           std::memory_order_relaxed);
}

void add_route_metrics(std::vector<MetricFamily>& out, const std::string& route,
                       const RouteMetrics& metrics) {
  MetricFamily& requests =
      family_of(out, "attune_http_requests_total",
                "Requests answered, by route and class of the status.", MetricType::Counter);
  for (std::size_t status_class = 1; status_class < metrics.by_class.size(); ++status_class) {
    const auto count = metrics.by_class[status_class].load(std::memory_order_relaxed);
    if (count == 0) continue;
    ClientMetric metric;
    metric.label = {label("route", route), label("status", std::to_string(status_class) + "xx")};
    metric.counter.value = static_cast<double>(count);
    requests.metric.push_back(std::move(metric));
  }
  ClientMetric metric;
  metric.label = {label("route", route)};
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < metrics.latency.size(); ++i) {
    total += metrics.latency[i].load(std::memory_order_relaxed);
    ClientMetric::Bucket bucket;
    bucket.cumulative_count = total;
    bucket.upper_bound = i < kLatencyBoundsUs.size()
                             ? static_cast<double>(kLatencyBoundsUs[i]) / 1e6
                             : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back(bucket);
  }
  if (total == 0) return;
  metric.histogram.sample_count = total;
  metric.histogram.sample_sum =
      static_cast<double>(metrics.latency_sum_us.load(std::memory_order_relaxed)) / 1e6;
  family_of(out, "attune_http_request_seconds",
            "Time from the end of a request's head to its answer, by route.", MetricType::Histogram)
      .metric.push_back(std::move(metric));
}

void add_samples(std::vector<MetricFamily>& out, const std::vector<MetricSample>& samples) {
  for (const MetricSample& sample : samples) {
    const bool counter = sample.type == MetricSample::Type::counter;
    ClientMetric metric;
    for (const auto& [name, value] : sample.labels) metric.label.push_back(label(name, value));
    (counter ? metric.counter.value : metric.gauge.value) = sample.value;
    family_of(out, sample.name, sample.help, counter ? MetricType::Counter : MetricType::Gauge)
        .metric.push_back(std::move(metric));
  }
}

std::string metrics_text(const std::vector<MetricFamily>& families) {
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace attune::serve

// How many events a second one thread takes from JSON to journal records, and records back to
// views.
//   collect_bench [--seconds S]
// Events are like those of a shop: pageviews and product events of about 350 bytes, in batches of
// 100, each batch of one visitor, user agents and referrers of a small mixed set.
#include <fmt/format.h>
#include <time.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "collect/enrich.h"
#include "collect/native.h"
#include "collect/umami.h"
#include "event/codec.h"

namespace attune::collect {
namespace {

constexpr std::int64_t kNowMs = 1795255200000;
constexpr const char* kSite = "6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01";
constexpr const char* kAgents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) "
    "Version/17.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/119.0.0.0 Mobile Safari/537.36"};
constexpr const char* kReferrers[] = {"https://www.google.de/", "https://www.shop.example/list",
                                      "https://out.reddit.com/", "https://news.example.org/a/b"};

std::string event_json(int number) {
  const int product = number * 7919 % 5000;
  std::string json = fmt::format(
      R"({{"type":"{}","event_id":"{:08x}-7f0e-4c3a-9a54-{:012x}","timestamp":{},)"
      R"("url":"https://shop.example/products/item-{}.html?utm_source=newsletter&page={}",)"
      R"("referrer":"{}","title":"Item {} - The Shop","screen":"1920x1080","viewport":"1200x800",)"
      R"("language":"de-DE","session_id":"s-{}-{}","visitor_id":"v-8f3a2c{:06}")",
      number % 3 == 0 ? "product_view" : "pageview", number, number, kNowMs - number, product,
      number % 9, kReferrers[number % 4], product, number / 100, 17, number / 100);
  if (number % 3 == 0) {
    json +=
        fmt::format(R"(,"items":[{{"id":"{}","name":"Item {}","category":"tea","price":{}.9}}])",
                    product, product, product % 100);
  }
  return json + "}";
}

std::vector<std::string> bodies(int batch_events, std::size_t& event_bytes) {
  std::vector<std::string> out;
  int number = 0;
  event_bytes = 0;
  for (int batch = 0; batch < 200; ++batch) {
    std::string body = fmt::format(R"({{"site":"{}","events":[)", kSite);
    for (int i = 0; i < batch_events; ++i) {
      const std::string one = event_json(number++);
      event_bytes += one.size();
      body += (i == 0 ? "" : ",") + one;
    }
    out.push_back(body + "]}");
  }
  event_bytes /= static_cast<std::size_t>(number);
  return out;
}

/// Processor seconds of this thread: what a busy machine does not change much.
double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs `step` until the time is over; prints `per_step` things a call as a rate.
template <class Step>
void measure(const std::string& name, double seconds, std::size_t per_step, const Step& step) {
  step(0);
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = cpu_seconds();
  std::size_t steps = 0;
  while (seconds_since(start) < seconds) step(++steps);
  const auto things = static_cast<double>(steps * per_step);
  fmt::print("{:<44} {:>10.0f} /s  {:>10.0f} /cpu s  {:>6.2f} cpu us each\n", name,
             things / seconds_since(start), things / (cpu_seconds() - cpu_start),
             1e6 * (cpu_seconds() - cpu_start) / things);
}

int run(double seconds) {
  auto enricher = Enricher::open({.salt_path = ""}, kNowMs);
  if (!enricher) {
    fmt::print(stderr, "{}\n", enricher.error().message());
    return 1;
  }
  event::SiteSnapshot sites;
  event::Site site;
  site.id = *Uuid::parse(kSite);
  site.domain = "shop.example";
  sites.by_id[site.id] = site;
  const NativeCollector collector(**enricher, IntakeLimits{});
  RequestContext context;
  context.received_ms = kNowMs;
  context.client_ip = "203.0.113.77";
  for (const int batch_events : {100, 1}) {
    std::size_t event_bytes = 0;
    const auto all = bodies(batch_events, event_bytes);
    std::size_t accepted = 0;
    std::size_t record_bytes = 0;
    journal::RecordBatch last;
    measure(fmt::format("native, batches of {} ({} bytes an event)", batch_events, event_bytes),
            seconds, static_cast<std::size_t>(batch_events), [&](std::size_t step) {
              context.user_agent = kAgents[step % 4];
              Intake intake = collector.collect(sites, context, all[step % all.size()]);
              accepted = intake.accepted_count;
              record_bytes = intake.batch.bytes.size();
              last = std::move(intake.batch);
            });
    if (accepted != static_cast<std::size_t>(batch_events)) {
      fmt::print(stderr, "only {} of {} events were accepted\n", accepted, batch_events);
      return 1;
    }
    fmt::print("  record {} bytes\n", record_bytes / accepted);
    event::EventView view;
    std::size_t bad = 0;
    measure("  decode to a view", seconds / 2, last.count(), [&](std::size_t) {
      std::size_t from = 0;
      for (const std::uint32_t end : last.ends) {
        bad += decode(std::string_view(last.bytes).substr(from, end - from), view) ? 0 : 1;
        from = end;
      }
    });
    if (bad != 0) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace attune::collect

int main(int argc, char** argv) {
  double seconds = 2;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
  }
  return attune::collect::run(seconds);
}

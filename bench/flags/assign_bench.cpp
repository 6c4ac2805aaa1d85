// How many people a second one core assigns: a site of twenty flags with targeting, a rollout and a
// test each, asked by people with six attributes. Prints assignments a second of processor time,
// which other programs cannot spoil, and their latency, which they can.
//   assign_bench [--seconds 3] [--flags 20]
#include <fmt/format.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "experiment/bucket.h"
#include "experiment/evaluate.h"
#include "experiment/payload.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr int kPeople = 4096;

SitePayload site_of(int flags) {
  std::vector<Flag> made;
  for (int i = 0; i < flags; ++i) {
    Flag flag;
    flag.key = fmt::format("flag-{}", i);
    flag.value_type = "string";
    flag.default_value = "plain";
    flag.rules = json::array{
        {{"id", "staff"}, {"condition", {{"staff", true}}}, {"force", "secret"}},
        {{"id", "rollout"},
         {"condition", {{"country", {{"$in", {"AT", "CH"}}}}}},
         {"force", "large"},
         {"coverage", 0.25}},
        {{"id", "split"},
         {"key", fmt::format("test-{}", i)},
         {"hashVersion", 2},
         {"hashAttribute", "id"},
         {"condition", {{"age", {{"$gte", 18}}}}},
         {"coverage", 1},
         {"variations", {"plain", "large", "green"}},
         {"weights", {0.5, 0.3, 0.2}},
         {"meta", {{{"key", "control"}}, {{"key", "large"}}, {{"key", "green"}}}}}};
    made.push_back(std::move(flag));
  }
  return make_payload(made, {});
}

std::vector<Asker> people() {
  std::vector<Asker> made(kPeople);
  for (int i = 0; i < kPeople; ++i) {
    made[static_cast<std::size_t>(i)].attributes = {
        {"id", fmt::format("visitor-{:08x}", i)}, {"country", i % 4 == 0 ? "AT" : "DE"},
        {"age", 18 + i % 50}, {"staff", i % 97 == 0}, {"device", "mobile"}, {"language", "de-DE"}};
  }
  return made;
}

double processor_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Runs `work` for a while, in batches of 64 that are timed; says how often and how long.
void measure(std::string_view name, double seconds, const std::function<std::size_t(int)>& work) {
  constexpr int kBatch = 64;
  std::vector<double> batch_us;
  std::size_t sink = 0;
  int at = 0;
  const double begun_s = processor_s();
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    const auto start = Clock::now();
    for (int i = 0; i < kBatch; ++i) sink += work(at++);
    batch_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  const double total_s = processor_s() - begun_s;
  std::ranges::sort(batch_us);
  const auto p99 = static_cast<std::size_t>(0.99 * static_cast<double>(batch_us.size() - 1));
  fmt::print("{:<28}{:>14.0f} a second{:>10.2f} us at p50{:>10.2f} us at p99  ({})\n", name,
             at / total_s, batch_us[batch_us.size() / 2] / kBatch, batch_us[p99] / kBatch,
             sink % 10);
}

}  // namespace
}  // namespace attune::experiment

int main(int count, char** arguments) {
  using namespace attune::experiment;
  CLI::App app("Assignments a second on one core.");
  double seconds = 3;
  int flags = 20;
  app.add_option("--seconds", seconds, "of each measurement")->check(CLI::PositiveNumber);
  app.add_option("--flags", flags, "of the site")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, count, arguments);
  const SitePayload site = site_of(flags);
  const std::vector<Asker> askers = people();
  std::vector<std::string> keys;
  for (int i = 0; i < flags; ++i) keys.push_back(fmt::format("flag-{}", i));
  const auto asker = [&](int i) -> const Asker& {
    return askers[static_cast<std::size_t>(i % kPeople)];
  };
  measure("bucket of a person", seconds, [&](int i) {
    const auto bucket = bucket_of("test-1", asker(i).attributes.at("id").as_string(), 2);
    return static_cast<std::size_t>(*bucket * 1000);
  });
  measure("one flag of a person", seconds, [&](int i) {
    Evaluator evaluator(site.payload, asker(i));
    const std::size_t key = static_cast<std::size_t>(i) % keys.size();
    return evaluator.feature(keys[key]).source.size();
  });
  measure(fmt::format("all {} flags of a person", flags), seconds, [&](int i) {
    Evaluator evaluator(site.payload, asker(i));
    std::size_t length = 0;
    for (const std::string& key : keys) length += evaluator.feature(key).source.size();
    return length;
  });
  return 0;
}

// What one recommendation costs in process, and what exploration costs in relevance.
//
//   decide_bench [--items N --visits N --requests N --threads N]      latency on a made-up shop
//                [--people N]                       with histories of ten items for so many people
//                [--rules]                          with a placement, diversity, and ten rules
//   decide_bench --train F --valid F                                  loss by exploration on real
//   visits
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "base/hash.h"
#include "base/random.h"
#include "decide/decider.h"
#include "decide/draw.h"
#include "learn/evaluation.h"
#include "learn/models.h"

namespace attune::decide {
namespace {

constexpr std::int64_t kNowMs = 1'795'255'200'000;

struct Options {
  std::size_t items = 20'000;
  std::size_t visits = 200'000;
  std::size_t requests = 100'000;
  std::size_t threads = 1;
  std::size_t count = 10;
  std::size_t people = 0;
  bool rules = false;
  std::string train_path;
  std::string valid_path;
};

/// A sink that costs what a queue costs: it takes the decision and drops it.
class DropSink final : public event::DecisionSink {
 public:
  Result<void> record(const event::Decision&) override { return {}; }
};

/// Items are drawn with a long tail, and visits stay near where they began.
std::uint64_t draw_item(Random& random, std::size_t items, std::uint64_t home) {
  if (random.uniform() < 0.7) return (home + random.below(40)) % items;
  return static_cast<std::uint64_t>(std::pow(random.uniform(), 3) * static_cast<double>(items));
}

std::string item_name(std::uint64_t item) {
  return fmt::format("sku-{:06}", item);
}

learn::SessionLog made_up_visits(const Options& options) {
  Random random(1);
  learn::SessionLogBuilder builder;
  for (std::size_t v = 0; v < options.visits; ++v) {
    const std::uint64_t home = random.below(options.items);
    const std::size_t length = 2 + random.below(9);
    for (std::size_t i = 0; i < length; ++i) {
      builder.add(fmt::format("{:07}", v), item_name(draw_item(random, options.items, home)),
                  kNowMs - static_cast<std::int64_t>((options.visits - v) * 10'000 - i * 500));
    }
  }
  return std::move(*builder.build());
}

void fill_live(LiveState& live, const Uuid& site, const Options& options) {
  Random random(2);
  event::EventView event;
  event.site = site;
  event.kind = event::Kind::product_view;
  event.items.resize(1);
  for (std::size_t v = 0; v < options.requests; ++v) {
    const std::string visitor = fmt::format("visitor-{}", v % 20'000);
    const std::uint64_t home = random.below(options.items);
    for (int i = 0; i < 4; ++i) {
      const std::string item = item_name(draw_item(random, options.items, home));
      event.visitor_id = visitor;
      event.items[0].id = item;
      event.timestamp_ms = kNowMs - 1000;
      live.apply(event);
    }
  }
}

/// Time this thread has run, in microseconds: what an answer costs, however busy the machine is.
double thread_us() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

/// Asks from `options.threads` threads and prints what it took.
void measure_answers(const Decider& decider, const Uuid& site, const Options& options) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::vector<double>> latencies(options.threads);
  std::vector<std::vector<double>> costs(options.threads);
  const auto work = [&](std::size_t thread) {
    Random random(10 + thread);
    for (std::size_t i = 0; i < options.requests; ++i) {
      Request request;
      request.site = site;
      request.visitor = fmt::format("visitor-{}", random.below(20'000));
      if (i % 3 == 0) request.item = item_name(random.below(options.items));
      request.count = options.count;
      const double start_us = thread_us();
      const auto start = Clock::now();
      const auto answer = decider.recommend(request);
      latencies[thread].push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      costs[thread].push_back(thread_us() - start_us);
      if (!answer || answer->items.size() != options.count) std::abort();
    }
  };
  const auto start = Clock::now();
  {
    std::vector<std::jthread> pool;
    for (std::size_t t = 1; t < options.threads; ++t) pool.emplace_back(work, t);
    work(0);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::vector<double> all;
  std::vector<double> cost;
  for (const auto& one : latencies) all.insert(all.end(), one.begin(), one.end());
  for (const auto& one : costs) cost.insert(cost.end(), one.begin(), one.end());
  std::sort(all.begin(), all.end());
  std::sort(cost.begin(), cost.end());
  fmt::print(
      "{} answers of {} items, {} threads: {:.0f} a second; p50 {:.0f} us, p90 {:.0f} us, p99 "
      "{:.0f} us, "
      "p99.9 {:.0f} us, max {:.0f} us\n",
      all.size(), options.count, options.threads, static_cast<double>(all.size()) / seconds,
      percentile(all, 0.5), percentile(all, 0.9), percentile(all, 0.99), percentile(all, 0.999),
      all.back());
  fmt::print(
      "processor time of an answer: p50 {:.0f} us, p90 {:.0f} us, p99 {:.0f} us, p99.9 {:.0f} us\n",
      percentile(cost, 0.5), percentile(cost, 0.9), percentile(cost, 0.99),
      percentile(cost, 0.999));
  fmt::print("p99 of an answer of {} among {} items: {:.0f} us (wanted: under 1000)\n",
             options.count, options.items, percentile(all, 0.99));
}

/// Histories of ten items each, drawn as visits are.
void add_histories(learn::SiteData& data, const Uuid& site, const Options& options) {
  Random random(3);
  for (std::size_t i = 0; i < options.items && options.people > 0; ++i) {
    data.history_item_ids.push_back(item_name(i));
  }
  for (std::size_t person = 0; person < options.people; ++person) {
    learn::History history;
    history.user_id = stable_id(site.text(), fmt::format("visitor-{}", person));
    const std::uint64_t home = random.below(options.items);
    for (int i = 0; i < 10; ++i) {
      history.items.push_back(static_cast<std::uint32_t>(draw_item(random, options.items, home)));
    }
    data.histories.push_back(std::move(history));
  }
}

/// A placement as a shop may have it: diversity, a pin, caps, boosts and exclusions.
std::shared_ptr<const SiteRules> made_up_rules() {
  auto made = std::make_shared<SiteRules>();
  made->placements[std::string(kDefaultPlacement)].diversity = 0.3;
  for (int i = 0; i < 10; ++i) {
    Rule rule;
    rule.id = fmt::format("rule-{}", i);
    rule.kind = i == 0   ? RuleKind::pin
                : i == 1 ? RuleKind::cap
                : i < 5  ? RuleKind::boost
                         : RuleKind::exclude;
    rule.item = item_name(7);
    rule.slot = 2;
    rule.when.categories = {attribute_hash(fmt::format("category-{}", i * 3))};
    if (i == 1) rule.when.categories.clear();
    made->rules.push_back(std::move(rule));
  }
  return made;
}

/// Resident memory of the process, in MiB, after what is free went back.
double resident_mib() {
  ::malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// Trains on visits that are gone when it returns.
std::shared_ptr<const learn::SiteModel> train(const Options& options, const Uuid& site) {
  const auto log = made_up_visits(options);
  return std::make_shared<const learn::SiteModel>(
      learn::make_site_model(log, learn::default_params(), site.text(), kNowMs));
}

int measure_latency(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const Uuid site = Uuid::random();
  ManualClock clock(kNowMs);
  LiveState live;
  DropSink sink;
  Decider decider(live, &sink, clock);
  learn::SiteData data;
  for (std::size_t i = 0; i < options.items; ++i) {
    learn::Product product;
    product.id = item_name(i);
    product.name = "Product " + product.id;
    product.url = "/products/" + product.id;
    product.category = fmt::format("category-{}", i % 300);
    product.brand = fmt::format("brand-{}", i % 1000);
    product.price = 1 + static_cast<double>(i % 200);
    product.hidden = i % 50 == 0;
    data.products.push_back(product);
  }
  add_histories(data, site, options);
  const auto train_start = Clock::now();
  auto model = train(options, site);
  const double train_s = std::chrono::duration<double>(Clock::now() - train_start).count();
  const auto build_start = Clock::now();
  decider.publish(site, SiteSnapshot::build(site, data, std::move(model)));
  const double build_s = std::chrono::duration<double>(Clock::now() - build_start).count();
  data = {};
  if (options.rules) decider.publish_rules(site, made_up_rules());
  const auto live_start = Clock::now();
  fill_live(live, site, options);
  const double live_s = std::chrono::duration<double>(Clock::now() - live_start).count();
  const double rank_start_us = thread_us();
  decider.refresh_popular();
  const double rank_ms = (thread_us() - rank_start_us) / 1000;

  fmt::print(
      "{} items, {} visits made and trained in {:.2f} s; {} live events at {:.0f} a second; "
      "popularity "
      "ranked in "
      "{:.2f} ms\n",
      options.items, options.visits, train_s, 4 * options.requests,
      static_cast<double>(4 * options.requests) / live_s, rank_ms);
  fmt::print("snapshot built in {:.1f} s\n", build_s);
  measure_answers(decider, site, options);
  fmt::print("{:.0f} MiB resident\n", resident_mib());
  return 0;
}

/// Mean over seeds of the quality of drawn lists of 20, from the ranking of the default model.
int measure_exploration(const Options& options) {
  const auto train = learn::read_session_file(options.train_path);
  const auto valid = learn::read_session_file(options.valid_path);
  if (!train || !valid) {
    fmt::print(stderr, "decide_bench: {}\n", (train ? valid : train).error().message());
    return 1;
  }
  const auto model = learn::train_recommender(*train, learn::default_params());
  learn::Scratch scratch;
  DrawScratch draw_scratch;
  std::vector<Drawn> list;
  fmt::print(
      "| exploration | temperature | HR@20 | MRR@20 | smallest propensity | mean propensity, slot "
      "1 |\n"
      "|---|---|---|---|---|---|\n");
  for (const auto& [exploration, temperature] : {std::pair{0.0, 0.0},
                                                 {0.0, 0.02},
                                                 {0.0, 0.05},
                                                 {0.05, 0.0},
                                                 {0.05, 0.02},
                                                 {0.05, 0.05},
                                                 {0.1, 0.02}}) {
    double hits = 0;
    double reciprocal = 0;
    double predictions = 0;
    double first = 0;
    double smallest = 1;
    for (std::size_t v = 0; v < valid->session_count(); ++v) {
      std::vector<learn::ItemIndex> visit;
      for (const learn::ItemIndex item : valid->session(v))
        visit.push_back(train->find(valid->item_ids[item]));
      for (std::size_t known = 1; known < visit.size(); ++known) {
        const auto answer = model->recommend(std::span(visit).first(known), {.count = 60}, scratch);
        std::vector<double> scores;
        for (const auto& item : answer) scores.push_back(item.score / answer.front().score);
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
          Random random(seed * 1'000'003 + v * 1009 + known);
          draw_list(scores, std::min<std::size_t>(20, scores.size()), {exploration, temperature},
                    random, draw_scratch, list);
          ++predictions;
          if (!list.empty()) first += list.front().propensity;
          for (std::size_t rank = 0; rank < list.size(); ++rank) {
            smallest = std::min(smallest, list[rank].propensity);
            if (answer[list[rank].candidate].item != visit[known]) continue;
            ++hits;
            reciprocal += 1.0 / static_cast<double>(rank + 1);
          }
        }
      }
    }
    fmt::print("| {} | {} | {:.4f} | {:.4f} | {:.2g} | {:.3f} |\n", exploration, temperature,
               hits / predictions, reciprocal / predictions, smallest, first / predictions);
  }
  return 0;
}

}  // namespace
}  // namespace attune::decide

int main(int argc, char** argv) {
  attune::decide::Options options;
  CLI::App app{"Measures the decider"};
  app.add_option("--items", options.items)->capture_default_str();
  app.add_option("--visits", options.visits)->capture_default_str();
  app.add_option("--requests", options.requests, "for each thread")->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--count", options.count, "items of an answer")->capture_default_str();
  app.add_option("--people", options.people, "with a history")->capture_default_str();
  app.add_flag("--rules", options.rules, "a placement with diversity and rules");
  app.add_option("--train", options.train_path, "bol format; measures exploration instead");
  app.add_option("--valid", options.valid_path);
  CLI11_PARSE(app, argc, argv);
  return options.train_path.empty() ? attune::decide::measure_latency(options)
                                    : attune::decide::measure_exploration(options);
}

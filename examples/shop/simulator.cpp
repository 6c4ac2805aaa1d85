#include "shop/simulator.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <queue>
#include <set>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/ensure.h"
#include "shop/http_client.h"
#include "shop/schedule.h"
#include "shop/visit.h"

namespace attune::shop {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kImportBatch = 500;
constexpr int kAttempts = 4;
constexpr std::int64_t kRetryMsMax = 5'000;
constexpr std::size_t kVisitsAtOnceMax = 200;
constexpr std::uint32_t kFirstGuests = 8;         // arrive in the first seconds, so that a fresh
constexpr std::int64_t kFirstGuestsMs = 20'000;   // dashboard is not empty
constexpr double kQuietest = 0.5;                 // live visitors also come at night
constexpr std::size_t kPlayedAtOnce = 40;
constexpr std::size_t kJudgedItems = 4;

std::uint64_t count_of(const json::object& answer, std::string_view name) {
  const json::value* value = answer.if_contains(name);
  return value != nullptr && value->is_int64() ? static_cast<std::uint64_t>(value->as_int64()) : 0;
}

/// Sleeps, but not longer than until a stop is asked for. Returns false when it was.
bool sleep_for_ms(std::int64_t ms, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::chrono::milliseconds(std::max<std::int64_t>(ms, 0)),
                [&stop] { return stop.stop_requested(); });
  return !stop.stop_requested();
}

}  // namespace

struct Simulator::State final : Recommender {
  State(SimulatorOptions given, Catalogue products, const Clock& wall)
      : options(std::move(given)),
        catalogue(std::move(products)),
        clock(wall),
        client(options.host, options.port, options.key),
        views(catalogue.products.size(), 0) {}

  using TakeEvents = std::function<Result<void>(const std::vector<VisitEvent>&)>;
  struct BackfillProgress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    std::uint64_t batches = 0;
    std::int64_t started_us = 0;
  };

  struct Running {
    std::int64_t due_ms = 0;
    std::uint64_t order = 0;  // ties are settled by arrival, so that a run can be repeated
    std::shared_ptr<Visit> visit;
    bool operator<(const Running& other) const {
      return std::pair(due_ms, order) > std::pair(other.due_ms, other.order);
    }
  };

  std::optional<Recommended> recommend(const WidgetRequest& request) override;
  std::shared_ptr<Visit> begin(std::uint64_t visitor, std::uint64_t key, bool counting) const;
  Result<void> post(std::string_view target, std::string_view body);
  Result<void> deliver(Visit& visit);
  Result<void> backfill();
  void visits_between(std::int64_t from_ms, std::int64_t to_ms, std::int64_t end_ms, bool counting,
                      std::vector<VisitEvent>& events);
  Result<std::uint64_t> past(std::int64_t from_ms, std::int64_t to_ms, bool counting,
                             const TakeEvents& take);
  Result<void> post_paced(const std::string& target, const std::vector<VisitEvent>& events,
                          BackfillProgress& progress);
  void live();
  void arrive(std::priority_queue<Running>& visits, std::int64_t minute, std::int64_t from_ms);
  bool advance(std::priority_queue<Running>& visits, Recommender* recommender, bool quick);
  void close(const Visit& visit);
  void judge(const Visitor& visitor, const Recommended& recommended);

  SimulatorOptions options;
  Catalogue catalogue;
  const Clock& clock;
  HttpClient client;
  std::stop_token stop;
  SimulatorCounts counts;
  std::uint64_t arrivals_seen = 0;
  std::set<std::uint64_t> inside;       // visitors who are in the shop now
  std::vector<std::uint64_t> views;     // of each product, by our own visitors
  const Visit* asking = nullptr;        // whose widget is being filled
  double taste_recommended_sum = 0;
  double taste_popular_sum = 0;
  std::uint64_t judged = 0;
};

// --- requests --------------------------------------------------------------

/// Posts until it is taken, refused for good, or tried often enough. Same body, so same event ids.
Result<void> Simulator::State::post(std::string_view target, std::string_view body) {
  std::string last = "not sent";
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::int64_t wait_ms = 250LL << attempt;
    const auto answer = client.exchange("POST", target, body, stop);
    if (answer && answer->status / 100 == 2) {
      boost::system::error_code problem;
      const json::value parsed = json::parse(answer->body, problem);
      if (!problem && parsed.is_object()) {
        counts.events_accepted += count_of(parsed.as_object(), "accepted");
        counts.events_rejected += count_of(parsed.as_object(), "rejected");
      }
      return {};
    }
    if (answer) {
      last = fmt::format("{} {}: {}", answer->status, target, answer->body.substr(0, 300));
      if (answer->status != 429 && answer->status < 500) break;
      wait_ms = std::clamp(answer->retry_after_s * 1000, wait_ms, kRetryMsMax);
    } else {
      last = answer.error().message();
    }
    if (!sleep_for_ms(wait_ms, stop)) break;
  }
  ++counts.requests_failed;
  return fail(ErrorCode::unavailable, last);
}

Result<void> Simulator::State::deliver(Visit& visit) {
  std::vector<VisitEvent>& pending = visit.events().pending();
  if (pending.empty()) return {};
  std::string body = fmt::format(R"({{"site":"{}","events":[)", options.site.text());
  for (std::size_t index = 0; index < pending.size(); ++index) {
    if (index > 0) body += ',';
    body += pending[index].json;
  }
  body += "]}";
  pending.clear();
  return post("/api/v1/events", body);
}

std::optional<Recommended> Simulator::State::recommend(const WidgetRequest& request) {
  std::string target = fmt::format(
      "/api/v1/sites/{}/recommendations?visitor={}&session={}&placement={}&n={}",
      options.site.text(), request.visitor_id, request.session_id, request.placement,
      request.count);
  if (!request.item.empty()) target += fmt::format("&item={}", request.item);
  const auto answer = client.exchange("GET", target, {}, stop);
  if (!answer || answer->status != 200) return std::nullopt;
  boost::system::error_code problem;
  const json::value parsed = json::parse(answer->body, problem);
  if (problem || !parsed.is_object()) return std::nullopt;
  Recommended recommended;
  if (const auto* id = parsed.as_object().if_contains("decision_id"); id && id->is_string()) {
    recommended.decision_id = std::string(id->as_string());
  }
  const json::value* items = parsed.as_object().if_contains("items");
  if (items == nullptr || !items->is_array()) return std::nullopt;
  for (const json::value& item : items->as_array()) {
    const json::value* id = item.is_object() ? item.as_object().if_contains("item_id") : nullptr;
    if (id == nullptr || !id->is_string()) continue;
    const std::string_view text(id->as_string().data(), id->as_string().size());
    if (const Product* product = catalogue.find(text)) recommended.products.push_back(product);
  }
  ++counts.decisions_seen;
  if (asking != nullptr && asking->viewed().size() >= 2) judge(asking->visitor(), recommended);
  return recommended;
}

/// Holds a recommendation against the hidden taste, and the most viewed products against it as
/// well.
void Simulator::State::judge(const Visitor& visitor, const Recommended& recommended) {
  if (!visitor.has_taste || recommended.products.size() < kJudgedItems) return;
  std::vector<std::size_t> ranked(views.size());
  std::iota(ranked.begin(), ranked.end(), 0U);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [this](std::size_t a, std::size_t b) { return views[a] > views[b]; });
  for (std::size_t place = 0; place < kJudgedItems; ++place) {
    taste_recommended_sum += expected_taste(catalogue, visitor, *recommended.products[place]);
    taste_popular_sum += expected_taste(catalogue, visitor, catalogue.products[ranked[place]]);
  }
  judged += kJudgedItems;
}

// --- visits ----------------------------------------------------------------

std::shared_ptr<Visit> Simulator::State::begin(std::uint64_t visitor, std::uint64_t key,
                                               bool counting) const {
  Visitor person = make_visitor(catalogue, options.seed, visitor);
  VisitEvents events({.site = options.site,
                      .origin = options.shop_origin,
                      .visitor_id = person.visitor_id,
                      .session_id = fmt::format("{}-{:x}", person.visitor_id, key),
                      .person = make_person(options.seed, visitor)},
                     counting);
  return std::make_shared<Visit>(catalogue, options.seed, key, std::move(person),
                                 std::move(events));
}

void Simulator::State::close(const Visit& visit) {
  ++counts.visits;
  counts.items_shown += visit.outcome().items_shown;
  counts.recommendation_clicks += visit.outcome().recommendation_clicks;
  counts.orders += visit.outcome().orders;
  for (const Product* product : visit.viewed()) {
    ++views[static_cast<std::size_t>(product - catalogue.products.data())];
  }
  inside.erase(visit.visitor().number);
}

/// Lets the next visitor in line do their next step. Returns false when a stop was asked for.
bool Simulator::State::advance(std::priority_queue<Running>& visits, Recommender* recommender,
                               bool quick) {
  Running next = visits.top();
  visits.pop();
  const std::int64_t now_ms = clock.now_ms();
  asking = next.visit.get();
  const auto due = next.visit->step(now_ms, recommender);
  asking = nullptr;
  const auto delivered = deliver(*next.visit);
  if (stop.stop_requested()) return false;
  if (!delivered) spdlog::warn("a simulated visit ends early: {}", delivered.error().message());
  if (!due || !delivered) {
    close(*next.visit);
    return true;
  }
  next.due_ms = quick ? now_ms + options.play_step_ms : *due;
  visits.push(std::move(next));
  return true;
}

// --- the past --------------------------------------------------------------

/// Makes the visits that begin in [from, to) and appends what they did before `end_ms`.
void Simulator::State::visits_between(std::int64_t from_ms, std::int64_t to_ms, std::int64_t end_ms,
                                      bool counting, std::vector<VisitEvent>& events) {
  for (std::int64_t minute = from_ms / kMinuteMs; minute < to_ms / kMinuteMs; ++minute) {
    // The shop grows a little every day.
    const std::int64_t at_ms = minute * kMinuteMs;
    const double age_days = static_cast<double>(end_ms - at_ms) / kDayMs;
    const double mean = options.backfill_visits_per_day / 1440.0 * rhythm(at_ms) *
                        std::max(0.4, 1.15 - age_days * 0.025);
    for (const Arrival& arrival : arrivals(options.seed, minute, mean, options.population)) {
      const auto key = static_cast<std::uint64_t>(arrival.start_ms);
      const auto visit = begin(arrival.visitor, key, counting);
      std::optional<std::int64_t> due = arrival.start_ms;
      while (due && *due < end_ms) due = visit->step(*due, nullptr);
      for (VisitEvent& event : visit->events().pending()) {
        if (event.timestamp_ms < end_ms) events.push_back(std::move(event));
      }
      if (!counting) close(*visit);
    }
  }
}

/// Makes the past of [from, to) and hands it over hour by hour in order of time; returns how many
/// events. Those from `to` on have not happened yet.
Result<std::uint64_t> Simulator::State::past(std::int64_t from_ms, std::int64_t to_ms,
                                             bool counting, const TakeEvents& take) {
  std::vector<VisitEvent> waiting;
  std::uint64_t total = 0;
  for (std::int64_t hour_ms = from_ms; hour_ms < to_ms; hour_ms += kHourMs) {
    const std::int64_t next_ms = std::min(hour_ms + kHourMs, to_ms);
    visits_between(hour_ms, next_ms, to_ms, counting, waiting);
    std::stable_sort(waiting.begin(), waiting.end(), [](const VisitEvent& a, const VisitEvent& b) {
      return a.timestamp_ms < b.timestamp_ms;
    });
    const auto later = std::find_if(
        waiting.begin(), waiting.end(),
        [next_ms](const VisitEvent& event) { return event.timestamp_ms >= next_ms; });
    std::vector<VisitEvent> ready(std::make_move_iterator(waiting.begin()),
                                  std::make_move_iterator(later));
    waiting.erase(waiting.begin(), later);
    total += ready.size();
    if (take) ATTUNE_TRY(take(ready));
  }
  return total;
}

Result<void> Simulator::State::post_paced(const std::string& target,
                                          const std::vector<VisitEvent>& events,
                                          BackfillProgress& progress) {
  for (std::size_t start = 0; start < events.size(); start += kImportBatch) {
    const std::size_t end = std::min(start + kImportBatch, events.size());
    std::string body = "[";
    for (std::size_t index = start; index < end; ++index) {
      if (index > start) body += ',';
      body += events[index].json;
    }
    body += ']';
    // Numbered, so that a batch sent twice is taken once.
    ATTUNE_TRY(post(fmt::format("{}?batch={}", target, ++progress.batches), body));
    progress.done += end - start;
    if (options.on_backfill_progress) options.on_backfill_progress(progress.done, progress.total);
    const double due_us =
        static_cast<double>(progress.done) / options.backfill_events_per_second * 1e6;
    const double passed_us = static_cast<double>(clock.steady_us() - progress.started_us);
    if (!sleep_for_ms(static_cast<std::int64_t>((due_us - passed_us) / 1000), stop)) {
      return fail(ErrorCode::unavailable, "stopped");
    }
  }
  return {};
}

Result<void> Simulator::State::backfill() {
  const std::int64_t to_ms = clock.now_ms() / kMinuteMs * kMinuteMs;
  const std::int64_t from_ms = to_ms - static_cast<std::int64_t>(options.backfill_days) * kDayMs;
  const std::string imports = fmt::format("/api/v1/sites/{}/imports", options.site.text());
  const auto opened = client.exchange(
      "POST", imports, R"({"kind":"events","name":"demo visitors of the past"})", stop);
  if (!opened) return tl::unexpected<Error>(opened.error());
  boost::system::error_code problem;
  const json::value parsed = json::parse(opened->body, problem);
  if (opened->status / 100 != 2 || problem || !parsed.is_object() ||
      parsed.as_object().if_contains("stream") == nullptr) {
    return fail(ErrorCode::unavailable,
                fmt::format("{} {}: {}", opened->status, imports, opened->body.substr(0, 300)));
  }
  const std::string stream = fmt::format(
      "{}/{}", imports, json::serialize(parsed.as_object().at("stream")));

  BackfillProgress progress;
  ATTUNE_ASSIGN(progress.total, past(from_ms, to_ms, true, {}));
  progress.started_us = clock.steady_us();
  ATTUNE_ASSIGN(const std::uint64_t sent,
                past(from_ms, to_ms, false, [&](const std::vector<VisitEvent>& events) {
                  return post_paced(stream + "/events", events, progress);
                }));
  ensure(sent == progress.total, "the past is the same twice");
  ATTUNE_TRY(post(stream + "/finish", "{}"));
  if (options.on_backfill_done) options.on_backfill_done();
  return {};
}

// --- now -------------------------------------------------------------------

void Simulator::State::arrive(std::priority_queue<Running>& visits, std::int64_t minute,
                              std::int64_t from_ms) {
  const double mean = options.visitors_per_minute * std::max(kQuietest, rhythm(minute * kMinuteMs));
  for (const Arrival& arrival : arrivals(options.seed, minute, mean, options.population)) {
    if (arrival.start_ms < from_ms || visits.size() >= kVisitsAtOnceMax) continue;
    if (!inside.insert(arrival.visitor).second) continue;  // is still here
    const auto key = static_cast<std::uint64_t>(arrival.start_ms);
    visits.push({arrival.start_ms, ++arrivals_seen, begin(arrival.visitor, key, false)});
  }
}

void Simulator::State::live() {
  std::priority_queue<Running> visits;
  const std::int64_t opened_ms = clock.now_ms();
  Random random(options.seed, static_cast<std::uint64_t>(opened_ms));
  for (std::uint32_t guest = 0; guest < kFirstGuests; ++guest) {
    const std::uint64_t visitor = random.below(options.population);
    if (!inside.insert(visitor).second) continue;
    const auto at_ms = opened_ms + static_cast<std::int64_t>(random.uniform() * kFirstGuestsMs);
    visits.push({at_ms, ++arrivals_seen, begin(visitor, static_cast<std::uint64_t>(at_ms), false)});
  }
  std::int64_t minute = opened_ms / kMinuteMs;
  while (!stop.stop_requested()) {
    const std::int64_t now_ms = clock.now_ms();
    // After a machine slept, those who would have come did not.
    minute = std::max(minute, now_ms / kMinuteMs - 1);
    for (; minute * kMinuteMs <= now_ms; ++minute) arrive(visits, minute, opened_ms);
    if (!visits.empty() && visits.top().due_ms <= now_ms) {
      if (!advance(visits, this, false)) return;
      continue;
    }
    std::int64_t wake_ms = minute * kMinuteMs;
    if (!visits.empty()) wake_ms = std::min(wake_ms, visits.top().due_ms);
    sleep_for_ms(wake_ms - now_ms, stop);
  }
}

// --- outside ---------------------------------------------------------------

Simulator::Simulator(std::unique_ptr<State> state) : state_(std::move(state)) {}
Simulator::Simulator(Simulator&&) noexcept = default;
Simulator& Simulator::operator=(Simulator&&) noexcept = default;
Simulator::~Simulator() = default;

Result<Simulator> Simulator::make(SimulatorOptions options, const Clock& clock) {
  if (options.population == 0) {
    return fail(ErrorCode::invalid_argument, "somebody must come", "population");
  }
  if (!(options.backfill_events_per_second > 0)) {
    return fail(ErrorCode::invalid_argument, "must be above 0", "backfill_events_per_second");
  }
  if (!(options.visitors_per_minute >= 0) || options.visitors_per_minute > 600) {
    return fail(ErrorCode::invalid_argument, "must be between 0 and 600", "visitors_per_minute");
  }
  auto catalogue = Catalogue::parse(options.catalogue_json);
  if (!catalogue) return pass(catalogue, "reading the catalogue");
  return Simulator(std::make_unique<State>(std::move(options), std::move(*catalogue), clock));
}

const Catalogue& Simulator::catalogue() const { return state_->catalogue; }

SimulatorCounts Simulator::counts() const {
  SimulatorCounts counts = state_->counts;
  if (state_->judged > 0) {
    counts.taste_recommended = state_->taste_recommended_sum / static_cast<double>(state_->judged);
    counts.taste_popular = state_->taste_popular_sum / static_cast<double>(state_->judged);
  }
  return counts;
}

Result<SimulatorCounts> Simulator::run(std::stop_token stop) {
  state_->stop = std::move(stop);
  if (state_->options.backfill_days > 0) {
    const auto filled = state_->backfill();
    if (!filled && !state_->stop.stop_requested()) return tl::unexpected<Error>(filled.error());
  }
  if (state_->options.visitors_per_minute > 0) state_->live();
  return counts();
}

Result<SimulatorCounts> Simulator::backfill(std::stop_token stop) {
  state_->stop = std::move(stop);
  ATTUNE_TRY(state_->backfill());
  return counts();
}

Result<SimulatorCounts> Simulator::play(std::stop_token stop, std::uint32_t visits,
                                        bool with_recommendations) {
  state_->stop = std::move(stop);
  std::priority_queue<State::Running> running;
  const std::int64_t opened_ms = state_->clock.now_ms();
  Random random(state_->options.seed, static_cast<std::uint64_t>(opened_ms), visits);
  std::uint32_t left = visits;
  const std::size_t at_once = std::min<std::size_t>(kPlayedAtOnce, state_->options.population);
  while (!state_->stop.stop_requested() && (left > 0 || !running.empty())) {
    while (left > 0 && running.size() < at_once) {
      const std::uint64_t visitor = random.below(state_->options.population);
      if (!state_->inside.insert(visitor).second) continue;
      const auto key = static_cast<std::uint64_t>(opened_ms) + left;
      running.push({state_->clock.now_ms(), ++state_->arrivals_seen,
                    state_->begin(visitor, key, false)});
      --left;
    }
    const std::int64_t early_ms = running.top().due_ms - state_->clock.now_ms();
    if (early_ms > 0 && !sleep_for_ms(early_ms, state_->stop)) break;
    if (!state_->advance(running, with_recommendations ? state_.get() : nullptr, true)) break;
  }
  return counts();
}

}  // namespace attune::shop

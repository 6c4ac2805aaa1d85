// Realistic traffic for benchmarks, from a seed: heavy-tailed visitors and pages, about eight
// events a visit, a fifth of the visits with product events, a few events late, fewer twice. Events
// come in order of arrival.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "event/event.h"

namespace attune::bench {

struct TrafficOptions {
  std::uint64_t seed = 1;
  Uuid site;
  std::int64_t start_ms = 1'772'000'000'000;   // 2026-02-25
  double events_per_second = 500;              // of event time
  std::uint32_t visitors = 300'000;
  std::uint32_t pages = 2'000;
  std::uint32_t products = 5'000;
  double late_share = 0.01;                    // arrive minutes to hours after they happened
  double duplicate_share = 0.001;              // arrive twice, with one event id
  double session_id_share = 0.8;               // visits that name their session
};

class Traffic {
 public:
  explicit Traffic(const TrafficOptions& options);

  /// The next event to arrive; valid until the next call.
  const event::Event& next();

  /// From now on events arrive at this time and happened then or, when late, before it.
  void jump_to(std::int64_t now_ms);

 private:
  struct Visit {
    std::uint64_t number = 0;
    std::uint32_t visitor = 0;
    std::uint32_t source = 0;
    std::uint32_t page = 0;
    std::uint16_t left = 0;
    bool shops = false;
    bool names_session = false;
    bool first = true;
  };
  struct Due {
    std::int64_t at_ms = 0;
    std::uint64_t order = 0;
    std::uint32_t visit = 0;         // index into visits_, or of a held event when `held`
    bool held = false;
    bool operator>(const Due& other) const {
      return at_ms != other.at_ms ? at_ms > other.at_ms : order > other.order;
    }
  };

  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::int64_t exponential_ms(double mean_ms);
  std::uint32_t heavy(std::uint32_t count, double exponent);
  void begin_visit(std::int64_t at_ms);
  void make(Visit& visit, std::int64_t at_ms);
  void make_page(Visit& visit);
  void make_action(const Visit& visit);
  void make_shopping(const Visit& visit);
  void finish(const Visit& visit, std::int64_t at_ms);
  std::uint32_t hold(const event::Event& event);

  const TrafficOptions options_;
  std::mt19937_64 random_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<Visit> visits_;
  std::vector<std::uint32_t> free_visits_;
  std::vector<event::Event> held_;
  std::vector<std::uint32_t> free_held_;
  std::uint64_t order_ = 0;
  std::uint64_t visit_count_ = 0;
  std::int64_t next_visit_ms_ = 0;
  std::int64_t offset_ms_ = 0;       // added to times: jump_to
  event::Event event_;
};

}  // namespace attune::bench

// Simulated visitors of the demo shop. They come in through the front door: every event goes
// through the real collector by HTTP, every recommendation they look at is asked from the real API,
// and what they click and buy follows a taste the server is never told (taste.h). One thread, one
// connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "shop/taste.h"

namespace attune::shop {

struct SimulatorOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  Uuid site;
  std::string key;                        // secret, scope admin: imports, own times, addresses
  std::string shop_origin = "https://shop.example";  // scheme and host of the visited URLs
  std::string catalogue_json;             // the bytes of pages/catalogue.json
  std::uint64_t seed = 20;
  std::uint32_t population = 3000;        // distinct people, who come back
  double visitors_per_minute = 2.0;       // live arrivals, mean over the day; 0: none
  std::uint32_t backfill_days = 14;       // 0: no past (every start but the first)
  std::uint32_t backfill_visits_per_day = 400;
  double backfill_events_per_second = 8000;  // at most, so that the server stays answering
  std::int64_t play_step_ms = 300;        // of play(): time for each page, for the server to learn
  /// Called as the backfill goes on (events acknowledged, events in all), from the running thread.
  std::function<void(std::uint64_t done, std::uint64_t total)> on_backfill_progress;
  /// Called once after the backfill is finished: the moment to train the first model.
  std::function<void()> on_backfill_done;
};

/// What a run did, in numbers that can be held against the tables.
struct SimulatorCounts {
  std::uint64_t visits = 0;
  std::uint64_t events_accepted = 0;
  std::uint64_t events_rejected = 0;
  std::uint64_t decisions_seen = 0;
  std::uint64_t items_shown = 0;
  std::uint64_t recommendation_clicks = 0;
  std::uint64_t orders = 0;
  std::uint64_t requests_failed = 0;      // after retries; the visit ends there
  /// Mean expected_taste of the first four items recommended to visitors who have a taste and had
  /// opened two products or more, and of the four most viewed products for the same visitors; 0:
  /// none yet.
  double taste_recommended = 0;
  double taste_popular = 0;
};

class Simulator {
 public:
  /// Errors  invalid_argument: options or catalogue make no sense.
  [[nodiscard]] static Result<Simulator> make(SimulatorOptions options, const Clock& clock);
  Simulator(Simulator&&) noexcept;
  Simulator& operator=(Simulator&&) noexcept;
  ~Simulator();

  /// Fills in the past, then lets visitors come until stopped. Server errors are retried and then
  /// end a visit, not the run; a stop is obeyed within half a second, also in the middle of a
  /// request.
  ///
  /// Returns  what was done, also when stopped early.
  /// Errors   unavailable: the backfill could not be delivered.
  [[nodiscard]] Result<SimulatorCounts> run(std::stop_token stop);

  /// Fills in the past only, and returns.
  [[nodiscard]] Result<SimulatorCounts> backfill(std::stop_token stop);

  /// Plays `visits` visits with `play_step_ms` for each page, forty at a time, as live traffic
  /// of now: for tests and for a demo that must not wait. `with_recommendations` false: the pages
  /// have no widget.
  [[nodiscard]] Result<SimulatorCounts> play(std::stop_token stop, std::uint32_t visits,
                                             bool with_recommendations = true);

  const Catalogue& catalogue() const;
  /// What was done so far. Not while run(), backfill() or play() is on.
  SimulatorCounts counts() const;

 private:
  struct State;
  explicit Simulator(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace attune::shop

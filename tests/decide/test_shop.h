// A small site for tests: events by hand, a catalogue, a model trained on a few visits.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/hash.h"
#include "decide/decider.h"
#include "decide/live_state.h"
#include "event/codec.h"
#include "event/decision_sink.h"
#include "learn/site_model.h"

namespace attune::decide {

inline constexpr std::int64_t kTestNowMs = 1'795'255'200'000;  // 2026-11-21 10:00 UTC
inline constexpr std::int64_t kTestHourMs = 3'600'000;

inline Uuid test_site(std::uint8_t number = 1) {
  Uuid id;
  id.bytes.fill(number);
  return id;
}

inline ItemKey key_of(std::string_view item, const Uuid& site = test_site()) {
  return stable_id(site.text(), item);
}

struct TestEvent {
  std::string visitor;
  std::string session;
  std::vector<std::string> items;
  std::int64_t time_ms = kTestNowMs;
  event::Kind kind = event::Kind::product_view;
  std::string user{};
  bool is_bot = false;
  std::uint32_t stream = 0;
  Uuid site = test_site();
};

inline event::Event event_of(const TestEvent& given) {
  event::Event made;
  made.site = given.site;
  made.kind = given.kind;
  made.event_type = event::to_string(given.kind);
  made.timestamp_ms = given.time_ms;
  made.received_ms = given.time_ms;
  made.visitor_id = given.visitor;
  made.session_id = given.session;
  made.user_id = given.user;
  made.is_bot = given.is_bot;
  made.stream = given.stream;
  made.path = "/";
  for (const std::string& id : given.items) {
    event::Item item;
    item.id = id;
    item.name = "The " + id;
    made.items.push_back(item);
  }
  return made;
}

inline void apply(LiveState& live, const TestEvent& given) {
  std::string body;
  event::encode(event_of(given), body);
  event::EventView view;
  ASSERT_TRUE(event::decode(body, view));
  live.apply(view);
}

/// Keeps what it is told; refuses when asked to.
class TestSink final : public event::DecisionSink {
 public:
  Result<void> record(const event::Decision& decision) override {
    if (is_down) return fail(ErrorCode::unavailable, "the journal takes no writes");
    decisions.push_back(decision);
    return {};
  }
  std::vector<event::Decision> decisions;
  bool is_down = false;
};

/// Visits as in tests/learn: each text a visit, each letter an item.
inline std::shared_ptr<const learn::SiteModel> model_of(
    std::initializer_list<std::string_view> visits, const learn::ModelParams& params) {
  learn::SessionLogBuilder builder;
  std::int64_t visit = 0;
  for (const std::string_view letters : visits) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      builder.add(fmt::format("{:04}", visit), letters.substr(i, 1),
                  kTestNowMs - 86'400'000 + visit * 60'000 + static_cast<std::int64_t>(i) * 1000);
    }
    ++visit;
  }
  return std::make_shared<const learn::SiteModel>(
      learn::make_site_model(*builder.build(), params, test_site().text(), kTestNowMs));
}

}  // namespace attune::decide

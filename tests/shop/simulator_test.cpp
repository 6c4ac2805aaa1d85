#include "shop/simulator.h"

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "shop/fake_server.h"
#include "shop/http_client.h"
#include "shop/shop_pages.h"

namespace attune::shop {
namespace {

namespace json = boost::json;

constexpr std::string_view kSite = "aaaaaaaa-2222-4333-8444-555555555555";

SimulatorOptions options_for(const FakeServer& server) {
  SimulatorOptions options;
  options.port = server.port();
  options.site = *Uuid::parse(kSite);
  options.key = "sk_test";
  options.catalogue_json = std::string(catalogue_json());
  options.backfill_days = 2;
  options.backfill_visits_per_day = 40;
  options.backfill_events_per_second = 1e9;
  options.visitors_per_minute = 0;
  options.population = 50;
  options.play_step_ms = 1;
  return options;
}

/// Answers like Attune: imports get stream 7, events are all accepted, four products recommended.
Told attune_like(const Asked& asked) {
  if (asked.target.ends_with("/imports")) return answer(201, R"({"stream":7})");
  if (asked.target.find("/recommendations?") != std::string::npos) {
    return answer(200, R"({"decision_id":"11111111-2222-4333-8444-555555555555","model_version":"m",
        "items":[{"item_id":"monstera"},{"item_id":"gone"},{"item_id":"iron-pan"},
        {"item_id":"tide-bowl"},{"item_id":"harbour-mug"}]})");
  }
  const json::value body = asked.body.empty() ? json::value() : json::parse(asked.body);
  std::size_t count = 0;
  if (body.is_array()) count = body.as_array().size();
  if (body.is_object() && body.as_object().contains("events")) {
    count = body.as_object().at("events").as_array().size();
  }
  return answer(200, "{\"accepted\":" + std::to_string(count) + ",\"rejected\":0}");
}

TEST(SimulatorTest, FillsInThePastAsOneImportInOrderOfTime) {
  FakeServer server(attune_like);
  ManualClock clock(1'795'996'800'000);
  SimulatorOptions options = options_for(server);
  std::uint64_t last_done = 0;
  std::uint64_t last_total = 0;
  bool finished = false;
  options.on_backfill_progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GT(done, last_done);
    last_done = done;
    last_total = total;
  };
  options.on_backfill_done = [&] { finished = true; };
  auto simulator = Simulator::make(options, clock);
  ASSERT_TRUE(simulator);
  const auto counts = simulator->run({});
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_TRUE(finished);
  EXPECT_EQ(last_done, last_total);
  EXPECT_EQ(counts->events_accepted, last_total);
  EXPECT_GT(counts->visits, 40U);

  const std::vector<Asked> asked = server.asked();
  EXPECT_EQ(server.connections(), 1U) << "one keep-alive connection";
  ASSERT_GT(asked.size(), 2U);
  const std::string imports = "/api/v1/sites/" + std::string(kSite) + "/imports";
  EXPECT_EQ(asked.front().target, imports);
  EXPECT_EQ(asked.back().target, imports + "/7/finish");
  std::int64_t last_ms = clock.now_ms() - 2 * 86'400'000LL;
  std::set<std::string> ids;
  for (std::size_t index = 1; index + 1 < asked.size(); ++index) {
    EXPECT_EQ(asked[index].target, imports + "/7/events?batch=" + std::to_string(index));
    EXPECT_EQ(asked[index].authorization, "Bearer sk_test");
    const json::value batch = json::parse(asked[index].body);
    for (const json::value& event : batch.as_array()) {
      EXPECT_GE(event.at("timestamp").as_int64(), last_ms);
      last_ms = event.at("timestamp").as_int64();
      EXPECT_LT(last_ms, clock.now_ms());
      EXPECT_TRUE(ids.insert(std::string(event.at("event_id").as_string())).second);
    }
  }
  EXPECT_EQ(ids.size(), last_total);
}

TEST(SimulatorTest, IsThePastAgainWithTheSameSeed) {
  std::vector<std::string> bodies[2];
  for (auto& kept : bodies) {
    FakeServer server(attune_like);
    ManualClock clock(1'795'996'800'000);
    auto simulator = Simulator::make(options_for(server), clock);
    ASSERT_TRUE(simulator->run({}));
    for (const Asked& asked : server.asked()) kept.push_back(asked.body);
  }
  EXPECT_EQ(bodies[0], bodies[1]);
}

TEST(SimulatorTest, RetriesWithTheSameBodyAndWaitsAsTold) {
  int refusals = 2;
  FakeServer server([&refusals](const Asked& asked) -> Told {
    if (asked.target.find("/events?") != std::string::npos && refusals > 0) {
      --refusals;
      Told busy = answer(503, R"({"error":{"code":"unavailable"}})");
      if (refusals == 1) busy.retry_after = "1";
      return busy;
    }
    return attune_like(asked);
  });
  const RealClock clock;
  SimulatorOptions options = options_for(server);
  options.backfill_visits_per_day = 2;
  auto simulator = Simulator::make(options, clock);
  const auto started = std::chrono::steady_clock::now();
  const auto counts = simulator->run({});
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(1400));
  EXPECT_EQ(counts->requests_failed, 0U);
  std::vector<std::string> sent;
  for (const Asked& asked : server.asked()) {
    if (asked.target.ends_with("/events?batch=1")) sent.push_back(asked.body);
  }
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0], sent[1]);
  EXPECT_EQ(sent[1], sent[2]);
}

TEST(SimulatorTest, SaysWhyThePastCouldNotBeDelivered) {
  FakeServer server([](const Asked& asked) -> Told {
    if (asked.target.ends_with("/imports")) {
      return answer(403, R"({"error":{"message":"no such key"}})");
    }
    return attune_like(asked);
  });
  const RealClock clock;
  auto simulator = Simulator::make(options_for(server), clock);
  const auto counts = simulator->run({});
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code(), ErrorCode::unavailable);
  EXPECT_NE(counts.error().message().find("no such key"), std::string::npos);
}

TEST(SimulatorTest, PlaysVisitsThatAskAndClick) {
  FakeServer server(attune_like);
  const RealClock clock;
  SimulatorOptions options = options_for(server);
  options.backfill_days = 0;
  auto simulator = Simulator::make(options, clock);
  const auto counts = simulator->play({}, 40);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->visits, 40U);
  EXPECT_GT(counts->decisions_seen, 40U);
  EXPECT_GT(counts->items_shown, 0U);
  EXPECT_EQ(counts->requests_failed, 0U);
  EXPECT_GT(counts->taste_recommended, 0);
  std::map<std::string, int> types;
  std::set<std::string> sessions;
  for (const Asked& asked : server.asked()) {
    if (asked.target != "/api/v1/events") continue;
    const json::value body = json::parse(asked.body);
    EXPECT_EQ(body.at("site").as_string(), kSite);
    for (const json::value& event : body.at("events").as_array()) {
      ++types[std::string(event.at("type").as_string())];
      sessions.insert(std::string(event.at("session_id").as_string()));
      if (event.at("type") == "recommendation_shown") {
        EXPECT_EQ(event.at("items").as_array().size(), 4U) << "an item nobody sells is not shown";
      }
    }
  }
  EXPECT_EQ(sessions.size(), 40U);
  EXPECT_GT(types["recommendation_shown"], 0);
}

TEST(SimulatorTest, LetsNobodySeeTheWidgetWhenToldSo) {
  FakeServer server(attune_like);
  const RealClock clock;
  SimulatorOptions options = options_for(server);
  options.backfill_days = 0;
  auto simulator = Simulator::make(options, clock);
  ASSERT_TRUE(simulator->play({}, 5, false));
  for (const Asked& asked : server.asked()) EXPECT_EQ(asked.target, "/api/v1/events");
}

TEST(SimulatorTest, ObeysAStopInTheMiddleOfARequest) {
  FakeServer server([](const Asked& asked) -> Told {
    Told told = attune_like(asked);
    told.silent = asked.target == "/api/v1/events";
    return told;
  });
  const RealClock clock;
  SimulatorOptions options = options_for(server);
  options.backfill_days = 0;
  options.visitors_per_minute = 600;
  auto simulator = Simulator::make(options, clock);
  std::jthread running([&simulator](const std::stop_token& stop) {
    EXPECT_TRUE(simulator->run(stop));
  });
  while (server.asked().empty()) std::this_thread::yield();
  const auto asked_at = std::chrono::steady_clock::now();
  running.request_stop();
  running.join();
  EXPECT_LT(std::chrono::steady_clock::now() - asked_at, std::chrono::milliseconds(500));
}

TEST(SimulatorTest, RefusesOptionsThatMakeNoSense) {
  const ManualClock clock;
  SimulatorOptions options;
  EXPECT_EQ(Simulator::make(options, clock).error().code(), ErrorCode::invalid_argument)
      << "no catalogue";
  options.catalogue_json = std::string(catalogue_json());
  EXPECT_TRUE(Simulator::make(options, clock));
  options.population = 0;
  EXPECT_EQ(Simulator::make(options, clock).error().field(), "population");
  options.population = 1;
  options.visitors_per_minute = -1;
  EXPECT_EQ(Simulator::make(options, clock).error().field(), "visitors_per_minute");
  options.visitors_per_minute = 1;
  options.backfill_events_per_second = 0;
  EXPECT_EQ(Simulator::make(options, clock).error().field(), "backfill_events_per_second");
}

TEST(HttpClientTest, ConnectsAgainWhenTheServerClosedTheConnection) {
  FakeServer server([](const Asked&) {
    Told told;
    told.keep_alive = false;
    return told;
  });
  HttpClient client("127.0.0.1", server.port(), "k");
  ASSERT_TRUE(client.exchange("GET", "/a", {}, {}));
  ASSERT_TRUE(client.exchange("GET", "/b", {}, {}));
  EXPECT_EQ(server.connections(), 2U);
}

TEST(HttpClientTest, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    const FakeServer gone([](const Asked&) { return Told{}; });
    port = gone.port();
  }
  HttpClient client("127.0.0.1", port, "");
  const auto answer = client.exchange("GET", "/", {}, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::unavailable);
}

}  // namespace
}  // namespace attune::shop

#include "experiment/test_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>
#include <variant>

#include "base/time_zone.h"
#include "experiment/flag_check.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;
using store::Null;
using store::Value;

constexpr store::QueryOptions kAll{.rows_max = 100'000, .timeout_ms = 30'000};
constexpr std::size_t kLogMax = 200;   // steps kept of one test

std::string text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

std::optional<std::int64_t> ms_of(const Value& value) {
  const auto* at = std::get_if<store::Timestamp>(&value);
  if (at == nullptr) return std::nullopt;
  return at->us / 1000;
}

json::value json_of(const Value& value) {
  const auto* held = std::get_if<store::Json>(&value);
  boost::system::error_code code;
  json::value parsed = held == nullptr ? json::value() : json::parse(held->text, code);
  return code ? json::value() : parsed;
}

json::object object_of(const Value& value) {
  const json::value parsed = json_of(value);
  return parsed.is_object() ? parsed.as_object() : json::object();
}

json::array array_of(const Value& value) {
  const json::value parsed = json_of(value);
  return parsed.is_array() ? parsed.as_array() : json::array();
}

Test test_of(const std::vector<Value>& row) {
  Test test;
  std::size_t at = 0;
  test.id = std::get<Uuid>(row[at++]);
  test.account = std::get<std::int64_t>(row[at++]);
  for (std::string* text : {&test.name, &test.type, &test.status, &test.engine, &test.site,
                            &test.key, &test.primary_metric, &test.hash_attribute}) {
    *text = text_of(row[at++]);
  }
  test.confidence = std::get<double>(row[at++]);
  test.coverage = std::get<double>(row[at++]);
  if (const auto* size = std::get_if<std::int64_t>(&row[at++])) test.sample_size = *size;
  test.design = object_of(row[at++]);
  test.guardrails = array_of(row[at++]);
  test.weights = array_of(row[at++]);
  test.decision = object_of(row[at++]);
  for (auto* time : {&test.start_ms, &test.end_ms, &test.started_ms, &test.ended_ms}) {
    *time = ms_of(row[at++]);
  }
  return test;
}

struct Wanted {
  Value account = Null{};
  Value id = Null{};
  Value site = Null{};
};

Result<std::vector<Test>> load(store::Session& session, const Wanted& wanted) {
  const std::array parameters{wanted.account, wanted.id, wanted.site};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("experiment/tests", parameters, kAll));
  ATTUNE_ASSIGN(const store::Rows arms, session.query("experiment/arms", parameters, kAll));
  std::vector<Test> tests;
  for (const auto& row : rows.rows) tests.push_back(test_of(row));
  for (const auto& row : arms.rows) {
    const auto of = std::ranges::find(tests, std::get<Uuid>(row[0]), &Test::id);
    if (of == tests.end()) continue;
    of->arms.push_back({text_of(row[1]), std::get<bool>(row[2]), std::get<double>(row[3]),
                        object_of(row[4])});
  }
  return tests;
}

void log_step(Test& test, const Step& step) {
  if (!test.decision.contains("log")) test.decision["log"] = json::array();
  json::array& log = test.decision["log"].as_array();
  if (log.size() >= kLogMax) log.erase(log.begin());
  log.push_back({{"action", to_string(step.action)},
                 {"at", utc_text(step.now_ms)},
                 {"by", step.by},
                 {"reason", step.reason}});
  if (!step.winner.empty()) test.decision["winner"] = step.winner;
}

Value time_or_null(const std::optional<std::int64_t>& ms) {
  if (!ms) return Null{};
  return store::Timestamp::from_ms(*ms);
}

/// Saved groups that a condition names are there: otherwise it would silently fit nobody, or all.
Result<void> check_groups(store::Session& session, const Test& test) {
  const auto named = named_groups(test.design);
  if (named.empty()) return {};
  const std::array parameters{Value{test.site}};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("experiment/group_keys", parameters, kAll));
  for (const std::string& key : named) {
    const bool known = std::ranges::any_of(
        rows.rows, [&](const auto& row) { return std::get<std::string>(row[0]) == key; });
    if (known) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("the site has no saved group '{}'", key), "design.condition");
  }
  return {};
}

}  // namespace

Result<Test> load_test(store::Session& session, std::int64_t account, const Uuid& id) {
  ATTUNE_ASSIGN(std::vector<Test> tests, load(session, {.account = account, .id = id}));
  if (tests.empty()) return fail(ErrorCode::not_found, "no such ab_test", "id");
  return std::move(tests.front());
}

Result<std::vector<Test>> tests_of_site(store::Session& session, const std::string& site) {
  return load(session, {.site = site});
}

Result<std::vector<Test>> tests_at_work(store::Session& session) {
  ATTUNE_ASSIGN(std::vector<Test> tests, load(session, {}));
  std::erase_if(tests, [](const Test& test) {
    const bool planned = test.status == "Draft" && test.start_ms && !test.site.empty();
    return !test.is_running() && !planned;
  });
  return tests;
}

Result<Test> take_step(store::Session& session, Test test, const Step& step) {
  ATTUNE_ASSIGN(const std::string_view next, status_after(test.status, step.action));
  const bool known = std::ranges::find(test.arms, step.winner, &Arm::id) != test.arms.end();
  if (!step.winner.empty() && (!known || step.action != Action::complete)) {
    return fail(ErrorCode::invalid_argument, "must be a variation of the test", "winner");
  }
  if (test.key.empty()) test.key = slug_of(test.name);
  if (step.action == Action::start) {
    ATTUNE_ASSIGN(const std::vector<Test> others, tests_of_site(session, test.site));
    ATTUNE_TRY(check_start(test, others, step.now_ms));
    ATTUNE_TRY(check_groups(session, test));
    test.started_ms = step.now_ms;
    if (test.engine == "bandit") test.design["sticky"] = true;   // weights move; people stay
  }
  test.status = next;
  if (next == "Completed" || next == "Cancelled") test.ended_ms = step.now_ms;
  log_step(test, step);
  const std::array parameters{Value{test.account},
                              Value{test.id},
                              Value{test.status},
                              Value{test.key},
                              time_or_null(test.started_ms),
                              time_or_null(test.ended_ms),
                              Value{step.by},
                              Value{store::Json{json::serialize(test.decision)}},
                              Value{store::Json{json::serialize(test.design)}},
                              step.winner.empty() ? Value{Null{}} : Value{step.winner},
                              Value{store::Timestamp::from_ms(step.now_ms)}};
  ATTUNE_TRY(session.execute("experiment/step", parameters));
  return test;
}

}  // namespace attune::experiment

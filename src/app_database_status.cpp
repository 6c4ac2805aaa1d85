// The database as an operator looks at it: what waits to be worked off, how fast it goes, what
// could not be used, what takes room, which statements take time. The same on both engines, as far
// as they know it; bounded, so that it can be asked of a server in trouble.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "app_parts.h"
#include "base/time_zone.h"

namespace attune {
namespace {

namespace json = boost::json;

constexpr std::int64_t kRateMs = 300'000;
constexpr std::size_t kStatements = 20;
constexpr store::QueryOptions kOptions{.rows_max = 100, .timeout_ms = 3'000};

json::value value_of(const store::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return json::string(*text);
  if (const auto* time = std::get_if<store::Timestamp>(&value)) {
    return json::string(utc_text(time->us / 1000));
  }
  return nullptr;
}

/// Rows as objects; of a part that cannot be asked the reason, so that the others are still told.
json::array ask(store::Session& session, std::string_view file,
                std::span<const store::Value> parameters = {}) {
  json::array out;
  const auto rows = session.query(file, parameters, kOptions);
  if (!rows) {
    out.push_back(json::object{{"error", rows.error().message()}});
    return out;
  }
  for (const auto& row : rows->rows) {
    json::object object;
    for (std::size_t column = 0; column < row.size(); ++column) {
      object[rows->columns[column].name] = value_of(row[column]);
    }
    out.push_back(std::move(object));
  }
  return out;
}

json::object rate(App::Parts& parts, store::Session& session) {
  const std::int64_t now_ms = parts.clock.now_ms();
  const store::Value between[] = {store::Timestamp::from_ms(now_ms - kRateMs),
                                  store::Timestamp::from_ms(now_ms)};
  json::object out{{"seconds", kRateMs / 1000}};
  const auto rows = session.query("store/report.processed", between, kOptions);
  if (!rows) {
    out["error"] = rows.error().message();
    return out;
  }
  const auto events = std::get<std::int64_t>(rows->rows.at(0).at(0));
  out["events"] = events;
  out["per_second"] = static_cast<double>(events) * 1000 / kRateMs;
  return out;
}

json::array largest_tables(store::Session& session) {
  json::array tables = ask(session, "store/report.tables");
  if (session.engine() == store::Engine::postgres) return tables;
  for (json::value& table : tables) {
    const json::value* name = table.as_object().if_contains("name");
    if (name == nullptr) continue;
    const store::Value parameters[] = {std::string(name->as_string())};
    const json::array bytes = ask(session, "store/report.table_bytes", parameters);
    if (const json::value* number = bytes.at(0).as_object().if_contains("bytes")) {
      table.as_object()["bytes"] = *number;
    }
  }
  return tables;
}

json::array slow_statements(const App::Parts& parts) {
  json::array out;
  for (const store::StatementTime& each : parts.store->times().longest(kStatements)) {
    const double total_ms = static_cast<double>(each.total_us) / 1000;
    out.push_back(json::object{{"file", each.file},
                               {"calls", each.calls},
                               {"errors", each.errors},
                               {"total_ms", total_ms},
                               {"mean_ms", total_ms / static_cast<double>(each.calls)},
                               {"max_ms", static_cast<double>(each.max_us) / 1000}});
  }
  return out;
}

}  // namespace

Result<std::string> database_status(App::Parts& parts) {
  ATTUNE_ASSIGN(const auto session, parts.store->session());
  const etl::ConsumerStatus etl = parts.etl->status();
  const bool on_postgres = session->engine() == store::Engine::postgres;
  json::object out{
      {"backlog", ask(*session, "store/report.backlog")},
      {"journal_lag_bytes", etl.lag_bytes},
      {"processed", rate(parts, *session)},
      {"errors", json::object{{"etl", etl.error}, {"damaged_records", etl.counts.damaged}}},
      {"skipped", on_postgres ? ask(*session, "store/report.skipped") : json::array()},
      {"tables", largest_tables(*session)},
      {"statements", slow_statements(parts)}};
  // DuckDB counts neither the use of indexes nor statements.
  for (const auto& [name, file] : {std::pair{"indexes", "store/report.indexes"},
                                   {"unused_indexes", "store/report.unused_indexes"},
                                   {"database_statements", "store/report.statements"}}) {
    out[name] = on_postgres ? ask(*session, file) : json::array();
  }
  return json::serialize(out);
}

}  // namespace attune

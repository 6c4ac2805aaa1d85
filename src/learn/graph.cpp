#include "learn/graph.h"

#include <variant>

namespace attune::learn {
namespace {

using store::Timestamp;
using store::Value;

constexpr std::int64_t kDayMs = 24LL * 3'600'000;
constexpr store::QueryOptions kPatient{.rows_max = 100, .timeout_ms = 600'000};

Result<void> write_edges(store::Session& session, const std::string& site, Timestamp begin,
                         std::int64_t now_ms, const GraphOptions& options) {
  const Value id = site;
  const Value now = Timestamp::from_ms(now_ms);
  const Value neighbours = options.neighbours_max;
  const Value window[] = {id, begin, Timestamp::from_ms(now_ms + kDayMs), neighbours, now};
  ATTUNE_TRY(session.execute("graph/clear", std::span(&id, 1)));
  ATTUNE_TRY(session.execute("graph/refresh_users", window));
  ATTUNE_TRY(session.execute("graph/refresh_searches", window));
  ATTUNE_TRY(session.execute("graph/refresh_pages", window));
  ATTUNE_TRY(session.execute("graph/refresh_views", window));
  ATTUNE_TRY(session.execute("graph/refresh_purchases", window));
  const Value products[] = {id, now};
  ATTUNE_TRY(session.execute("graph/refresh_categories", products));
  const Value similar[] = {id, neighbours, now};
  ATTUNE_TRY(session.execute("graph/refresh_similar", similar));
  return {};
}

Result<GraphReport> count_edges(store::Session& session, const std::string& site) {
  const Value id = site;
  ATTUNE_ASSIGN(const store::Rows rows,
                session.query("graph/count", std::span(&id, 1), kPatient));
  GraphReport report;
  for (const auto& row : rows.rows) {
    report.edges.emplace_back(std::get<std::string>(row[0]), std::get<std::int64_t>(row[1]));
  }
  return report;
}

}  // namespace

Result<GraphReport> refresh_graph(store::Session& session, const Uuid& site, std::int64_t now_ms,
                                  const GraphOptions& options) {
  const std::string id = site.text();
  const Value newest_of[] = {id, Timestamp::from_ms(now_ms + kDayMs)};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("graph/newest", newest_of, kPatient));
  const auto* newest = std::get_if<Timestamp>(&rows.rows.at(0).at(0));
  const std::int64_t newest_us = newest == nullptr ? now_ms * 1000 : newest->us;
  const Timestamp begin{newest_us - options.days * kDayMs * 1000};
  ATTUNE_TRY(session.begin());
  auto written = write_edges(session, id, begin, now_ms, options);
  if (!written) {
    // The first error says what went wrong; a failing rollback would only hide it.
    static_cast<void>(session.rollback());
    return pass(written, "refreshing the graph");
  }
  ATTUNE_TRY(session.commit());
  return count_edges(session, id);
}

}  // namespace attune::learn

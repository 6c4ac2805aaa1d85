// Pages, sources and referrers of a range: one query each.
#include <array>
#include <utility>

#include "report/report.h"
#include "report/rows.h"

namespace attune::report {

namespace {

constexpr std::array<std::pair<PageSort, std::string_view>, 4> kPageSorts{{
    {PageSort::visitors, "visitors"},
    {PageSort::pageviews, "pageviews"},
    {PageSort::time, "time"},
    {PageSort::entries, "entries"},
}};

constexpr std::array<std::pair<SourceKind, std::string_view>, 5> kSourceKinds{{
    {SourceKind::type, "type"},
    {SourceKind::platform, "platform"},
    {SourceKind::utm_source, "utm_source"},
    {SourceKind::utm_medium, "utm_medium"},
    {SourceKind::utm_campaign, "utm_campaign"},
}};

template <class Names, class Kind>
std::string name_of(const Names& names, Kind kind) {
  for (const auto& entry : names) {
    if (entry.first == kind) return std::string(entry.second);
  }
  return {};
}

Result<void> check_limit(std::int64_t limit) {
  if (limit >= 1 && limit <= kListRowsMax) return {};
  return fail(ErrorCode::invalid_argument, "must be from 1 to 1000", "limit");
}

}  // namespace

Result<PageSort> parse_page_sort(std::string_view text) {
  if (text.empty()) return PageSort::visitors;
  for (const auto& entry : kPageSorts) {
    if (entry.second == text) return entry.first;
  }
  return fail(ErrorCode::invalid_argument, "must be one of visitors, pageviews, time, entries",
              "sort");
}

Result<SourceKind> parse_source_kind(std::string_view text) {
  if (text.empty()) return SourceKind::type;
  for (const auto& entry : kSourceKinds) {
    if (entry.second == text) return entry.first;
  }
  return fail(ErrorCode::invalid_argument,
              "must be one of type, platform, utm_source, utm_medium, utm_campaign", "by");
}

Result<Pages> pages(store::Session& session, const Site& site, const Range& range, PageSort sort,
                    std::int64_t limit) {
  ATTUNE_TRY(check_limit(limit));
  const Row asked = parameters(site, range.span.instants, {name_of(kPageSorts, sort), limit});
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/pages", asked));
  Pages answer;
  for (const Row& row : rows.rows) {
    answer.rows.push_back({.path = text(row[0]),
                           .title = text(row[1]),
                           .visitors = integer(row[2]),
                           .pageviews = integer(row[3]),
                           .avg_time_on_page_seconds = number_if(row[4]),
                           .entries = integer(row[5])});
    answer.total = integer(row[6]);
  }
  return answer;
}

Result<Sources> sources(store::Session& session, const Site& site, const Range& range,
                        SourceKind by, std::int64_t limit) {
  ATTUNE_TRY(check_limit(limit));
  const Row asked = parameters(site, range.span.instants, {name_of(kSourceKinds, by), limit});
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/sources", asked));
  Sources answer;
  for (const Row& row : rows.rows) {
    const std::int64_t sessions = integer(row[2]);
    answer.rows.push_back({.name = text(row[0]),
                           .visitors = integer(row[1]),
                           .sessions = sessions,
                           .bounce_rate = share(integer(row[3]), sessions)});
    answer.total = integer(row[4]);
  }
  return answer;
}

Result<Forms> forms(store::Session& session, const Site& site, const Range& range,
                    std::int64_t limit) {
  ATTUNE_TRY(check_limit(limit));
  const Row asked = parameters(site, range.span.instants, {limit});
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/forms", asked));
  Forms answer;
  for (const Row& row : rows.rows) {
    const std::int64_t sessions = integer(row[3]);
    const std::int64_t viewers = integer(row[4]);
    answer.rows.push_back({.form_id = text(row[0]),
                           .path = text(row[1]),
                           .submissions = integer(row[2]),
                           .sessions = sessions,
                           .viewers = viewers,
                           .completion_rate = share(sessions, viewers)});
    answer.total = integer(row[5]);
  }
  return answer;
}

Result<Referrers> referrers(store::Session& session, const Site& site, const Range& range,
                            std::int64_t limit) {
  ATTUNE_TRY(check_limit(limit));
  const Row asked = parameters(site, range.span.instants, {limit});
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/referrers", asked));
  Referrers answer;
  for (const Row& row : rows.rows) {
    answer.rows.push_back({.host = text(row[0]),
                           .type = text(row[1]),
                           .visitors = integer(row[2]),
                           .sessions = integer(row[3])});
    answer.total = integer(row[4]);
  }
  return answer;
}

}  // namespace attune::report

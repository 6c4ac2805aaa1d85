#include "etl/session_storage.h"

#include <array>

#include "etl/session_tables.h"
#include "etl/sql_list.h"
#include "etl/tables.h"

namespace attune::etl {
namespace {

using store::Timestamp;
using store::Value;

constexpr std::size_t kKnownSitesMax = 100'000;

Value text(const SqlList& list) { return Value{list.text()}; }
Value time(std::int64_t ms) { return Value{Timestamp::from_ms(ms)}; }

Result<void> write_page_times(store::Session& session, const Effects& effects) {
  if (effects.page_times.empty()) return {};
  SqlList ids;
  SqlList seconds;
  Bounds views;
  for (const auto& [id, page] : effects.page_times) {
    ids.add(id);
    seconds.add(page.seconds);
    views.add(page.view_ms);
  }
  const std::array parameters{text(ids), text(seconds), time(views.least), time(views.greatest)};
  ATTUNE_TRY(session.execute("etl/pages.times", parameters));
  return {};
}

/// Closes sessions that no event of the batch touched and whose row is not in memory.
Result<void> close_sessions(store::Session& session, const Effects& effects) {
  if (effects.closing_keys.empty()) return {};
  SqlList keys;
  Bounds bounds;
  for (const std::uint64_t key : effects.closing_keys) {
    keys.add(key);
    bounds.add(static_cast<std::int64_t>(key));
  }
  const std::array parameters{text(keys), Value{bounds.least}, Value{bounds.greatest}};
  ATTUNE_TRY(session.execute("etl/sessions.close", parameters));
  return {};
}

/// Of a session that was open: its lead and exit page are written only when they changed.
bool lead_goes(const SessionWrite& write) { return write.closed || write.row->lead_changed; }
bool page_goes(const SessionWrite& write) { return write.closed || write.row->exit_changed; }

/// Open sessions in small tables that are rewritten, closed ones and final pages in large ones that
/// are not: for an engine that finds rows by reading columns.
class SplitSessions final : public SessionStorage {
 public:
  explicit SplitSessions(store::Session& session) : session_(session) {}

  Result<void> write(const Effects& effects, SiteTexts& sites,
                     std::uint64_t /*first_position*/) override {
    ATTUNE_TRY(remove(effects));
    for (const SessionWrite& write : effects.sessions) add(write, sites.of(write.row->site));
    for (const FinalPage& page : effects.pages) pages_.add(page, sites.of(page.site));
    ATTUNE_TRY(append_and_clear(session_, "hot_sessions", hot_sessions_.batch));
    ATTUNE_TRY(append_and_clear(session_, "hot_leads", hot_leads_.batch));
    ATTUNE_TRY(append_and_clear(session_, "hot_pages", hot_pages_.batch));
    ATTUNE_TRY(append_and_clear(session_, "user_sessions_cold", cold_sessions_.batch));
    ATTUNE_TRY(append_and_clear(session_, "pageviews_cold", pages_.batch));
    ATTUNE_TRY(close_sessions(session_, effects));
    return write_page_times(session_, effects);
  }

 private:
  void add(const SessionWrite& write, std::string_view site);
  Result<void> remove(const Effects& effects);

  store::Session& session_;
  PageviewsTable pages_;
  ColdSessionsTable cold_sessions_;
  HotSessionsTable hot_sessions_;
  HotLeadsTable hot_leads_;
  HotPagesTable hot_pages_;
};

void SplitSessions::add(const SessionWrite& write, std::string_view site) {
  const SessionRow& row = *write.row;
  if (write.closed) return cold_sessions_.add(row, site);
  const bool whole = write.before != Stored::hot;
  hot_sessions_.add(row);
  if (whole || row.lead_changed) hot_leads_.add(row, site);
  if (row.has_page() && (whole || row.exit_changed)) hot_pages_.add(row);
}

Result<void> SplitSessions::remove(const Effects& effects) {
  SqlList hot;
  SqlList leads;
  SqlList pages;
  SqlList cold;
  Bounds hot_keys;
  Bounds cold_keys;
  Bounds cold_starts;
  for (const SessionWrite& write : effects.sessions) {
    const auto key = static_cast<std::int64_t>(write.row->key);
    if (write.before == Stored::hot) {
      hot.add(key);
      if (lead_goes(write)) leads.add(key);
      if (page_goes(write)) pages.add(key);
      hot_keys.add(key);
    } else if (write.before == Stored::cold) {
      cold.add(key);
      cold_keys.add(key);
      cold_starts.add(write.before_first_ms);
    }
  }
  const auto delete_hot = [&](std::string_view file, const SqlList& keys) -> Result<void> {
    if (keys.empty()) return {};
    const std::array parameters{text(keys), Value{hot_keys.least}, Value{hot_keys.greatest}};
    ATTUNE_TRY(session_.execute(file, parameters));
    return {};
  };
  ATTUNE_TRY(delete_hot("etl/sessions.delete_hot", hot));
  ATTUNE_TRY(delete_hot("etl/leads.delete_hot", leads));
  ATTUNE_TRY(delete_hot("etl/pages.delete_hot", pages));
  if (!cold.empty()) {
    const std::array parameters{text(cold), Value{cold_keys.least}, Value{cold_keys.greatest},
                                time(cold_starts.least), time(cold_starts.greatest)};
    ATTUNE_TRY(session_.execute("etl/sessions.delete_cold", parameters));
  }
  return {};
}

/// One table of sessions and one of pages, both found by key: a row that changes is written anew.
/// The exit page of an open session has its row as well, which goes when another page follows.
class WholeSessions final : public SessionStorage {
 public:
  explicit WholeSessions(store::Session& session) : session_(session) {}

  Result<void> write(const Effects& effects, SiteTexts& sites,
                     std::uint64_t first_position) override {
    SqlList old_sessions;
    SqlList old_pages;
    const auto add_page = [&](const FinalPage& page) {
      if (page.page.at.position < first_position) old_pages.add(page.page.at.position);
      pages_.add(page, sites.of(page.site));
    };
    for (const FinalPage& page : effects.pages) add_page(page);
    for (const SessionWrite& write : effects.sessions) {
      const SessionRow& row = *write.row;
      if (write.before != Stored::nowhere) old_sessions.add(row.key);
      sessions_.add(write, sites.of(row.site));
      if (!row.has_page() || row.exit_is_cold) continue;
      add_page({row.exit, row.key, row.session_id, row.site, row.exit_seconds()});
    }
    ATTUNE_TRY(remove("etl/sessions.delete", old_sessions));
    ATTUNE_TRY(remove("etl/pages.delete", old_pages));
    ATTUNE_TRY(append_and_clear(session_, "user_sessions", sessions_.batch));
    ATTUNE_TRY(append_and_clear(session_, "pageviews", pages_.batch));
    ATTUNE_TRY(close_sessions(session_, effects));
    return write_page_times(session_, effects);
  }

 private:
  Result<void> remove(std::string_view file, const SqlList& numbers) {
    if (numbers.empty()) return {};
    const std::array parameters{text(numbers)};
    ATTUNE_TRY(session_.execute(file, parameters));
    return {};
  }

  store::Session& session_;
  PageviewsTable pages_;
  WholeSessionsTable sessions_;
};

}  // namespace

const std::string& SiteTexts::of(const Uuid& site) {
  if (texts_.size() > kKnownSitesMax) texts_.clear();
  const auto [found, is_new] = texts_.try_emplace(site);
  if (is_new) found->second = site.text();
  return found->second;
}

std::unique_ptr<SessionStorage> make_session_storage(store::Session& session) {
  if (session.engine() == store::Engine::duckdb) return std::make_unique<SplitSessions>(session);
  return std::make_unique<WholeSessions>(session);
}

Result<void> append_and_clear(store::Session& session, std::string_view table,
                              store::ColumnBatch& batch) {
  if (batch.empty()) return {};
  auto appended = session.append(table, batch);
  batch.clear();
  if (!appended) return pass(appended, table);
  return {};
}

}  // namespace attune::etl

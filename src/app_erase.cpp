// Erasure: a person or a site leaves journal, tables, archive and memory. In an order that a crash
// at any moment leaves an erasure to be done again: first the list that keeps them away, then the
// journal, then the rows, then the files that still hold deleted bytes.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "app_parts.h"
#include "base/hash.h"
#include "etl/erasure.h"
#include "event/codec.h"
#include "spdlog/spdlog.h"

namespace attune {
namespace {

namespace json = boost::json;

constexpr std::size_t kIdBytesMax = 255;

Result<void> check_id(const std::string& id, const std::string& field) {
  const bool control = std::ranges::any_of(id, [](char c) {
    return static_cast<unsigned char>(c) < 0x20;
  });
  if (id.size() <= kIdBytesMax && !control) return {};
  return fail(ErrorCode::invalid_argument, "an id has up to 255 bytes and no control characters",
              field);
}

Result<etl::ErasedIds> ids_of(const event::Site& site, const serve::EraseRequest& request) {
  etl::ErasedIds ids;
  ids.site = site.id.text();
  ids.everything = request.everything;
  if (!request.everything && request.visitor.empty() == request.user.empty()) {
    return fail(ErrorCode::invalid_argument, "name a visitor or a user", "visitor");
  }
  ATTUNE_TRY(check_id(request.visitor, "visitor"));
  ATTUNE_TRY(check_id(request.user, "user"));
  if (!request.visitor.empty()) ids.visitors.push_back(request.visitor);
  if (!request.user.empty()) ids.users.push_back(request.user);
  return ids;
}

/// Bodies of erased people's records become empty ones of their length.
class Replacer {
 public:
  explicit Replacer(std::shared_ptr<const etl::ErasedPeople> people) : people_(std::move(people)) {}

  bool operator()(const journal::Record& record, std::string& body) {
    const auto type = event::record_type(record.body);
    if (!type) return false;
    std::int64_t received_ms = 0;
    if (*type == event::RecordType::event) {
      if (!event::decode(record.body, event_) || !people_->contains(event_)) return false;
      received_ms = event_.received_ms;
    } else if (*type == event::RecordType::decision) {
      if (!event::decode(record.body, decision_) || !people_->contains(decision_)) return false;
      received_ms = decision_.decided_ms;
    } else if (*type == event::RecordType::exposure) {
      if (!event::decode(record.body, exposure_) || !people_->contains(exposure_)) return false;
      received_ms = exposure_.received_ms;
    } else if (*type == event::RecordType::import_end) {
      event::ImportEnd end;
      if (!event::decode(record.body, end)) return false;
      if (!people_->contains(end.site, etl::ErasedKind::site, {})) return false;
      received_ms = end.received_ms;
    } else {
      return false;
    }
    body = event::erased_body(received_ms, record.body.size());
    return true;
  }

 private:
  std::shared_ptr<const etl::ErasedPeople> people_;
  event::EventView event_;
  event::Decision decision_;
  event::Exposure exposure_;
};

Result<journal::Rewritten> clean_journal(App::Parts& parts) {
  std::string tick;
  event::encode(event::Tick{parts.clock.now_ms()}, tick);
  auto replacer = std::make_shared<Replacer>(parts.erased.load());
  return parts.journal->replace(
      [replacer](const journal::Record& record, std::string& body) {
        return (*replacer)(record, body);
      },
      tick);
}

void forget_in_memory(App::Parts& parts, const etl::ErasedIds& ids) {
  const Uuid site = Uuid::parse(ids.site).value_or(Uuid());
  if (ids.everything) parts.live->forget(site);
  for (const auto* list : {&ids.visitors, &ids.anonymous, &ids.users}) {
    for (const std::string& id : *list) parts.live->forget_person(stable_id(ids.site, id));
  }
}

json::object report(const etl::ErasedIds& ids, const std::vector<etl::ErasedRows>& rows,
                    const journal::Rewritten& journal) {
  json::object tables;
  for (const etl::ErasedRows& table : rows) tables[table.table] = table.rows;
  return {{"site", ids.site},
          {"visitors", ids.visitors.size() + ids.anonymous.size()},
          {"users", ids.users.size()},
          {"tables", tables},
          {"journal", json::object{{"records", journal.records},
                                   {"bytes", journal.bytes},
                                   {"files_written_anew", journal.segments}}}};
}

/// Deleted bytes stay in a database file until it is written anew. With the whole journal that is a
/// replay, which also puts right what others' rows owed to the erased ones (a visit both shared);
/// without its beginning it is a copy.
Result<void> write_anew(App::Parts& parts, serve::JobProgress& progress) {
  if (parts.journal->first().offset == 0) {
    ATTUNE_TRY(replay_alone(parts, progress));
    return {};
  }
  if (parts.store->engine() != store::Engine::duckdb) return {};   // PostgreSQL vacuums by itself
  const EtlAtRest rest(*parts.etl);
  return compact_alone(parts, progress);
}

}  // namespace

Result<std::string> erase_now(App::Parts& parts, const event::Site& site,
                              const serve::EraseRequest& request, serve::JobProgress& progress) {
  ATTUNE_ASSIGN(etl::ErasedIds ids, ids_of(site, request));
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);
  const std::int64_t started_us = parts.clock.steady_us();
  journal::Rewritten journal;
  std::vector<etl::ErasedRows> rows;
  std::int64_t archived = 0;
  if (ids.everything) {   // out of service first; one that is already is fine
    auto deleted = parts.control->delete_site(site.id);
    if (!deleted && deleted.error().code() != ErrorCode::not_found) return pass(deleted);
    parts.decider->forget(site.id);
  }
  {
    const EtlAtRest rest(*parts.etl);
    ATTUNE_ASSIGN(const auto session, parts.store->session());
    progress.set(0, 0, "looking for the rows");
    ATTUNE_TRY(etl::find_linked(*session, ids));
    ATTUNE_TRY(etl::add_to_list(*session, ids, parts.clock.now_ms()));
    ATTUNE_ASSIGN(auto people, etl::ErasedPeople::load(*session));
    parts.erased.store(std::move(people));
    progress.set(0, 0, "writing the journal anew");
    ATTUNE_ASSIGN(journal, clean_journal(parts));
    progress.set(0, 0, "writing the archive anew");
    ATTUNE_ASSIGN(archived, open_archive(parts, progress)->erase(*session, ids,
                                                                 parts.clock.now_ms()));
    progress.set(0, 0, "erasing rows");
    ATTUNE_ASSIGN(rows, etl::erase_rows(*session, ids));
    forget_in_memory(parts, ids);
    if (ids.everything) {
      std::error_code ignored;
      std::filesystem::remove_all(parts.paths.folder + "/models/" + ids.site, ignored);
    }
  }
  ATTUNE_TRY(write_anew(parts, progress));
  ATTUNE_ASSIGN(const auto session, parts.store->session());
  ATTUNE_TRY(etl::finish_erasure(*session, ids.site, parts.clock.now_ms()));
  if (!ids.everything) parts.keeper->changed(site.id);
  json::object result = report(ids, rows, journal);
  result["archived_rows"] = archived;
  result["seconds"] = static_cast<double>(parts.clock.steady_us() - started_us) / 1e6;
  return json::serialize(result);
}

}  // namespace attune

#include "etl/erasure.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/sha256.h"
#include "etl/daily_metrics.h"
#include "store/transaction.h"

namespace attune::etl {
namespace {

using store::Value;

constexpr char kSeparator = '\x1f';
constexpr store::QueryOptions kPatient{.rows_max = 10'000'000, .timeout_ms = 3'600'000};

std::string hash_of(std::string_view site, ErasedKind kind, std::string_view id) {
  Sha256 hash;
  hash.add("attune erased person");
  for (const std::string_view part : {site, to_string(kind), id}) {
    hash.add(std::string_view("\0", 1));
    hash.add(part);
  }
  return hash.finish();
}

std::string joined(const std::vector<std::string>& ids, const std::vector<std::string>& more = {}) {
  std::string text;
  for (const auto* list : {&ids, &more}) {
    for (const std::string& id : *list) {
      if (!text.empty()) text += kSeparator;
      text += id;
    }
  }
  return text;
}

Result<std::vector<ErasedRows>> count_rows(store::Session& session, const ErasedIds& ids) {
  const std::array of_people{Value{ids.site}, Value{joined(ids.visitors, ids.anonymous)},
                             Value{joined(ids.users)}};
  const std::array of_site{Value{ids.site}};
  ATTUNE_ASSIGN(const store::Rows rows,
                ids.everything ? session.query("etl/erase.site_count", of_site, kPatient)
                               : session.query("etl/erase.count", of_people, kPatient));
  std::vector<ErasedRows> counted;
  for (const auto& row : rows.rows) {
    counted.push_back({std::get<std::string>(row[0]), std::get<std::int64_t>(row[1])});
  }
  return counted;
}

Result<void> delete_rows(store::Session& session, const ErasedIds& ids) {
  if (ids.everything) {
    const std::array parameters{Value{ids.site}};
    ATTUNE_TRY(session.execute("etl/erase.site", parameters));
    return {};
  }
  const std::array parameters{Value{ids.site}, Value{joined(ids.visitors, ids.anonymous)},
                              Value{joined(ids.users)}};
  event::Site site;
  site.id = Uuid::parse(ids.site).value_or(Uuid());
  ATTUNE_TRY(mark_site_dirty(session, site));   // before: later its first days may be gone
  ATTUNE_TRY(session.execute("etl/erase.rows", parameters));
  return {};
}

}  // namespace

std::string_view to_string(ErasedKind kind) {
  switch (kind) {
    case ErasedKind::site: return "site";
    case ErasedKind::visitor: return "visitor";
    case ErasedKind::anonymous: return "anonymous";
    case ErasedKind::user: break;
  }
  return "user";
}

Result<std::shared_ptr<const ErasedPeople>> ErasedPeople::load(store::Session& session) {
  auto people = std::make_shared<ErasedPeople>();
  ATTUNE_TRY(session.scan("etl/erased.load", {}, [&](std::span<const Value> row) -> Result<void> {
    const std::string& site = std::get<std::string>(row[0]);
    if (const auto id = Uuid::parse(site)) people->sites_.insert(*id);
    people->hashes_.insert(std::get<std::string>(row[2]));
    if (!std::get<bool>(row[3]) && std::ranges::find(people->unfinished_, site) ==
                                       people->unfinished_.end()) {
      people->unfinished_.push_back(site);
    }
    return {};
  }));
  return std::shared_ptr<const ErasedPeople>(std::move(people));
}

bool ErasedPeople::contains(const Uuid& site, ErasedKind kind, std::string_view id) const {
  return sites_.contains(site) && hashes_.contains(hash_of(site.text(), kind, id));
}

bool ErasedPeople::contains(const event::EventView& event) const {
  if (!sites_.contains(event.site)) return false;
  const std::string site = event.site.text();
  const auto has = [&](ErasedKind kind, std::string_view id) {
    return hashes_.contains(hash_of(site, kind, id));
  };
  if (has(ErasedKind::site, {}) || has(ErasedKind::visitor, event.visitor_id)) return true;
  return event.user_id.empty() ? has(ErasedKind::anonymous, event.visitor_id)
                               : has(ErasedKind::user, event.user_id);
}

bool ErasedPeople::contains(const event::Decision& decision) const {
  if (!sites_.contains(decision.site)) return false;
  const std::string site = decision.site.text();
  for (const ErasedKind kind : {ErasedKind::visitor, ErasedKind::anonymous}) {
    if (hashes_.contains(hash_of(site, kind, decision.visitor_id))) return true;
  }
  return hashes_.contains(hash_of(site, ErasedKind::site, {}));
}

bool ErasedPeople::contains(const event::Exposure& exposure) const {
  if (!sites_.contains(exposure.site)) return false;
  const std::string site = exposure.site.text();
  for (const ErasedKind kind : {ErasedKind::visitor, ErasedKind::anonymous, ErasedKind::user}) {
    if (hashes_.contains(hash_of(site, kind, exposure.visitor_id))) return true;
  }
  return hashes_.contains(hash_of(site, ErasedKind::site, {}));
}

void keep_away(Settings& settings, std::shared_ptr<const ErasedPeople> people) {
  settings.is_erased =
      [people](const event::EventView& event) { return people->contains(event); };
  settings.is_decision_erased =
      [people](const event::Decision& decision) { return people->contains(decision); };
  settings.is_exposure_erased =
      [people](const event::Exposure& exposure) { return people->contains(exposure); };
}

Result<void> find_linked(store::Session& session, ErasedIds& ids) {
  for (const std::string& user : ids.users) {
    const std::array parameters{Value{ids.site}, Value{user}};
    ATTUNE_ASSIGN(const store::Rows rows,
                  session.query("etl/erase.linked", parameters, kPatient));
    for (const auto& row : rows.rows) ids.anonymous.push_back(std::get<std::string>(row[0]));
  }
  return {};
}

Result<void> add_to_list(store::Session& session, const ErasedIds& ids, std::int64_t now_ms) {
  const auto add = [&](ErasedKind kind, const std::string& id) -> Result<void> {
    const std::array parameters{Value{ids.site}, Value{std::string(to_string(kind))},
                                Value{hash_of(ids.site, kind, id)},
                                Value{store::Timestamp::from_ms(now_ms)}};
    ATTUNE_TRY(session.execute("etl/erased.insert", parameters));
    return {};
  };
  const auto add_all = [&]() -> Result<void> {
    if (ids.everything) ATTUNE_TRY(add(ErasedKind::site, {}));
    for (const std::string& id : ids.visitors) ATTUNE_TRY(add(ErasedKind::visitor, id));
    for (const std::string& id : ids.anonymous) ATTUNE_TRY(add(ErasedKind::anonymous, id));
    for (const std::string& id : ids.users) ATTUNE_TRY(add(ErasedKind::user, id));
    return {};
  };
  return store::in_transaction(session, add_all);
}

Result<void> finish_erasure(store::Session& session, const std::string& site,
                            std::int64_t now_ms) {
  const std::array parameters{Value{site}, Value{store::Timestamp::from_ms(now_ms)}};
  ATTUNE_TRY(session.execute("etl/erased.finish", parameters));
  return {};
}

Result<std::vector<ErasedRows>> erase_rows(store::Session& session, const ErasedIds& ids) {
  return store::in_transaction(session, [&]() -> Result<std::vector<ErasedRows>> {
    auto counted = count_rows(session, ids);
    if (!counted) return counted;
    if (auto deleted = delete_rows(session, ids); !deleted) return pass(deleted, "erasing rows");
    return counted;
  });
}

}  // namespace attune::etl

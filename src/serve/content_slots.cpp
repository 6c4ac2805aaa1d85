#include "serve/content_slots.h"

#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "event/event.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::int64_t kFreshUs = 30'000'000;

std::vector<Uuid> read_ids(std::string_view text) {
  std::vector<Uuid> ids;
  const json::value list = json::parse(text);
  for (const json::value& each : list.as_array()) {
    if (const auto id = Uuid::parse(std::string_view(each.as_string()))) ids.push_back(*id);
  }
  return ids;
}

}  // namespace

Result<std::shared_ptr<const SiteSlots>> SlotBook::slots(const Uuid& site) {
  const std::uint64_t revision = revision_.load();
  const std::int64_t now_us = clock_.steady_us();
  {
    const std::lock_guard lock(mutex_);
    const auto found = sites_.find(site);
    if (found != sites_.end() && found->second.revision == revision &&
        now_us - found->second.read_us < kFreshUs) {
      return found->second.slots;
    }
  }
  ATTUNE_ASSIGN(SiteSlots read, load(site));
  auto slots = std::make_shared<const SiteSlots>(std::move(read));
  const std::lock_guard lock(mutex_);
  sites_[site] = {slots, revision, now_us};
  return slots;
}

Result<SiteSlots> SlotBook::load(const Uuid& site) {
  SiteSlots all;
  {
    ATTUNE_ASSIGN(SessionPool::Lease session, sessions_.borrow_as({.site = site, .account = {}}));
    const store::Value parameters[] = {site.text()};
    ATTUNE_ASSIGN(const store::Rows rows, session->query("content/slots", parameters));
    for (const auto& row : rows.rows) {
      RowReader reader(row);
      ContentSlot slot;
      slot.key = reader.take<std::string>();
      slot.account = campaign::AccountId{reader.take<std::int64_t>()};
      slot.wanted = read_ids(reader.take<std::string>());
      const auto policy = learn::parse_bandit_kind(reader.take<std::string>());
      slot.policy = policy.value_or(learn::BanditKind::thompson_linear);
      slot.floor = reader.take<double>();
      slot.holdout_share = reader.take<double>();
      slot.is_enabled = reader.take<bool>();
      all.emplace(slot.key, std::move(slot));
    }
  }
  for (auto& [key, slot] : all) ATTUNE_TRY(load_templates(slot));
  return all;
}

/// Those that are there, active, and parse (a row may be older than the rule that it must).
Result<void> SlotBook::load_templates(ContentSlot& slot) {
  const campaign::Table& table = *campaign::find_table("content_templates");
  ATTUNE_ASSIGN(SessionPool::Lease session, sessions_.borrow());
  for (const Uuid& id : slot.wanted) {
    const auto row = accounts_.find(*session, table, slot.account, id);
    if (!row && row.error().code() == ErrorCode::not_found) continue;
    ATTUNE_TRY(row);
    const auto at = [&](std::string_view name) { return (*row)[2 + *table.find(name)]; };
    if (at("is_active") != store::Value(true)) continue;
    auto content = campaign::read_content(table, *row);
    if (!content || !issues_of(*content).empty()) {
      spdlog::warn("content slot {}: the template {} is left out, as it does not lint clean",
                   slot.key, id.text());
      continue;
    }
    slot.templates.push_back({.id = id,
                              .item_id = std::string(event::kContentItem) + id.text(),
                              .name = std::get<std::string>(at("name")),
                              .version = std::get<std::int64_t>(at("version")),
                              .content = std::move(*content)});
  }
  return {};
}

}  // namespace attune::serve

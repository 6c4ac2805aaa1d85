#include "serve/audit_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <span>

#include "base/sha256.h"
#include "serve/row_reader.h"
#include "store/transaction.h"

namespace attune::serve {
namespace {

using store::Value;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kBodyBytesMax = 64 * 1024;
constexpr std::size_t kFieldsMax = 50;
constexpr std::size_t kFieldBytesMax = 64;
constexpr std::size_t kValueBytesMax = 500;
constexpr std::size_t kTargetBytesMax = 500;
constexpr std::int64_t kEntriesMax = std::int64_t{1} << 53;   // more than there can be
/// What nobody minds to read years later: no secrets, nothing of a visitor, no address of a site
/// that may be deleted meanwhile.
constexpr std::array<std::string_view, 20> kShown = {
    "name",     "status", "role",  "reason", "winner",   "version",  "strategy",
    "enabled",  "policy", "floor", "scope",  "days",     "archived", "timezone",
    "kind",     "margin", "currency", "action", "implementation_status", "encrypted"};

std::string_view word_of(CallerKind kind) {
  switch (kind) {
    case CallerKind::login: return "login";
    case CallerKind::key: return "key";
    case CallerKind::owner:
    case CallerKind::nobody: break;
  }
  return "owner";
}

CallerKind kind_of(std::string_view word) {
  if (word == "login") return CallerKind::login;
  return word == "key" ? CallerKind::key : CallerKind::owner;
}

bool is_shown(std::string_view name, const boost::json::value& value) {
  if (std::find(kShown.begin(), kShown.end(), name) == kShown.end()) return false;
  if (value.is_string()) return value.get_string().size() <= kValueBytesMax;
  return value.is_bool() || value.is_number();
}

/// Cut at a character of UTF-8.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

/// Everything of a row but its own hash, so that no two rows give the same text.
std::string hash_of(const AuditEntry& entry) {
  boost::json::array parts = {boost::json::string(entry.previous_hash),
                              entry.id,
                              entry.made_ms,
                              entry.account ? boost::json::value(*entry.account) : nullptr,
                              boost::json::string(word_of(entry.actor_kind)),
                              boost::json::string(entry.actor),
                              boost::json::string(entry.role),
                              boost::json::string(entry.action),
                              boost::json::string(entry.site ? entry.site->text() : ""),
                              boost::json::string(entry.target),
                              boost::json::string(entry.details_json),
                              entry.status,
                              boost::json::string(entry.client_address)};
  Sha256 sum;
  sum.add(boost::json::serialize(parts));
  return sum.finish();
}

AuditEntry read_entry(std::span<const Value> values) {
  RowReader row(values);
  AuditEntry entry;
  entry.id = row.take<std::int64_t>();
  entry.made_ms = row.take_ms();
  entry.account = row.take_optional<std::int64_t>();
  entry.actor_kind = kind_of(row.take<std::string>());
  entry.actor = row.take<std::string>();
  entry.role = row.take<std::string>();
  entry.action = row.take<std::string>();
  if (const auto site = row.take_optional<std::string>()) {
    if (const auto id = Uuid::parse(*site)) entry.site = *id;
  }
  entry.target = row.take<std::string>();
  entry.details_json = row.take<store::Json>().text;
  entry.status = static_cast<int>(row.take<std::int64_t>());
  entry.client_address = row.take<std::string>();
  entry.previous_hash = row.take<std::string>();
  entry.hash = row.take<std::string>();
  return entry;
}

}  // namespace

std::string details_of(std::string_view body) {
  if (body.empty() || body.size() > kBodyBytesMax) return "{}";
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(body, error);
  if (error || !value.is_object()) return "{}";
  boost::json::object kept;
  for (const auto& field : value.get_object()) {
    if (kept.size() == kFieldsMax) break;
    if (field.key().size() > kFieldBytesMax) continue;
    kept[field.key()] = is_shown(field.key(), field.value()) ? field.value() : nullptr;
  }
  return boost::json::serialize(kept);
}

namespace {

/// Within a transaction.
Result<void> add(store::Session& session, AuditEntry& entry) {
  ATTUNE_TRY(session.query("serve/audit_lock", {}));
  ATTUNE_ASSIGN(const store::Rows newest, session.query("serve/audit_last", {}));
  entry.id = 1;
  if (!newest.rows.empty()) {
    RowReader row(newest.rows[0]);
    entry.id = row.take<std::int64_t>() + 1;
    entry.previous_hash = row.take<std::string>();
  }
  entry.hash = hash_of(entry);
  const std::array parameters{
      Value{entry.id},
      Value{store::Timestamp::from_ms(entry.made_ms)},
      entry.account ? Value{*entry.account} : Value{store::Null{}},
      Value{std::string(word_of(entry.actor_kind))},
      Value{entry.actor},
      Value{entry.role},
      Value{entry.action},
      entry.site ? Value{entry.site->text()} : Value{store::Null{}},
      Value{entry.target},
      Value{store::Json{entry.details_json}},
      Value{std::int64_t{entry.status}},
      Value{entry.client_address},
      Value{entry.previous_hash},
      Value{entry.hash}};
  ATTUNE_TRY(session.execute("serve/audit_insert", parameters));
  return {};
}

}  // namespace

Result<void> AuditLog::note(AuditEntry entry) {
  entry.target = cut(std::move(entry.target), kTargetBytesMax);
  const MutexLock lock(mutex_);
  const std::int64_t now_ms = clock_.now_ms();
  entry.made_ms = now_ms;
  if (session_ == nullptr) {
    ATTUNE_ASSIGN(session_, store_.session());
  }
  if (pruned_day_ != now_ms / kDayMs) {
    const std::array before{Value{store::Timestamp::from_ms(now_ms - kKeptDays * kDayMs)}};
    ATTUNE_TRY(session_->execute("serve/audit_prune", before));
    pruned_day_ = now_ms / kDayMs;
  }
  store::Session& session = *session_;
  return store::in_transaction(session, [&] { return add(session, entry); });
}

Result<AuditPage> AuditLog::page(std::optional<std::int64_t> before, std::int64_t limit) {
  ATTUNE_ASSIGN(const auto session, store_.session());
  const std::array parameters{before ? Value{*before} : Value{store::Null{}}, Value{limit + 1}};
  ATTUNE_ASSIGN(const store::Rows rows, session->query("serve/audit_entries", parameters));
  AuditPage page;
  for (const auto& row : rows.rows) {
    if (std::ssize(page.entries) == limit) {
      page.more = true;
      break;
    }
    page.entries.push_back(read_entry(row));
  }
  return page;
}

Result<AuditCheck> AuditLog::check() {
  ATTUNE_ASSIGN(const auto session, store_.session());
  AuditCheck check;
  std::optional<AuditEntry> after;
  // Newest first, so what is found last is the oldest. The oldest row's `previous_hash` is of a row
  // that time took out, and is believed.
  const auto look = [&](std::span<const Value> values) -> Result<void> {
    AuditEntry entry = read_entry(values);
    ++check.entries;
    const bool is_followed =
        !after || (after->previous_hash == entry.hash && after->id == entry.id + 1);
    if (!is_followed) check.first_wrong = after->id;
    if (hash_of(entry) != entry.hash) check.first_wrong = entry.id;
    after = std::move(entry);
    return {};
  };
  const std::array everything{Value{store::Null{}}, Value{kEntriesMax}};
  ATTUNE_TRY(session->scan("serve/audit_entries", everything, look));
  return check;
}

}  // namespace attune::serve

// Who changed what, and when: a row for each call of a person or a program that changes something
// people set up. Each row carries a hash over itself and the hash of the row before, so that a row
// that was changed or taken out later shows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "serve/access.h"
#include "store/store.h"

namespace attune::serve {

struct AuditEntry {
  std::int64_t id = 0;       // given by `note`
  std::int64_t made_ms = 0;  // likewise
  std::optional<std::int64_t> account;   // of a login
  CallerKind actor_kind = CallerKind::nobody;
  std::string actor;                     // name of the person or the key
  std::string role;                      // of a login
  std::string action;                    // a route's name: "start_test"
  std::optional<Uuid> site;
  std::string target;                    // what the path named: "id=12"
  std::string details_json = "{}";       // an object: see details_of
  int status = 0;                        // of the answer
  std::string client_address;
  std::string previous_hash;             // "" of the first row
  std::string hash;                      // SHA-256, 64 hex digits
};

/// The fields of a JSON body that may be kept. The value stands with names that are known to be
/// harmless (name, status, role, reason, ...) and short; others have null: that they were sent is
/// kept, and what was in them is not.
///
/// Returns  an object as text; "{}" for what is no object, or longer than 64 KiB.
std::string details_of(std::string_view body);

struct AuditPage {
  std::vector<AuditEntry> entries;   // newest first
  bool more = false;
};

struct AuditCheck {
  std::int64_t entries = 0;
  std::optional<std::int64_t> first_wrong;   // id of the oldest row that does not fit
};

/// Threads  any.
class AuditLog {
 public:
  static constexpr std::int64_t kKeptDays = 730;
  static constexpr std::int64_t kPageMax = 1000;

  /// Both outlive this object.
  AuditLog(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// Adds a row; once a day also takes out rows older than kKeptDays.
  [[nodiscard]] Result<void> note(AuditEntry entry);

  /// before  only rows with smaller ids; nothing: from the newest.
  /// limit   1..kPageMax.
  [[nodiscard]] Result<AuditPage> page(std::optional<std::int64_t> before, std::int64_t limit);

  /// Computes every hash anew.
  [[nodiscard]] Result<AuditCheck> check();

 private:
  store::Store& store_;
  const Clock& clock_;
  Mutex mutex_;   // one row at a time: each needs the hash before it
  std::unique_ptr<store::Session> session_ ATTUNE_THREAD(guarded_by(mutex_));
  std::int64_t pruned_day_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;
};

}  // namespace attune::serve

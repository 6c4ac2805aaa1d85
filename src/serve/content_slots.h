// The slots of a site with their templates parsed, kept in memory and read anew when a slot or a
// template changed, or half a minute has passed (another process may have changed them).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/uuid.h"
#include "campaign/account_store.h"
#include "campaign/content_rules.h"
#include "learn/bandit.h"
#include "serve/session_pool.h"

namespace attune::serve {

constexpr std::size_t kSlotsMax = 100;           // of a site
constexpr std::size_t kSlotTemplatesMax = 20;    // of a slot

struct SlotTemplate {
  Uuid id{};
  std::string item_id;   // "content:UUID"
  std::string name;
  std::int64_t version = 1;
  campaign::Content content;
};

struct ContentSlot {
  std::string key;
  campaign::AccountId account{};
  std::vector<Uuid> wanted;                // as stored
  std::vector<SlotTemplate> templates;     // of them, those that are there and active
  learn::BanditKind policy = learn::BanditKind::thompson_linear;
  double floor = 0.05;
  double holdout_share = 0.05;
  bool is_enabled = true;
};
using SiteSlots = std::map<std::string, ContentSlot, std::less<>>;

class SlotBook {
 public:
  SlotBook(SessionPool& sessions, const campaign::AccountStore& accounts, const Clock& clock)
      : sessions_(sessions), accounts_(accounts), clock_(clock) {}

  /// Errors   those of the database.
  /// Threads  any worker.
  [[nodiscard]] Result<std::shared_ptr<const SiteSlots>> slots(const Uuid& site);
  /// From the database, not from memory.
  [[nodiscard]] Result<SiteSlots> load(const Uuid& site);
  /// A slot or a template was changed.
  void changed() { ++revision_; }

 private:
  struct Entry {
    std::shared_ptr<const SiteSlots> slots;
    std::uint64_t revision = 0;
    std::int64_t read_us = 0;
  };
  [[nodiscard]] Result<void> load_templates(ContentSlot& slot);

  SessionPool& sessions_;
  const campaign::AccountStore& accounts_;
  const Clock& clock_;
  std::atomic<std::uint64_t> revision_{0};
  std::mutex mutex_;
  std::unordered_map<Uuid, Entry> sites_;   // guarded by mutex_; as many as there are sites
};

}  // namespace attune::serve

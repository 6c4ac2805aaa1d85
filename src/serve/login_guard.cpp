#include "serve/login_guard.h"

#include <algorithm>

namespace attune::serve {
namespace {

constexpr int kAccountFactor = 5;
constexpr std::int64_t kSweepMs = 1000;  // a sweep looks at every entry: not for every attempt

std::string address_key(std::string_view address) {
  return "a" + std::string(address);
}
std::string account_key(std::string_view user) {
  return "u" + std::string(user.substr(0, 100));
}

}  // namespace

Result<void> LoginGuard::begin(std::string_view address, std::string_view user,
                               std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  const bool by_address =
      address.empty() || count(address_key(address), options_.attempts_max, now_ms);
  const bool by_account = count(account_key(user), options_.attempts_max * kAccountFactor, now_ms);
  if (by_address && by_account) return {};
  return fail(ErrorCode::resource_exhausted, "too many attempts to log in; wait some minutes");
}

void LoginGuard::succeeded(std::string_view address, std::string_view user) {
  const MutexLock lock(mutex_);
  entries_.erase(address_key(address));
  entries_.erase(account_key(user));
}

bool LoginGuard::count(const std::string& key, int attempts_max, std::int64_t now_ms) {
  if (entries_.size() >= kEntriesMax) {
    if (now_ms - swept_ms_ >= kSweepMs) {
      swept_ms_ = now_ms;
      std::erase_if(entries_, [&](const auto& entry) {
        return now_ms - entry.second.since_ms >= options_.window_ms;
      });
    }
    // Still full: an attack from very many addresses. Counts of single addresses are worth little
    // then.
    if (entries_.size() >= kEntriesMax) entries_.erase(entries_.begin());
  }
  Entry& entry = entries_[key];
  if (now_ms - entry.since_ms >= options_.window_ms) {
    entry.attempts = 0;
    entry.since_ms = now_ms;
  }
  entry.attempts = std::min(entry.attempts + 1, attempts_max + 1);
  return entry.attempts <= attempts_max;
}

}  // namespace attune::serve

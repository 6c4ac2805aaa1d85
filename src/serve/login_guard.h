// Slows down guessing of passwords: attempts by address and by account in a window, with bounded
// memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"
#include "base/result.h"

namespace attune::serve {

struct LoginGuardOptions {
  std::int64_t window_ms = 300'000;
  int attempts_max = 10;  // from one address; for one account from anywhere five times that,
                          // so that a stranger cannot easily lock the owner out
};

class LoginGuard {
 public:
  static constexpr std::size_t kEntriesMax = 10'000;

  explicit LoginGuard(LoginGuardOptions options) : options_(options) {}

  /// Counts an attempt before the password is looked at, so that parallel ones count too.
  ///
  /// address  empty: not counted (the control socket).
  /// Errors   resource_exhausted: too many in the window.
  [[nodiscard]] Result<void> begin(std::string_view address, std::string_view user,
                                   std::int64_t now_ms);
  /// The password was right: forgets the attempts.
  void succeeded(std::string_view address, std::string_view user);

 private:
  struct Entry {
    int attempts = 0;
    std::int64_t since_ms = 0;
  };
  bool count(const std::string& key, int attempts_max, std::int64_t now_ms)
      ATTUNE_THREAD(requires_capability(mutex_));

  const LoginGuardOptions options_;
  Mutex mutex_;
  std::unordered_map<std::string, Entry> entries_ ATTUNE_THREAD(guarded_by(mutex_));
  std::int64_t swept_ms_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;
};

}  // namespace attune::serve

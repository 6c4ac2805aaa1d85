// Visitors without cookie or consent: a keyed hash of site, address and user agent under a salt
// that lives for a day. Nobody can go back from the id to the address once the salt is destroyed,
// and the salts are in a small file of their own, so no backup of journal or database has them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/uuid.h"

namespace attune::collect {

/// Someone seen within this time before goes on under the id of the day before.
inline constexpr std::int64_t kContinueOverMidnightMs = 30LL * 60 * 1000;

class Visitors {
 public:
  /// Reads the salts of today and yesterday, or makes today's.
  ///
  /// path     the salt file, mode 0600, replaced as a whole; empty: memory only (tests).
  /// Errors   unavailable: it can be neither read nor written.
  [[nodiscard]] static Result<std::unique_ptr<Visitors>> open(const std::string& path,
                                                              std::int64_t now_ms);
  ~Visitors();

  /// 22 characters of base64url: 128 bits of BLAKE2b.
  ///
  /// Visitors active within kContinueOverMidnightMs before midnight keep their id until they pause
  /// for so long. What is remembered for that is bounded (64 K visitors) and not kept over a
  /// restart. Threads  any.
  std::string id(const Uuid& site, std::string_view client_ip, std::string_view user_agent,
                 std::int64_t received_ms);

  /// Makes the salt of a new day, forgets the one before yesterday's, and writes the file when it
  /// differs. `id` makes salts too, in memory, when a day begins before the next tick.
  ///
  /// Errors   unavailable: the file cannot be written; the salts in memory go on, and it is tried
  ///          again at the next tick.
  /// Threads  any.
  [[nodiscard]] Result<void> tick(std::int64_t now_ms);

 private:
  using Salt = std::array<unsigned char, 32>;
  struct Salts {
    std::int64_t day = 0;  // days since 1970, UTC, of `today`
    Salt today{};
    Salt yesterday{};
    bool has_yesterday = false;
    bool written = true;  // the file has this state
  };
  struct Seen {
    std::uint64_t key = 0;  // first half of the id; 0: free
    std::int64_t last_ms = 0;
  };
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kSets = 8192;
  struct Set {
    Mutex mutex;
    std::array<Seen, kWays> seen ATTUNE_THREAD(guarded_by(mutex)){};
  };
  using Hash = std::array<unsigned char, 16>;

  explicit Visitors(std::string path);

  [[nodiscard]] Result<bool> read(std::int64_t today);
  [[nodiscard]] Result<void> write(const Salts& salts) const;
  void advance(std::int64_t day) ATTUNE_THREAD(requires_capability(mutex_));
  bool seen_recently(const Hash& hash, std::int64_t now_ms);
  void remember(const Hash& hash, std::int64_t now_ms);
  Set& set_of(std::uint64_t key) { return sets_[key & (kSets - 1)]; }

  std::string path_;
  Mutex mutex_;
  Salts salts_ ATTUNE_THREAD(guarded_by(mutex_));
  Mutex file_mutex_;
  std::vector<Set> sets_{kSets};
  std::atomic<std::int64_t> last_remembered_ms_{
      0};  // when nobody is remembered, nobody is looked for
};

}  // namespace attune::collect

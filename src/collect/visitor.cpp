// The file has two lines at most, "<day> <64 hex digits>", newest first. Salts are wiped from
// memory when they are dropped. The days are UTC days: a site's own midnight would need a salt for
// each zone.
#include "collect/visitor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/ensure.h"

namespace attune::collect {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::size_t kFileBytesMax = 4096;

std::int64_t day_of(std::int64_t ms) {
  return ms >= 0 ? ms / kDayMs : (ms - kDayMs + 1) / kDayMs;
}

tl::unexpected<Error> system_failure(std::string_view what, const std::string& path) {
  return fail(ErrorCode::unavailable, fmt::format("{} {}: {}", what, path, std::strerror(errno)));
}

/// Closes a descriptor at the end of a scope.
struct Descriptor {
  int number = -1;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

std::string base64url(const unsigned char* bytes, std::size_t count) {
  std::string out(sodium_base64_encoded_len(count, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes, count, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.pop_back();  // the C string's end
  return out;
}

std::uint64_t key_of(const std::array<unsigned char, 16>& hash) {
  std::uint64_t key = 0;
  std::memcpy(&key, hash.data(), sizeof key);
  return key == 0 ? 1 : key;
}

void feed(crypto_generichash_state& state, std::string_view part) {
  // Each part with its length, so that no two different triples give the same input.
  const std::uint64_t length = part.size();
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&length), sizeof length);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                            part.size());
}

std::array<unsigned char, 16> keyed_hash(const std::array<unsigned char, 32>& salt,
                                         const Uuid& site, std::string_view client_ip,
                                         std::string_view user_agent) {
  std::array<unsigned char, 16> hash{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, salt.data(), salt.size(), hash.size());
  crypto_generichash_update(&state, site.bytes.data(), site.bytes.size());
  feed(state, client_ip);
  feed(state, user_agent);
  crypto_generichash_final(&state, hash.data(), hash.size());
  return hash;
}

}  // namespace

Visitors::Visitors(std::string path) : path_(std::move(path)) {
  ensure(sodium_init() >= 0, "libsodium starts");
}

Visitors::~Visitors() {
  const MutexLock lock(mutex_);
  sodium_memzero(&salts_.today, sizeof salts_.today);
  sodium_memzero(&salts_.yesterday, sizeof salts_.yesterday);
}

Result<std::unique_ptr<Visitors>> Visitors::open(const std::string& path, std::int64_t now_ms) {
  std::unique_ptr<Visitors> visitors(new Visitors(path));
  const std::int64_t today = day_of(now_ms);
  bool found = false;
  if (!path.empty()) {
    ATTUNE_ASSIGN(found, visitors->read(today));
  }
  if (!found) {
    const MutexLock lock(visitors->mutex_);
    visitors->salts_.day = today;
    randombytes_buf(visitors->salts_.today.data(), visitors->salts_.today.size());
    visitors->salts_.written = false;
  }
  ATTUNE_TRY(visitors->tick(now_ms));
  return visitors;
}

Result<bool> Visitors::read(std::int64_t today) {
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number < 0) {
    if (errno == ENOENT) return false;
    return system_failure("cannot open", path_);
  }
  std::string text(kFileBytesMax, '\0');
  const ssize_t got = ::read(file.number, text.data(), text.size());
  if (got < 0) return system_failure("cannot read", path_);
  text.resize(static_cast<std::size_t>(got));
  const MutexLock lock(mutex_);
  bool found = false;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto space = line.find(' ');
    std::int64_t day = 0;
    Salt salt{};
    std::size_t salt_bytes = 0;
    if (space == std::string_view::npos ||
        std::from_chars(line.data(), line.data() + space, day).ec != std::errc{} ||
        sodium_hex2bin(salt.data(), salt.size(), line.data() + space + 1, line.size() - space - 1,
                       nullptr, &salt_bytes, nullptr) != 0 ||
        salt_bytes != salt.size()) {
      continue;  // a damaged line is a lost salt: visitors of that day start anew
    }
    if (day > today || day < today - 1) continue;
    if (!found) {
      salts_.day = day;
      salts_.today = salt;
      found = true;
    } else if (day == salts_.day - 1) {
      salts_.yesterday = salt;
      salts_.has_yesterday = true;
    }
    sodium_memzero(salt.data(), salt.size());
  }
  sodium_memzero(text.data(), text.size());
  return found;
}

Result<void> Visitors::write(const Salts& salts) const {
  const auto hex = [](const Salt& salt) {
    std::string out(salt.size() * 2 + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), salt.data(), salt.size());
    out.pop_back();
    return out;
  };
  std::string text = fmt::format("{} {}\n", salts.day, hex(salts.today));
  if (salts.has_yesterday) text += fmt::format("{} {}\n", salts.day - 1, hex(salts.yesterday));
  const std::string fresh = path_ + ".new";
  {
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.number < 0) return system_failure("cannot create", fresh);
    const ssize_t put = ::write(file.number, text.data(), text.size());
    sodium_memzero(text.data(), text.size());
    if (put != static_cast<ssize_t>(text.size()) || ::fsync(file.number) != 0) {
      return system_failure("cannot write", fresh);
    }
  }
  if (::rename(fresh.c_str(), path_.c_str()) != 0) return system_failure("cannot replace", path_);
  return {};
}

void Visitors::advance(std::int64_t day) {
  if (day <= salts_.day) return;  // a clock that was set back keeps the newer salt
  salts_.has_yesterday = day == salts_.day + 1;
  sodium_memzero(&salts_.yesterday, sizeof salts_.yesterday);
  if (salts_.has_yesterday) salts_.yesterday = salts_.today;
  randombytes_buf(salts_.today.data(), salts_.today.size());
  salts_.day = day;
  salts_.written = false;
}

Result<void> Visitors::tick(std::int64_t now_ms) {
  const MutexLock file_lock(file_mutex_);
  Salts copy;
  {
    const MutexLock lock(mutex_);
    advance(day_of(now_ms));
    copy = salts_;
  }
  Result<void> outcome;
  if (!copy.written && !path_.empty()) {
    outcome = write(copy);
    if (outcome) {
      const MutexLock lock(mutex_);
      if (salts_.day == copy.day) salts_.written = true;
    }
  }
  sodium_memzero(&copy.today, sizeof copy.today);
  sodium_memzero(&copy.yesterday, sizeof copy.yesterday);
  return outcome;
}

bool Visitors::seen_recently(const Hash& hash, std::int64_t now_ms) {
  const std::uint64_t key = key_of(hash);
  Set& set = set_of(key);
  const MutexLock lock(set.mutex);
  for (const Seen& seen : set.seen) {
    if (seen.key == key) return now_ms - seen.last_ms <= kContinueOverMidnightMs;
  }
  return false;
}

void Visitors::remember(const Hash& hash, std::int64_t now_ms) {
  const std::uint64_t key = key_of(hash);
  if (last_remembered_ms_.load(std::memory_order_relaxed) < now_ms) {
    last_remembered_ms_.store(now_ms, std::memory_order_relaxed);
  }
  Set& set = set_of(key);
  const MutexLock lock(set.mutex);
  Seen* oldest = &set.seen[0];
  for (Seen& seen : set.seen) {
    if (seen.key == key) {
      seen.last_ms = std::max(seen.last_ms, now_ms);
      return;
    }
    if (seen.key == 0 || (oldest->key != 0 && seen.last_ms < oldest->last_ms)) oldest = &seen;
  }
  *oldest = {key, now_ms};
}

std::string Visitors::id(const Uuid& site, std::string_view client_ip, std::string_view user_agent,
                         std::int64_t received_ms) {
  Salt today;
  Salt yesterday;
  bool has_yesterday = false;
  std::int64_t day = 0;
  {
    const MutexLock lock(mutex_);
    advance(day_of(received_ms));
    today = salts_.today;
    yesterday = salts_.yesterday;
    has_yesterday = salts_.has_yesterday;
    day = salts_.day;
  }
  Hash hash = keyed_hash(today, site, client_ip, user_agent);
  // Only who was here before midnight is looked for, and as long as someone can have gone on since
  // then.
  const std::int64_t last_ms = last_remembered_ms_.load(std::memory_order_relaxed);
  if (has_yesterday && received_ms - last_ms <= kContinueOverMidnightMs) {
    const Hash before = keyed_hash(yesterday, site, client_ip, user_agent);
    if (seen_recently(before, received_ms)) {
      hash = before;
      remember(hash, received_ms);
    }
  }
  if (received_ms >= (day + 1) * kDayMs - kContinueOverMidnightMs) remember(hash, received_ms);
  sodium_memzero(today.data(), today.size());
  sodium_memzero(yesterday.data(), yesterday.size());
  return base64url(hash.data(), hash.size());
}

}  // namespace attune::collect

// User agent text to browser, operating system, device type, and whether it is a bot. Browser and
// system come from the rules of uap-core (regexes.yaml, compiled in); device type and bots from
// rules of ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "event/event.h"

namespace attune::collect {

struct Agent {
  std::string browser;  // "Firefox", or empty
  std::string os;       // "Android", or empty
  event::DeviceType device = event::DeviceType::unknown;
  bool is_bot = false;
};

/// Longest user agent that is looked at; the rest of a longer one says nothing.
inline constexpr std::size_t kUserAgentBytesMax = 1000;

/// Whether a program rather than a person sent this: known names, addresses in it, no browser's
/// shape.
bool is_bot(std::string_view user_agent);

/// By the marks that browsers put there: "Mobile", "iPad", "Windows NT" ...; bots are `bot`.
event::DeviceType device_type(std::string_view user_agent);

/// The rules, parsed and compiled. Immutable.
class UserAgents {
 public:
  /// yaml     uap-core's regexes.yaml.
  /// Errors   internal: not that format, or a pattern that does not compile; says which.
  [[nodiscard]] static Result<UserAgents> parse(std::string_view yaml);

  /// The rules that are compiled in.
  [[nodiscard]] static Result<UserAgents> embedded();

  ~UserAgents();
  UserAgents(UserAgents&&) noexcept;
  UserAgents& operator=(UserAgents&&) noexcept;

  /// 10 to 100 us: cache it. Threads  any.
  Agent classify(std::string_view user_agent) const;

 private:
  struct Rules;
  explicit UserAgents(std::unique_ptr<Rules> rules);

  std::unique_ptr<Rules> rules_;
};

/// Remembers the last answers, a fixed number of them. Threads  any.
class AgentCache {
 public:
  /// entries_max  rounded up to a power of two; about 150 bytes each.
  /// seed         random, so that nobody can prepare texts that collide.
  AgentCache(UserAgents agents, std::size_t entries_max, std::uint64_t seed);
  ~AgentCache();

  /// Fills browser, os, device and is_bot of `event` from its user_agent.
  void fill(event::Event& event);

 private:
  static constexpr std::size_t kWays = 8;
  struct Entry {
    std::uint64_t hash = 0;  // 0: free
    std::uint64_t used = 0;  // tick of the last use
    Agent agent;
  };
  struct Set {
    Mutex mutex;
    std::uint64_t tick ATTUNE_THREAD(guarded_by(mutex)) = 0;
    Entry entries[kWays] ATTUNE_THREAD(guarded_by(mutex));
  };

  UserAgents agents_;
  std::uint64_t seed_;
  std::vector<Set> sets_;
};

}  // namespace attune::collect

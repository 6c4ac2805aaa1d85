// How often the statements of sql/ ran and how long they took, for an operator who looks for slow
// ones: the same on every engine, and without an extension of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace attune::store {

struct StatementTime {
  std::string file;           // "report/overview"
  std::int64_t calls = 0;
  std::int64_t errors = 0;
  std::int64_t total_us = 0;
  std::int64_t max_us = 0;
};

/// Since the start. At most as many entries as there are files. Threads  any.
class StatementTimes {
 public:
  void add(std::string_view file, std::int64_t us, bool good);
  /// Those that took longest in sum.
  std::vector<StatementTime> longest(std::size_t most) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, StatementTime, std::less<>> all_;   // guarded by mutex_
};

}  // namespace attune::store

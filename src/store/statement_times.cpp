#include "store/statement_times.h"

#include <algorithm>

namespace attune::store {

void StatementTimes::add(std::string_view file, std::int64_t us, bool good) {
  const std::lock_guard lock(mutex_);
  auto found = all_.find(file);
  if (found == all_.end()) {
    found = all_.emplace(std::string(file), StatementTime{}).first;
    found->second.file = file;
  }
  StatementTime& times = found->second;
  times.calls += 1;
  times.errors += good ? 0 : 1;
  times.total_us += us;
  times.max_us = std::max(times.max_us, us);
}

std::vector<StatementTime> StatementTimes::longest(std::size_t most) const {
  std::vector<StatementTime> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : all_) out.push_back(entry.second);
  }
  std::ranges::sort(out, std::greater{}, &StatementTime::total_us);
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace attune::store

// A store that notes how long each statement and each table's append take: the profile of the ETL's
// transactions, by name.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/store.h"

namespace attune::bench {

class TimedStore final : public store::Store {
 public:
  struct Spent {
    std::uint64_t calls = 0;
    double wall = 0;
    double cpu = 0;     // of the process, so engine threads are in it
    double wall_max = 0;
  };

  explicit TimedStore(store::Store& inner) : inner_(inner) {}

  Result<std::unique_ptr<store::Session>> session() override;
  store::Engine engine() const override { return inner_.engine(); }
  Result<void> migrate() override { return inner_.migrate(); }
  Result<void> checkpoint() override { return inner_.checkpoint(); }

  void note(const std::string& what, double wall, double cpu);
  /// Prints the statements that took most, as microseconds an event, and forgets them.
  void print(std::uint64_t events);

 private:
  store::Store& inner_;
  std::mutex mutex_;
  std::map<std::string, Spent> spent_;
};

}  // namespace attune::bench

#include "timed_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "measure.h"

namespace attune::bench {
namespace {

class TimedSession final : public store::Session {
  template <class Call>
  auto timed(std::string_view what, Call call) {
    const double wall = wall_seconds();
    const double cpu = cpu_seconds();
    auto result = call();
    store_.note(std::string(what), wall_seconds() - wall, cpu_seconds() - cpu);
    return result;
  }

 public:
  TimedSession(TimedStore& store, std::unique_ptr<store::Session> inner)
      : store_(store), inner_(std::move(inner)) {}

  store::Engine engine() const override { return inner_->engine(); }
  Result<store::Rows> query(std::string_view file, std::span<const store::Value> parameters,
                            const store::QueryOptions& options) override {
    return timed(file, [&] { return inner_->query(file, parameters, options); });
  }
  Result<std::int64_t> scan(std::string_view file, std::span<const store::Value> parameters,
                            const store::RowVisitor& visit,
                            const store::QueryOptions& options) override {
    return timed(file, [&] { return inner_->scan(file, parameters, visit, options); });
  }
  Result<std::int64_t> execute(std::string_view file,
                               std::span<const store::Value> parameters) override {
    return timed(file, [&] { return inner_->execute(file, parameters); });
  }
  Result<store::Rows> query_text(std::string_view sql,
                                 const store::QueryOptions& options) override {
    return inner_->query_text(sql, options);
  }
  Result<void> append(std::string_view table, const store::ColumnBatch& batch) override {
    return timed("append " + std::string(table), [&] { return inner_->append(table, batch); });
  }
  Result<void> begin() override { return inner_->begin(); }
  Result<void> commit() override {
    return timed("commit", [&] { return inner_->commit(); });
  }
  Result<void> rollback() override { return inner_->rollback(); }

 private:
  TimedStore& store_;
  std::unique_ptr<store::Session> inner_;
};

}  // namespace

Result<std::unique_ptr<store::Session>> TimedStore::session() {
  ATTUNE_ASSIGN(auto inner, inner_.session());
  return std::make_unique<TimedSession>(*this, std::move(inner));
}

void TimedStore::note(const std::string& what, double wall, double cpu) {
  const std::scoped_lock lock(mutex_);
  Spent& spent = spent_[what];
  ++spent.calls;
  spent.wall += wall;
  spent.cpu += cpu;
  spent.wall_max = std::max(spent.wall_max, wall);
}

void TimedStore::print(std::uint64_t events) {
  const std::scoped_lock lock(mutex_);
  std::vector<std::pair<std::string, Spent>> rows(spent_.begin(), spent_.end());
  std::ranges::sort(rows, [](const auto& a, const auto& b) { return a.second.cpu > b.second.cpu; });
  const double per_event = 1e6 / static_cast<double>(events);
  fmt::print("  {:<36} {:>7} {:>12} {:>12} {:>10}\n", "statement", "calls", "CPU us/event",
             "wall us/event", "max s");
  for (std::size_t at = 0; at < std::min<std::size_t>(rows.size(), 16); ++at) {
    const auto& [what, spent] = rows[at];
    fmt::print("  {:<36} {:>7} {:>12.2f} {:>12.2f} {:>10.3f}\n", what, spent.calls,
               spent.cpu * per_event, spent.wall * per_event, spent.wall_max);
  }
  spent_.clear();
}

}  // namespace attune::bench

// Puts load on a server over keep-alive connections and prints the rate and the latencies.
//   attune_load --port 8080 --kind event --site UUID            closed loop: a new request on each
//   answer attune_load --port 8080 --kind recommend --rate 2000 ...    open loop: requests at fixed
//   times,
//       latency counted from when each was due, so that a stalled server cannot hide its stalls
#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "load_bodies.h"
#include "load_connection.h"

namespace attune::bench {
namespace {

/// Latencies in microseconds, exact to 3 %: 32 steps for each doubling.
class Histogram {
 public:
  void add(std::int64_t us) {
    ++counts_[index_of(us)];
    ++total_;
    largest_ = std::max(largest_, us);
  }
  std::int64_t at(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted && seen > 0) return value_of(i);
    }
    return largest_;
  }
  std::uint64_t total() const { return total_; }
  std::int64_t largest() const { return largest_; }

 private:
  static constexpr int kSteps = 32;
  static std::size_t index_of(std::int64_t us) {
    const double log = std::log2(static_cast<double>(std::max<std::int64_t>(us, 1)));
    return std::min<std::size_t>(static_cast<std::size_t>(log * kSteps), 32 * kSteps - 1);
  }
  static std::int64_t value_of(std::size_t index) {
    return static_cast<std::int64_t>(std::exp2((static_cast<double>(index) + 1) / kSteps));
  }
  std::array<std::uint64_t, 32 * kSteps> counts_{};
  std::uint64_t total_ = 0;
  std::int64_t largest_ = 0;
};

class Load {
 public:
  explicit Load(const LoadOptions& options)
      : options_(options), requests_(make_requests(options)), epoll_(::epoll_create1(0)) {}
  ~Load() { ::close(epoll_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  bool run();
  void print() const;

 private:
  bool connect();
  bool send(LoadConnection& connection, std::int64_t due_us);
  bool send_due(std::int64_t now_us);
  bool answered(LoadConnection& connection, std::int64_t now_us);

  const LoadOptions& options_;
  RealClock clock_;
  std::vector<std::string> requests_;
  int epoll_;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::deque<LoadConnection*> idle_;   // the longest idle first, or the server would close it
  std::size_t next_request_ = 0;
  double next_due_us_ = 0;
  std::int64_t measure_from_us_ = 0;
  std::int64_t measure_until_us_ = 0;
  Histogram latency_;
  std::uint64_t refused_ = 0;  // answered, but not 2xx
};

bool Load::connect() {
  for (std::size_t i = 0; i < options_.connections; ++i) {
    auto connection = std::make_unique<LoadConnection>(options_);
    if (!connection->connect()) return false;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection.get();
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->descriptor(), &event) != 0) return false;
    idle_.push_back(connection.get());
    connections_.push_back(std::move(connection));
  }
  return true;
}

bool Load::send(LoadConnection& connection, std::int64_t due_us) {
  const std::string& request = requests_[next_request_++ % requests_.size()];
  return connection.send(request, due_us);
}

bool Load::send_due(std::int64_t now_us) {
  while (!idle_.empty()) {
    std::int64_t due_us = now_us;
    if (options_.rate > 0) {
      if (next_due_us_ > static_cast<double>(now_us)) return true;
      due_us = static_cast<std::int64_t>(next_due_us_);
      next_due_us_ += 1e6 / options_.rate;
    }
    LoadConnection* connection = idle_.front();
    idle_.pop_front();
    if (!send(*connection, due_us)) return false;
  }
  return true;
}

bool Load::answered(LoadConnection& connection, std::int64_t now_us) {
  if (now_us >= measure_from_us_ && now_us < measure_until_us_) {
    latency_.add(now_us - connection.since_us());
    if (connection.status() < 200 || connection.status() > 299) ++refused_;
  }
  idle_.push_back(&connection);
  return true;
}

bool Load::run() {
  if (requests_.empty() || !connect()) return false;
  const std::int64_t begin_us = clock_.steady_us();
  next_due_us_ = static_cast<double>(begin_us);
  measure_from_us_ = begin_us + static_cast<std::int64_t>(options_.warmup_s * 1e6);
  measure_until_us_ = measure_from_us_ + static_cast<std::int64_t>(options_.seconds * 1e6);
  std::array<epoll_event, 256> events;
  for (std::int64_t now_us = begin_us; now_us < measure_until_us_; now_us = clock_.steady_us()) {
    if (!send_due(now_us)) return false;
    // In the open loop the next request may be due before the next answer, and not at a whole
    // millisecond.
    double wait_us = 100'000;
    if (options_.rate > 0 && !idle_.empty()) {
      wait_us = std::max(next_due_us_ - static_cast<double>(clock_.steady_us()), 0.0);
    }
    timespec wait{};
    wait.tv_nsec = static_cast<long>(wait_us * 1000);
    const int ready =
        ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    const std::int64_t came_us = clock_.steady_us();
    for (int i = 0; i < ready; ++i) {
      auto& connection =
          *static_cast<LoadConnection*>(events[static_cast<std::size_t>(i)].data.ptr);
      switch (connection.go_on()) {
        case LoadConnection::Progress::waiting:
          break;
        case LoadConnection::Progress::broken:
          return false;
        case LoadConnection::Progress::answered:
          if (!answered(connection, came_us)) return false;
      }
    }
  }
  return true;
}

void Load::print() const {
  const double rate = static_cast<double>(latency_.total()) / options_.seconds;
  const double events =
      options_.kind == "batch" ? rate * static_cast<double>(options_.batch) : rate;
  fmt::print(
      "{{\"kind\":\"{}\",\"requests_per_s\":{:.0f},\"events_per_s\":{:.0f},\"p50_ms\":{:.3f},"
      "\"p90_ms\":{:.3f},\"p99_ms\":{:.3f},\"max_ms\":{:.3f},\"not_2xx\":{}}}\n",
      options_.kind, rate, events, static_cast<double>(latency_.at(0.5)) / 1000,
      static_cast<double>(latency_.at(0.9)) / 1000, static_cast<double>(latency_.at(0.99)) / 1000,
      static_cast<double>(latency_.largest()) / 1000, refused_);
}

}  // namespace
}  // namespace attune::bench

int main(int count, char** arguments) {
  const auto options = attune::bench::read_options(count, arguments);
  if (!options) {
    fmt::print(stderr, "{}\n", options.error().message());
    return 2;
  }
  attune::bench::Load load(*options);
  if (!load.run()) {
    fmt::print(stderr, "the server at {}:{} closed a connection or is not there\n", options->host,
               options->port);
    return 1;
  }
  load.print();
  return 0;
}

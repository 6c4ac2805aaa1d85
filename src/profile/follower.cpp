#include "profile/follower.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "base/thread.h"
#include "profile/calibrate.h"
#include "profile/refresh.h"

namespace attune::profile {
namespace {

constexpr std::int64_t kPauseMsMax = 60'000;
constexpr std::int64_t kUnfitted = 12;

}  // namespace

struct Follower::Loop {
  Loop(store::Store& store_in, const event::SiteDirectory& sites_in, const Clock& clock_in,
       FollowerSettings settings_in)
      : store(store_in), sites(sites_in), clock(clock_in), settings(settings_in) {}

  std::unique_lock<std::mutex> take_turn() const {
    return settings.turn == nullptr ? std::unique_lock<std::mutex>()
                                    : std::unique_lock(*settings.turn);
  }
  Result<void> sweep(store::Session& session, const Uuid& site);
  Result<std::int64_t> step(store::Session& session);
  void run();
  bool sleep(std::int64_t ms);

  store::Store& store;
  const event::SiteDirectory& sites;
  const Clock& clock;
  const FollowerSettings settings;
  std::map<Uuid, std::int64_t> sweep_at_ms;   // the follower thread's own

  std::atomic<bool> stopping{false};
  std::thread thread;
  mutable Mutex mutex;
  Condition changed;
  FollowerStatus status ATTUNE_THREAD(guarded_by(mutex));
};

Result<void> Follower::Loop::sweep(store::Session& session, const Uuid& site) {
  const std::int64_t now_ms = clock.now_ms();
  const auto next_ms = [&](const Calibration& known) {
    return known.computed_ms + (known.fit ? settings.sweep_ms : settings.sweep_ms / kUnfitted);
  };
  const auto [due_ms, is_new] = sweep_at_ms.try_emplace(site, 0);
  if (is_new) {
    ATTUNE_ASSIGN(const auto known, load_calibration(session, site));
    if (known) due_ms->second = next_ms(*known);
  }
  if (now_ms < due_ms->second) return {};
  const auto turn = take_turn();
  ATTUNE_ASSIGN(const Calibration made, begin_sweep(session, site, now_ms));
  due_ms->second = next_ms(made);
  const MutexLock lock(mutex);
  ++status.sweeps;
  return {};
}

Result<std::int64_t> Follower::Loop::step(store::Session& session) {
  const auto all = sites.sites();  // keeps the list alive while it is read
  for (const auto& [site, known] : all->by_id) {
    if (stopping.load()) return std::int64_t{0};
    ATTUNE_TRY(sweep(session, site));
  }
  std::int64_t people = 0;
  ATTUNE_ASSIGN(const store::Rows dirty, session.query("profile/dirty.sites", {}));
  for (const auto& row : dirty.rows) {
    const auto site = Uuid::parse(std::get<std::string>(row[0]));
    if (!site) continue;   // rows of no site have no profiles
    if (stopping.load()) break;
    const auto turn = take_turn();
    ATTUNE_ASSIGN(const std::int64_t some,
                  refresh_dirty(session, *site, clock.now_ms(), settings.people_max));
    people += some;
    const MutexLock lock(mutex);
    status.people += static_cast<std::uint64_t>(some);
  }
  return people;
}

bool Follower::Loop::sleep(std::int64_t ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  const MutexLock lock(mutex);
  while (!stopping.load()) {
    if (!changed.wait_until(mutex, deadline)) break;
  }
  return stopping.load();
}

void Follower::Loop::run() {
  name_thread("profiles");
  lower_thread_priority(2 * kBehindIntake - 1);   // behind the ETL
  std::unique_ptr<store::Session> session;
  while (!stopping.load()) {
    const std::int64_t began_us = clock.steady_us();
    Result<std::int64_t> done = std::int64_t{0};
    if (!session) {
      auto opened = store.session();
      if (opened) session = std::move(*opened);
      else done = pass(opened);
    }
    if (session) done = step(*session);
    if (!done) session.reset();
    const std::int64_t took_us = clock.steady_us() - began_us;
    {
      const MutexLock lock(mutex);
      if (done) status.error.clear();
      else status.error = done.error().message();
      if (!done) ++status.errors;
      if (done && *done > 0) {
        ++status.passes;
        status.pass_us_last = took_us;
      }
    }
    const double rest_ms = static_cast<double>(took_us) / 1000 * (1 / settings.share_max - 1);
    const auto pause_ms = static_cast<std::int64_t>(rest_ms);
    if (sleep(std::clamp(pause_ms, settings.pause_ms, std::max(settings.pause_ms, kPauseMsMax)))) {
      break;
    }
  }
  session.reset();
  const MutexLock lock(mutex);
  status.running = false;
}

Follower::Follower(store::Store& store, const event::SiteDirectory& sites, const Clock& clock,
                   FollowerSettings settings)
    : loop_(std::make_unique<Loop>(store, sites, clock, settings)) {}

Follower::~Follower() { stop(); }

void Follower::start() {
  if (loop_->thread.joinable()) return;
  loop_->stopping = false;
  loop_->sweep_at_ms.clear();  // the tables may have been made anew
  {
    const MutexLock lock(loop_->mutex);
    loop_->status.running = true;
  }
  loop_->thread = std::thread([this] { loop_->run(); });
}

void Follower::stop() {
  {
    const MutexLock lock(loop_->mutex);
    loop_->stopping = true;
    loop_->changed.notify_all();
  }
  if (loop_->thread.joinable()) loop_->thread.join();
}

FollowerStatus Follower::status() const {
  const MutexLock lock(loop_->mutex);
  return loop_->status;
}

Result<std::int64_t> Follower::step(store::Session& session) { return loop_->step(session); }

}  // namespace attune::profile

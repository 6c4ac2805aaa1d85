#include "etl/consumer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <limits>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "base/thread.h"
#include "etl/batch.h"
#include "etl/daily_metrics.h"
#include "etl/state.h"
#include "etl/transformer.h"
#include "etl/writer.h"
#include "event/codec.h"

namespace attune::etl {
namespace {

constexpr std::int64_t kFirstRetryMs = 50;
constexpr std::int64_t kIdleWaitMs = 200;   // also how soon stop() is noticed

/// Whether trying again may help. The engine's own errors (internal) are tried again too, for they
/// may be of a moment, but they stay visible in the status until one attempt succeeds.
bool may_pass(const Error& error) {
  switch (error.code()) {
    case ErrorCode::unavailable:
    case ErrorCode::deadline_exceeded:
    case ErrorCode::resource_exhausted:
    case ErrorCode::internal:
      return true;
    default:
      return false;
  }
}

std::uint64_t random_seed() {
  const Uuid random = Uuid::random();
  std::uint64_t seed = 0;
  std::memcpy(&seed, random.bytes.data(), sizeof seed);
  return seed;
}

std::int64_t ms_of(std::int64_t us) { return us / 1000; }

}  // namespace

/// Everything that depends on the tables: thrown away after an error, and read again.
struct Worker {
  Worker() = default;
  ~Worker() {
    if (session) release_tables(*session);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  std::unique_ptr<store::Session> session;
  std::unique_ptr<Transformer> transformer;
  std::unique_ptr<StoreFacts> facts;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<journal::Reader> reader;
  Batch batch;
  journal::Position position;            // committed
};

struct Consumer::Loop {
  Loop(journal::Journal& journal_in, store::Store& store_in, const event::SiteDirectory& sites_in,
       const Clock& clock_in, Settings settings_in)
      : journal(journal_in),
        store(store_in),
        sites(sites_in),
        clock(clock_in),
        settings(std::move(settings_in)) {}

  Result<void> open();
  /// Adds records to the batch until it is full, time is up, or there are none before `until`.
  /// Returns  whether the reader has caught up.
  Result<bool> fill(std::int64_t until_us, journal::Position until);
  Result<void> commit();
  Result<void> step();
  void give_way(std::int64_t worked_us);
  void wait_or_tick(std::int64_t wait_ms);
  void run();
  void run_daily();
  bool sleep(std::int64_t ms);
  void note(const Error* error);
  void publish();
  bool full() const {
    return worker->batch.count() >= settings.batch_records_max ||
           worker->batch.bytes() >= settings.batch_bytes_max;
  }

  journal::Journal& journal;
  store::Store& store;
  const event::SiteDirectory& sites;
  const Clock& clock;
  const Settings settings;

  // The ETL thread's own.
  std::unique_ptr<Worker> worker;
  std::int64_t batch_began_us = 0;
  std::int64_t committed_us = 0;
  std::int64_t ticked_ms = 0;
  std::int64_t pruned_us = std::numeric_limits<std::int64_t>::min() / 2;
  bool caught_up = false;

  std::atomic<bool> stopping{false};
  std::thread thread;
  std::thread daily_thread;

  mutable Mutex mutex;
  Condition changed;                       // a commit, or stopping
  ConsumerStatus status ATTUNE_THREAD(guarded_by(mutex));
  std::int64_t behind_since_ms ATTUNE_THREAD(guarded_by(mutex)) = 0;   // 0: nothing waits
};

Result<void> Consumer::Loop::open() {
  auto fresh = std::make_unique<Worker>();
  ATTUNE_ASSIGN(fresh->session, store.session());
  ATTUNE_TRY(claim_tables(*fresh->session));
  ATTUNE_ASSIGN(const auto position, load_position(*fresh->session));
  if (!position) ATTUNE_TRY(begin_cursor(*fresh->session));
  fresh->transformer = std::make_unique<Transformer>(settings, sites, random_seed());
  fresh->facts = std::make_unique<StoreFacts>(*fresh->session);
  fresh->writer = std::make_unique<Writer>(*fresh->session, settings);
  ATTUNE_ASSIGN(fresh->position, load_state(*fresh->session, *fresh->transformer));
  ATTUNE_TRY(fresh->transformer->warm(*fresh->facts));
  ATTUNE_ASSIGN(fresh->reader, journal.read(fresh->position));
  worker = std::move(fresh);
  publish();
  return {};
}

Result<bool> Consumer::Loop::fill(std::int64_t until_us, journal::Position until) {
  Worker& own = *worker;
  while (!full()) {
    if (own.reader->position() >= until) return true;
    ATTUNE_ASSIGN(const auto record, own.reader->next());
    if (!record) return true;
    if (own.batch.empty()) batch_began_us = clock.steady_us();
    own.batch.add(*record);
    if ((own.batch.count() & 255) == 0 && clock.steady_us() >= until_us) return false;
  }
  return false;
}

Result<void> Consumer::Loop::commit() {
  Worker& own = *worker;
  const std::int64_t began_us = clock.steady_us();
  ATTUNE_ASSIGN(const Effects* effects, own.transformer->apply(own.batch, *own.facts));
  ATTUNE_TRY(own.writer->write(*effects, *own.transformer, own.position, own.batch.next()));
  own.position = own.batch.next();
  own.transformer->committed();
  own.batch.clear();
  committed_us = clock.steady_us();
  {
    const MutexLock lock(mutex);
    ++status.commits;
    status.commit_us_last = committed_us - began_us;
  }
  publish();
  if (settings.committed) settings.committed(own.position);
  const std::int64_t watermark_ms = own.transformer->sessions().least_live_watermark_ms();
  if (watermark_ms != kNever && committed_us - pruned_us >= settings.prune_ms * 1000) {
    pruned_us = committed_us;
    ATTUNE_TRY(prune_outcomes(*own.session, settings, watermark_ms));
  }
  return {};
}

void Consumer::Loop::publish() {
  const MutexLock lock(mutex);
  status.position = worker->position;
  status.counts = worker->transformer->counts();
  status.sessions_in_memory = worker->transformer->sessions().retained();
  status.event_ids_in_memory = worker->transformer->deduplicator().count();
  if (caught_up && worker->batch.empty()) {
    behind_since_ms = 0;
  } else if (!caught_up) {
    behind_since_ms = worker->transformer->deduplicator().arrival_ms();
  }
  changed.notify_all();
}

Result<void> Consumer::Loop::step() {
  const std::int64_t now_us = clock.steady_us();
  if (worker->batch.empty()) batch_began_us = now_us;
  const std::int64_t commit_us = settings.commit_ms * 1000;
  const std::int64_t due_us = std::max(batch_began_us, committed_us + commit_us);
  constexpr journal::Position kNoEnd{std::numeric_limits<std::uint64_t>::max()};
  ATTUNE_ASSIGN(caught_up, fill(std::max(due_us, now_us + commit_us), kNoEnd));
  if (worker->batch.empty()) {
    publish();
    wait_or_tick(kIdleWaitMs);
    return {};
  }
  const std::int64_t left_us = due_us - clock.steady_us();
  if (caught_up && left_us > 0) {
    {
      const MutexLock lock(mutex);
      if (behind_since_ms == 0) behind_since_ms = clock.now_ms();
    }
    journal.wait(worker->reader->position(), ms_of(left_us) + 1);
    // A trickle would be read record by record: let some gather.
    if (clock.steady_us() < due_us) sleep(std::min<std::int64_t>(ms_of(left_us), 20));
    return {};
  }
  ATTUNE_TRY(commit());
  give_way(clock.steady_us() - now_us);
  return {};
}

void Consumer::Loop::give_way(std::int64_t worked_us) {
  if (!settings.intake_is_busy || !settings.intake_is_busy()) return;
  const double rest_ms = static_cast<double>(worked_us) / 1000 * settings.rest_share;
  sleep(std::min(static_cast<std::int64_t>(rest_ms), settings.rest_ms_max));
}

void Consumer::Loop::wait_or_tick(std::int64_t wait_ms) {
  const auto close_ms = worker->transformer->sessions().next_close_ms();
  const std::int64_t now_ms = clock.now_ms();
  if (close_ms && *close_ms <= now_ms && now_ms - ticked_ms >= settings.tick_ms) {
    ticked_ms = now_ms;
    journal::RecordBatch record;
    event::encode(event::Tick{now_ms}, record.bytes);
    record.ends.push_back(static_cast<std::uint32_t>(record.bytes.size()));
    journal.append(std::move(record), [](const Result<journal::Position>&) {
      // A tick that is refused (disk full) is made up for by the next one.
    });
  }
  journal.wait(worker->reader->position(), wait_ms);
}

bool Consumer::Loop::sleep(std::int64_t ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  const MutexLock lock(mutex);
  while (!stopping.load()) {
    if (!changed.wait_until(mutex, deadline)) break;
  }
  return stopping.load();
}

void Consumer::Loop::note(const Error* error) {
  const MutexLock lock(mutex);
  if (error == nullptr) {
    status.error.clear();
    return;
  }
  status.error = error->message();
  ++status.retries;
}

void Consumer::Loop::run() {
  name_thread("etl");
  lower_thread_priority(kBehindIntake);
  std::int64_t retry_ms = kFirstRetryMs;
  while (!stopping.load()) {
    Result<void> done = worker ? Result<void>() : open();
    if (done) done = step();
    if (done) {
      if (retry_ms != kFirstRetryMs) note(nullptr);
      retry_ms = kFirstRetryMs;
      continue;
    }
    note(&done.error());
    worker.reset();
    if (!may_pass(done.error())) break;
    if (sleep(retry_ms)) break;
    retry_ms = std::min(retry_ms * 2, settings.retry_ms_max);
  }
  if (worker && !worker->batch.empty()) {
    if (const auto last = commit(); !last) note(&last.error());
  }
  worker.reset();
  const MutexLock lock(mutex);
  status.running = false;
  changed.notify_all();
}

void Consumer::Loop::run_daily() {
  name_thread("etl daily");
  lower_thread_priority(2 * kBehindIntake - 1);   // behind the ETL
  std::unique_ptr<store::Session> session;
  std::uint64_t seen_commits = 0;
  bool first = true;
  while (!stopping.load()) {
    {
      const MutexLock lock(mutex);
      while (!stopping.load() && !first && status.commits == seen_commits) changed.wait(mutex);
      if (stopping.load()) return;
      seen_commits = status.commits;
    }
    const std::int64_t began_us = clock.steady_us();
    if (!session) {
      auto opened = store.session();
      if (opened) session = std::move(*opened);
    }
    // An error here (engine busy, disk full) leaves the days on the list; the next round tries
    // again.
    const bool done = session && refresh_daily_metrics(*session, sites).has_value();
    if (!done) session.reset();
    first = !done;
    const double cost_ms = static_cast<double>(clock.steady_us() - began_us) / 1000;
    const auto pause_ms = static_cast<std::int64_t>(cost_ms / settings.daily_share_max);
    if (sleep(std::max(settings.daily_ms_min, pause_ms))) return;
  }
}

Consumer::Consumer(journal::Journal& journal, store::Store& store,
                   const event::SiteDirectory& sites, const Clock& clock, Settings settings)
    : loop_(std::make_unique<Loop>(journal, store, sites, clock, std::move(settings))) {}

Consumer::~Consumer() { stop(); }

Result<void> Consumer::start() {
  if (loop_->thread.joinable()) {
    return fail(ErrorCode::failed_precondition, "the ETL is running already");
  }
  ATTUNE_TRY(loop_->open());
  loop_->stopping = false;
  {
    const MutexLock lock(loop_->mutex);
    loop_->status.running = true;
  }
  loop_->thread = std::thread([this] { loop_->run(); });
  loop_->daily_thread = std::thread([this] { loop_->run_daily(); });
  return {};
}

void Consumer::stop() {
  {
    const MutexLock lock(loop_->mutex);
    loop_->stopping = true;
    loop_->changed.notify_all();
  }
  const bool ran = loop_->thread.joinable();
  if (ran) loop_->thread.join();
  if (loop_->daily_thread.joinable()) loop_->daily_thread.join();
  if (!ran) return;
  // So that whoever opens the database next finds no day behind. What fails here stays on the list.
  if (const auto session = loop_->store.session()) {
    static_cast<void>(refresh_daily_metrics(**session, loop_->sites));
  }
}

ConsumerStatus Consumer::status() const {
  const std::uint64_t end = loop_->journal.durable_end().offset;
  const MutexLock lock(loop_->mutex);
  ConsumerStatus status = loop_->status;
  if (end > status.position.offset) {
    status.lag_bytes = end - status.position.offset;
    const std::int64_t since = loop_->behind_since_ms;
    status.lag_ms = since == 0 ? 0 : std::max<std::int64_t>(0, loop_->clock.now_ms() - since);
  }
  return status;
}

bool Consumer::wait_for(journal::Position position, std::int64_t wait_ms) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  const MutexLock lock(loop_->mutex);
  while (loop_->status.position < position && loop_->status.running) {
    if (!loop_->changed.wait_until(loop_->mutex, deadline)) break;
  }
  return loop_->status.position >= position;
}

Result<void> Consumer::run_until(journal::Position until) {
  Loop& loop = *loop_;
  ATTUNE_TRY(loop.open());
  constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  while (true) {
    ATTUNE_ASSIGN(loop.caught_up, loop.fill(kNoLimit, until));
    if (!loop.worker->batch.empty()) ATTUNE_TRY(loop.commit());
    if (loop.caught_up) break;
  }
  ATTUNE_TRY(refresh_daily_metrics(*loop.worker->session, loop.sites));
  loop.worker.reset();
  return {};
}

}  // namespace attune::etl

// What an App is made of, in the order in which it is built; destroyed in reverse. Private to src/app*.cpp.
#pragma once

#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "collect/admission.h"
#include "collect/enrich.h"
#include "collect/native.h"
#include "collect/umami.h"
#include "config.h"
#include "decide/decider.h"
#include "decide/bandit_feed.h"
#include "decide/live_feed.h"
#include "decide/live_state.h"
#include "decide/snapshot_keeper.h"
#include "etl/archive.h"
#include "etl/consumer.h"
#include "etl/erasure.h"
#include "etl/retention.h"
#include "etl/settings.h"
#include "event/decision_sink.h"
#include "event/exposure_sink.h"
#include "experiment/runner.h"
#include "journal/file_journal.h"
#include "profile/follower.h"
#include "serve/api.h"
#include "serve/control_plane.h"
#include "serve/operations.h"
#include "serve/server.h"
#include "store/swappable_store.h"

namespace attune {

/// Decisions into the journal without waiting for their sync.
class JournalDecisionSink final : public event::DecisionSink {
 public:
  explicit JournalDecisionSink(journal::Journal& journal) : journal_(journal) {}
  Result<void> record(const event::Decision& decision) override;

 private:
  journal::Journal& journal_;
};

/// Exposures, the same way.
class JournalExposureSink final : public event::ExposureSink {
 public:
  explicit JournalExposureSink(journal::Journal& journal) : journal_(journal) {}
  Result<void> record(const event::Exposure& exposure) override;

 private:
  journal::Journal& journal_;
};

/// The ETL that runs now, and the profiles that follow it; replaced as a whole around a replay or a
/// check, which need it at rest.
class EtlSlot {
 public:
  using Make = std::function<std::unique_ptr<etl::Consumer>()>;
  /// follower  null: profiles are computed by command alone.
  EtlSlot(Make make, std::unique_ptr<profile::Follower> follower)
      : make_(std::move(make)), follower_(std::move(follower)) {}

  [[nodiscard]] Result<void> start();
  void stop();
  /// The status of the running one, or of the last one that ran.
  etl::ConsumerStatus status() const;
  profile::FollowerStatus profiles() const;
  /// Waits until everything before `position` is in the tables, or `wait_ms` have passed.
  bool wait_for(journal::Position position, std::int64_t wait_ms) const;

 private:
  Make make_;
  const std::unique_ptr<profile::Follower> follower_;
  mutable std::mutex mutex_;
  std::shared_ptr<etl::Consumer> consumer_;   // guarded by mutex_
  etl::ConsumerStatus last_;                  // guarded by mutex_
};

/// The ETL rests while this lives, and goes on when it ends, whatever happened.
class EtlAtRest {
 public:
  explicit EtlAtRest(EtlSlot& etl);
  ~EtlAtRest();
  EtlAtRest(const EtlAtRest&) = delete;
  EtlAtRest& operator=(const EtlAtRest&) = delete;

 private:
  EtlSlot& etl_;
};

struct App::Parts {
  explicit Parts(AppOptions o) : options(std::move(o)), paths(options.data_dir) {}

  AppOptions options;
  DataPaths paths;
  RealClock clock;
  std::int64_t started_ms = 0;

  std::unique_ptr<journal::FileJournal> journal;
  std::unique_ptr<store::SwappableStore> store;
  std::unique_ptr<serve::ControlPlane> control;
  std::mutex profile_turn;   // held while profiles are computed
  std::mutex test_turn;      // held while tests are worked on
  std::unique_ptr<EtlSlot> etl;
  std::string extension;   // of PostgreSQL that the database was made for; empty: none
  std::atomic<std::shared_ptr<const etl::ErasedPeople>> erased;   // never null once open

  std::unique_ptr<collect::Enricher> enricher;
  std::unique_ptr<collect::NativeCollector> native;
  std::unique_ptr<collect::UmamiCollector> umami;
  std::unique_ptr<collect::Admission> admission;

  std::unique_ptr<decide::LiveState> live;
  std::unique_ptr<JournalDecisionSink> sink;
  std::unique_ptr<JournalExposureSink> exposures;
  std::unique_ptr<decide::BanditBook> bandits;
  std::unique_ptr<decide::BanditFeed> bandit_feed;
  std::unique_ptr<decide::Decider> decider;
  std::unique_ptr<decide::LiveFeed> feed;
  std::unique_ptr<decide::SnapshotKeeper> keeper;

  std::unique_ptr<serve::Api> api;
  std::unique_ptr<serve::Server> server;

  std::mutex rebuild_mutex;   // one replay, check, backup, erasure or archive run at a time
  std::unique_ptr<experiment::Runner> tests;
  std::jthread scheduler;
  std::jthread demo;
  bool stopped = false;

  etl::Settings etl_settings() const;
};

/// The functions behind the API whose engines are wired here (app_operations.cpp).
serve::Operations make_operations(App::Parts& parts);

/// Trains one site's model and puts it in service when it passes the gate.
[[nodiscard]] Result<std::string> train_now(App::Parts& parts, const event::Site& site,
                                            const serve::TrainOptions& options,
                                            serve::JobProgress& progress);

/// Makes every derived table anew from the journal (app_rebuild.cpp).
/// Returns  what was read, as JSON.
[[nodiscard]] Result<std::string> replay_now(App::Parts& parts, serve::JobProgress& progress);

/// The same for who holds `rebuild_mutex`.
[[nodiscard]] Result<std::string> replay_alone(App::Parts& parts, serve::JobProgress& progress);

/// Writes the embedded database anew into a file without deleted rows and puts it in service. For who
/// holds `rebuild_mutex`, with the ETL at rest: what is edited meanwhile would be lost.
[[nodiscard]] Result<void> compact_alone(App::Parts& parts, serve::JobProgress& progress);

/// Limits of age of rows, where a site says nothing.
etl::DefaultLimits default_limits(const Config& config);
/// All sites, and "" for rows of none.
std::vector<std::string> sites_with_rows(const App::Parts& parts);

/// What has to be done now and then (app_maintain.cpp).
/// Returns  what was done, as JSON.
[[nodiscard]] Result<std::string> maintain_now(App::Parts& parts, serve::MaintainPeriod period,
                                               serve::JobProgress& progress);

/// The archive of the data folder. For who holds `rebuild_mutex`; `progress` outlives it.
std::unique_ptr<etl::Archive> open_archive(App::Parts& parts, serve::JobProgress& progress);
/// Moves rows past their cold age into it (app_archive.cpp).
/// Returns  the files made, as JSON.
[[nodiscard]] Result<std::string> archive_now(App::Parts& parts, serve::JobProgress& progress);
/// The same for who holds `rebuild_mutex`.
[[nodiscard]] Result<boost::json::array> archive_alone(App::Parts& parts, store::Session& session,
                                                       serve::JobProgress& progress);
/// What the archive holds, for the status.
boost::json::object archive_status(App::Parts& parts);
/// Answers ad-hoc text from the archive; on an embedded database, from all rows.
[[nodiscard]] Result<store::Rows> query_archive(App::Parts& parts, std::string_view sql,
                                                const store::QueryOptions& options);

/// The longest period that has not been done since it began, or went wrong; nothing: none.
[[nodiscard]] Result<std::optional<serve::MaintainPeriod>> maintenance_due(App::Parts& parts,
                                                                           std::int64_t now_ms);
/// The last run of each period, for the status.
boost::json::object maintenance_status(App::Parts& parts);
/// What an operator asks of the database when something is slow or late: JSON.
[[nodiscard]] Result<std::string> database_status(App::Parts& parts);

/// Takes a person or a site out of journal, tables and memory (app_erase.cpp).
/// Returns  what was removed, as JSON.
[[nodiscard]] Result<std::string> erase_now(App::Parts& parts, const event::Site& site,
                                            const serve::EraseRequest& request,
                                            serve::JobProgress& progress);

/// Holds every derived table against a replay, row by row; the replay is always in an embedded database.
/// Returns  what is equal and what is not, as JSON.
[[nodiscard]] Result<std::string> check_now(App::Parts& parts, serve::JobProgress& progress);

/// A copy of everything but salts and secret in the folder `to`, new or empty (app_backup.cpp).
/// Returns  what was copied, as JSON.
[[nodiscard]] Result<std::string> backup_now(App::Parts& parts, const std::string& to,
                                             serve::JobProgress& progress);

/// A step of the ETL by command (app_etl.cpp).
/// Returns  what it did, as JSON.
[[nodiscard]] Result<std::string> etl_now(App::Parts& parts, const serve::EtlRequest& request,
                                          serve::JobProgress& progress);

/// Makes the edges of a site's graph anew, or of every site's (app_graph.cpp).
/// Returns  how many there are, by type, as JSON.
[[nodiscard]] Result<std::string> refresh_graph_now(App::Parts& parts,
                                                    const std::optional<Uuid>& site,
                                                    serve::JobProgress& progress);

/// Makes the book of bandits and loads what was learned (app_bandits.cpp).
void open_bandits(App::Parts& parts);
/// A site's bandits with their arms, as JSON.
std::string bandits_json(const App::Parts& parts, const Uuid& site);
[[nodiscard]] Result<void> change_bandit(App::Parts& parts, const Uuid& site,
                                         std::string_view placement, serve::BanditAction action);

/// Keeps a row of rl_model_metadata for each bandit that learned something, once a minute.
class BanditRecords {
 public:
  explicit BanditRecords(App::Parts& parts) : parts_(parts) {}
  void run(std::int64_t now_ms);

 private:
  [[nodiscard]] Result<void> write(const decide::BanditStatus& status, std::string_view algorithm,
                                   std::int64_t now_ms);
  App::Parts& parts_;
  std::int64_t last_ms_ = 0;
  std::map<std::pair<Uuid, std::string>, std::pair<std::uint64_t, bool>> written_;
};

/// Makes the runner of tests, which does not run yet (app_tests.cpp).
void open_tests(App::Parts& parts);
/// How it does, for the status.
boost::json::object tests_status(const App::Parts& parts);

/// The same by the clock, when the journal has grown since the last time.
class GraphRefreshes {
 public:
  explicit GraphRefreshes(App::Parts& parts) : parts_(parts), last_ms_(parts.clock.now_ms()) {}
  void run(std::int64_t now_ms);

 private:
  App::Parts& parts_;
  std::int64_t last_ms_;
  journal::Position last_end_;
};

/// Salts, retention and due trainings, until stopped (app_scheduler.cpp).
void run_scheduler(App::Parts& parts, const std::stop_token& stop);

/// Opens an embedded database: that of a data folder, or a second one beside it for a replay.
[[nodiscard]] Result<std::unique_ptr<store::Store>> open_embedded(const std::string& file,
                                                                  const Config& config);

/// Opens the database that the settings name (app_database.cpp). Which engine a folder uses is
/// decided at its first start and kept in it.
/// Errors   failed_precondition: the folder was begun with the other engine; those of the engine.
[[nodiscard]] Result<std::unique_ptr<store::Store>> open_database(const DataPaths& paths,
                                                                  const Config& config);

/// Site, catalogue and visitors of the demo (app_demo.cpp).
[[nodiscard]] Result<std::string> set_up_demo(App::Parts& parts);

/// The site id that the demo pages carry: fixed by name, so that pages and site agree before both exist.
inline constexpr std::string_view kDemoDomain = "demo-shop.example";

}  // namespace attune

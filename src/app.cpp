#include "app.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "app_parts.h"
#include "base/thread.h"
#include "event/codec.h"
#include "learn/site_data.h"
#include "learn/registry.h"
#include "learn/train.h"
#include "serve/placement_store.h"
#include "serve/publisher.h"
#include "spdlog/spdlog.h"
#include "store/postgres/extension.h"

namespace attune {
namespace {

/// "a, b" as {"a", "b"}.
std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view name = text.substr(0, comma);
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    if (!name.empty()) names.emplace_back(name);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

constexpr std::int64_t kStopGraceMs = 5000;
constexpr std::int64_t kPublishEveryMs = 1000;
constexpr std::string_view kEtlCursor = "etl";
constexpr std::int64_t kCursorEveryUs = 10'000'000;
// More appends than this for one sync: the clients are faster than the disk and the processors.
constexpr std::uint64_t kBusyAppendsPerGroup = 24;
constexpr std::string_view kLiveCursor = "live";

Result<void> make_private_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  constexpr std::string_view kAdvice = "name a data folder that this user can write to (--data)";
  if (error) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot make {}: {}; {}", folder, error.message(), kAdvice));
  }
  if (::chmod(folder.c_str(), 0700) != 0) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot close {} to others: {}; {}", folder, std::strerror(errno),
                            kAdvice));
  }
  return {};
}

/// 32 random bytes that outlive restarts: they sign Umami's cache tokens.
Result<std::string> load_secret(const std::string& path) {
  constexpr std::size_t kSecretBytes = 32;
  auto known = read_file(real_file_system(), path, kSecretBytes);
  if (known && known->size() == kSecretBytes) return known;
  std::string secret;
  while (secret.size() < kSecretBytes) {
    const Uuid random = Uuid::random();
    secret.append(reinterpret_cast<const char*>(random.bytes.data()), random.bytes.size());
  }
  ATTUNE_TRY(replace_file(real_file_system(), path, secret));
  if (::chmod(path.c_str(), 0600) != 0) {
    return fail(ErrorCode::unavailable, "cannot close " + path + " to others");
  }
  return secret;
}

spdlog::level::level_enum level_of(const std::string& name) {
  return name.empty() ? spdlog::level::info : spdlog::level::from_str(name);
}

}  // namespace

DataPaths::DataPaths(const std::string& data)
    : folder(data),
      journal(data + "/journal"),
      database(data + "/attune.duckdb"),
      engine(data + "/engine"),
      salts(data + "/salts/salts"),
      secret(data + "/secret"),
      control_socket(data + "/control.sock") {}

namespace {

/// Nobody waits: what did not reach the disk has no outcome either.
template <class Record>
Result<void> append_record(journal::Journal& journal, const Record& record) {
  ATTUNE_TRY(journal.writable());
  std::string body;
  event::encode(record, body);
  journal::RecordBatch batch;
  batch.add(body);
  journal.append(std::move(batch), [](const Result<journal::Position>&) {});
  return {};
}

}  // namespace

Result<void> JournalDecisionSink::record(const event::Decision& decision) {
  return append_record(journal_, decision);
}

Result<void> JournalExposureSink::record(const event::Exposure& exposure) {
  return append_record(journal_, exposure);
}

Result<void> EtlSlot::start() {
  auto made = make_();
  ATTUNE_TRY(made->start());
  const std::lock_guard lock(mutex_);
  consumer_ = std::move(made);
  if (follower_) follower_->start();
  return {};
}

void EtlSlot::stop() {
  if (follower_) follower_->stop();
  std::shared_ptr<etl::Consumer> ended;
  {
    const std::lock_guard lock(mutex_);
    ended = std::move(consumer_);
  }
  if (!ended) return;
  ended->stop();
  const std::lock_guard lock(mutex_);
  last_ = ended->status();
}

etl::ConsumerStatus EtlSlot::status() const {
  const std::lock_guard lock(mutex_);
  return consumer_ ? consumer_->status() : last_;
}

profile::FollowerStatus EtlSlot::profiles() const {
  return follower_ ? follower_->status() : profile::FollowerStatus{};
}

bool EtlSlot::wait_for(journal::Position position, std::int64_t wait_ms) const {
  std::shared_ptr<etl::Consumer> consumer;
  {
    const std::lock_guard lock(mutex_);
    consumer = consumer_;
  }
  return consumer && consumer->wait_for(position, wait_ms);
}

etl::Settings App::Parts::etl_settings() const {
  const Config& config = options.config;
  etl::Settings settings;
  settings.late_ms = config.etl.late_h * etl::kHourMs;
  settings.commit_ms = config.etl.commit_ms;
  settings.event_ids_max = static_cast<std::size_t>(config.etl.dedup_ids_max);
  settings.sessions_max = static_cast<std::size_t>(config.etl.sessions_max);
  settings.note_people = config.profiles.follow;
  settings.click_window_ms = config.recommend.click_window_min * etl::kMinuteMs;
  settings.conversion_window_ms = config.recommend.conversion_window_h * etl::kHourMs;
  etl::keep_away(settings, erased.load());   // who adds to the list starts the ETL anew
  return settings;
}

namespace {

Result<void> open_stores(App::Parts& parts) {
  const Config& config = parts.options.config;
  ATTUNE_TRY(make_private_folder(parts.paths.folder));
  ATTUNE_TRY(make_private_folder(parts.paths.folder + "/salts"));
  journal::FileJournalOptions journal_options;
  journal_options.folder = parts.paths.journal;
  journal_options.segment_bytes = static_cast<std::uint64_t>(config.journal.segment_bytes);
  journal_options.linger_us_max = config.journal.wait_us_max;
  journal_options.pending_bytes_max = static_cast<std::uint64_t>(config.journal.pending_bytes_max);
  auto journal = journal::FileJournal::open(real_file_system(), parts.clock, journal_options);
  if (!journal) return pass(journal, "opening the journal");
  parts.journal = std::move(*journal);

  auto store = store::SwappableStore::make(
      [&parts] { return open_database(parts.paths, parts.options.config); });
  if (!store) return pass(store, "opening the database");
  parts.store = std::move(*store);
  auto migrated = parts.store->migrate();
  if (!migrated) return pass(migrated, "migrating the database");
  ATTUNE_ASSIGN(const auto session, parts.store->session());
  ATTUNE_ASSIGN(parts.extension, store::check_extension(*session));
  ATTUNE_ASSIGN(auto erased, etl::ErasedPeople::load(*session));
  parts.erased.store(std::move(erased));
  serve::ControlPlaneOptions control;
  control.redact_names = names_in(parts.options.config.collect.redact_names);
  ATTUNE_ASSIGN(parts.control,
                serve::ControlPlane::open(*parts.store, parts.clock, std::move(control)));
  return {};
}

std::unique_ptr<profile::Follower> make_follower(App::Parts& parts) {
  const Config& config = parts.options.config;
  if (!config.profiles.follow) return nullptr;
  profile::FollowerSettings settings;
  settings.pause_ms = config.profiles.pause_ms;
  settings.share_max = config.profiles.share_max;
  settings.people_max = config.profiles.people_max;
  settings.sweep_ms = config.profiles.sweep_min * etl::kMinuteMs;
  settings.turn = &parts.profile_turn;
  return std::make_unique<profile::Follower>(*parts.store, *parts.control, parts.clock, settings);
}

Result<void> open_etl(App::Parts& parts) {
  etl::Settings settings = parts.etl_settings();
  settings.committed = [&parts, saved_us = std::int64_t{0}](journal::Position position) mutable {
    // Retention may delete what lies before this; an old one only keeps a segment longer. Each save
    // costs two syncs on the journal's disk, so not at every commit.
    const std::int64_t now_us = parts.clock.steady_us();
    if (saved_us != 0 && now_us - saved_us < kCursorEveryUs) return;
    saved_us = now_us;
    static_cast<void>(parts.journal->cursors().save(kEtlCursor, position));
  };
  settings.intake_is_busy = [&parts, before = journal::JournalStats{}]() mutable {
    const journal::JournalStats now = parts.journal->stats();
    const std::uint64_t appends = now.appends - before.appends;
    const std::uint64_t groups = now.groups - before.groups;
    before = now;
    return appends > groups * kBusyAppendsPerGroup;
  };
  parts.etl = std::make_unique<EtlSlot>([&parts, base = settings] {
    etl::Settings kept = base;
    etl::keep_away(kept, parts.erased.load());
    return std::make_unique<etl::Consumer>(*parts.journal, *parts.store, *parts.control, parts.clock,
                                           kept);
  }, make_follower(parts));
  auto started = parts.etl->start();
  if (!started) return pass(started, "starting the ETL");
  return {};
}

Result<void> open_collectors(App::Parts& parts) {
  const Config& config = parts.options.config;
  collect::EnrichSettings enrich;
  enrich.salt_path = parts.paths.salts;
  ATTUNE_ASSIGN(parts.enricher, collect::Enricher::open(enrich, parts.clock.now_ms()));
  collect::IntakeLimits limits;
  limits.body_bytes_max = static_cast<std::size_t>(config.collect.body_bytes_max);
  limits.batch_events_max = static_cast<std::size_t>(config.collect.batch_events_max);
  limits.late_max_ms = config.etl.late_h * etl::kHourMs;
  parts.native = std::make_unique<collect::NativeCollector>(*parts.enricher, limits);
  ATTUNE_ASSIGN(std::string secret, load_secret(parts.paths.secret));
  parts.umami = std::make_unique<collect::UmamiCollector>(*parts.enricher, limits, std::move(secret));
  collect::AdmissionSettings admission;
  admission.body_bytes_max = limits.body_bytes_max;
  admission.address_events_per_second = static_cast<double>(config.collect.rate_per_address);
  admission.site_events_per_second = static_cast<double>(config.collect.rate_per_site);
  admission.backlog_bytes_max = static_cast<std::size_t>(config.journal.pending_bytes_max);
  parts.admission = std::make_unique<collect::Admission>(admission, [&parts] {
    return collect::Backlog{static_cast<std::size_t>(parts.journal->stats().pending_bytes), 0};
  });
  return {};
}

void open_decider(App::Parts& parts) {
  parts.live = std::make_unique<decide::LiveState>();
  parts.sink = std::make_unique<JournalDecisionSink>(*parts.journal);
  parts.exposures = std::make_unique<JournalExposureSink>(*parts.journal);
  decide::DeciderOptions options;
  options.exploration = parts.options.config.recommend.exploration;
  options.bandits = parts.bandits.get();
  parts.decider =
      std::make_unique<decide::Decider>(*parts.live, parts.sink.get(), parts.clock, options);
  decide::LiveFeedOptions feed;
  feed.is_erased =
      [&parts](const event::EventView& event) { return parts.erased.load()->contains(event); };
  feed.keep = [&parts](journal::Position position) {
    // Where the next start begins to warm up; an older one only costs it time.
    static_cast<void>(parts.journal->cursors().save(kLiveCursor, position));
  };
  parts.feed = std::make_unique<decide::LiveFeed>(*parts.journal, *parts.live, *parts.decider,
                                                  parts.clock, std::move(feed));
  decide::SnapshotSource source;
  source.sites = [&parts]() -> Result<std::vector<Uuid>> {
    std::vector<Uuid> ids;
    const auto known = parts.control->sites();
    for (const auto& [id, site] : known->by_id) ids.push_back(id);
    return ids;
  };
  source.data = [&parts](const Uuid& site) -> Result<learn::SiteData> {
    ATTUNE_ASSIGN(const auto session, parts.store->session());
    learn::SiteDataOptions wanted;
    wanted.half_life_days = parts.decider->options().half_life_days;
    const auto rules = parts.decider->rules(site);
    const auto has_bandit = [](const auto& placement) {
      return placement.second.bandit.has_value();
    };
    if (rules && std::ranges::any_of(rules->placements, has_bandit)) {
      wanted.facts_rows_max = 1'000'000;
    }
    return learn::load_site_data(*session, site, parts.clock.now_ms(), wanted);
  };
  source.models = [&parts](const Uuid& site) -> Result<std::vector<learn::ActiveModel>> {
    ATTUNE_ASSIGN(const auto session, parts.store->session());
    return learn::active_models(*session, site);
  };
  source.earlier_models = [&parts](const Uuid& site, const learn::ActiveModel& model)
      -> Result<std::vector<learn::ActiveModel>> {
    ATTUNE_ASSIGN(const auto session, parts.store->session());
    return learn::earlier_models(*session, site, model);
  };
  source.shadows = [&parts](const Uuid& site, const std::vector<learn::ShadowCounts>& counted)
      -> Result<std::vector<learn::ActiveModel>> {
    const Config::Recommend& recommend = parts.options.config.recommend;
    const learn::ShadowRule rule{
        .requests = static_cast<std::uint64_t>(recommend.shadow_requests),
        .ms = recommend.shadow_h * 3'600'000};
    ATTUNE_TRY(learn::tend_shadows(*parts.store, parts.clock, site, counted, rule));
    ATTUNE_ASSIGN(const auto session, parts.store->session());
    return learn::shadow_models(*session, site);
  };
  source.rules = [&parts](const Uuid& id) -> Result<std::shared_ptr<const decide::SiteRules>> {
    const auto sites = parts.control->sites();
    const auto site = sites->by_id.find(id);
    if (site == sites->by_id.end()) return nullptr;
    ATTUNE_ASSIGN(const auto session, parts.store->session());
    return serve::load_site_rules(*session, site->second);
  };
  parts.keeper = std::make_unique<decide::SnapshotKeeper>(
      *parts.decider, std::move(source), [](const Uuid& site, const Error& error) {
        spdlog::warn("recommendations of site {}: {}", site.text(), error.message());
      });
}

serve::ApiOptions api_options(const App::Parts& parts) {
  const Config& config = parts.options.config;
  serve::ApiOptions options;
  options.public_url = config.server.public_url;
  options.listen_url = "http://" + config.server.listen;
  options.trust_proxy = config.server.trust_proxy;
  options.worker_threads = static_cast<std::size_t>(config.server.worker_threads);
  options.event_body_bytes_max = static_cast<std::size_t>(config.collect.body_bytes_max);
  options.retention = default_limits(config);
  options.generator = {config.generate.url,         config.generate.key_file,
                       config.generate.model,       config.generate.input_price,
                       config.generate.output_price, config.generate.timeout_s};
  options.demo = parts.options.demo;
  if (const auto demo = parts.control->find_site(kDemoDomain)) {
    options.demo_site = demo->site.id.text();
  }
  return options;
}

void open_api(App::Parts& parts) {
  serve::ApiParts wired;
  wired.clock = &parts.clock;
  wired.store = parts.store.get();
  wired.journal = parts.journal.get();
  wired.control = parts.control.get();
  wired.enricher = parts.enricher.get();
  wired.native = parts.native.get();
  wired.umami = parts.umami.get();
  wired.admission = parts.admission.get();
  wired.decider = parts.decider.get();
  wired.bandits = parts.bandits.get();
  wired.decisions = parts.sink.get();
  wired.exposures = parts.exposures.get();
  wired.test_turn = &parts.test_turn;
  wired.profile_turn = &parts.profile_turn;
  wired.operations = make_operations(parts);
  parts.api = std::make_unique<serve::Api>(std::move(wired), api_options(parts));
}

}  // namespace

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() { stop(); }

Result<std::unique_ptr<App>> App::open(AppOptions options) {
  spdlog::set_level(level_of(options.config.log.level));
  auto parts = std::make_unique<Parts>(std::move(options));
  parts->started_ms = parts->clock.now_ms();
  std::unique_ptr<App> app(new App(std::move(parts)));
  Parts& made = *app->parts_;
  ATTUNE_TRY(open_stores(made));
  ATTUNE_TRY(open_etl(made));
  ATTUNE_TRY(open_collectors(made));
  open_bandits(made);
  open_decider(made);
  open_tests(made);
  if (made.options.demo && !made.control->find_site(kDemoDomain)) {
    serve::SiteChange site;
    site.domain = std::string(kDemoDomain);
    site.name = "Demo shop";
    ATTUNE_ASSIGN(const auto created, made.control->create_site(site));
    spdlog::debug("made the demo site {}", created.site.id.text());
  }
  open_api(made);
  return app;
}

serve::Api& App::api() { return *parts_->api; }

std::string App::journal_report() const { return parts_->journal->open_report().text(); }

Result<std::optional<std::string>> App::ensure_admin() {
  const char* given = std::getenv("ATTUNE_ADMIN_PASSWORD");
  auto password = parts_->control->ensure_admin(given == nullptr ? "" : given);
  if (password && given != nullptr && *given != '\0') *password = std::nullopt;  // they know it
  return password;
}

Result<std::string> App::listen() {
  Parts& parts = *parts_;
  const Config& config = parts.options.config;
  ATTUNE_ASSIGN(const auto warm_from, parts.journal->cursors().load(kLiveCursor));
  ATTUNE_TRY(parts.feed->start(
      std::max(parts.journal->first(), warm_from.value_or(journal::Position{}))));
  ATTUNE_TRY(parts.bandit_feed->start());
  ATTUNE_TRY(parts.keeper->start());
  ATTUNE_TRY(parts.api->publisher().refresh());
  parts.api->publisher().start(kPublishEveryMs, [](const Error& error) {
    spdlog::warn("publishing flags: {}", error.message());
  });
  serve::ServerOptions options;
  options.listen = config.server.listen;
  options.socket_path = parts.paths.control_socket;
  options.io_threads = static_cast<std::size_t>(config.server.io_threads);
  options.connections_max = static_cast<std::size_t>(config.server.connections_max);
  options.header_timeout_ms = config.server.header_timeout_s * 1000;
  options.body_timeout_ms = config.server.body_timeout_s * 1000;
  options.idle_timeout_ms = config.server.idle_timeout_s * 1000;
  ATTUNE_ASSIGN(parts.server, serve::Server::start(options, parts.api->router(), parts.clock));
  serve::Server* server = parts.server.get();
  parts.api->add_metrics([server](std::vector<serve::MetricFamily>& out) {
    serve::add_server_metrics(out, server->stats());
  });
  parts.tests->start();
  parts.scheduler =
      std::jthread([&parts](const std::stop_token& stop) {
        name_thread("scheduler");
        run_scheduler(parts, stop);
      });
  return parts.server->url();
}

Result<std::string> App::start_demo() { return set_up_demo(*parts_); }

void App::stop() {
  Parts& parts = *parts_;
  if (parts.stopped) return;
  parts.stopped = true;
  parts.demo = {};        // a jthread asks its thread to stop and joins
  parts.scheduler = {};
  if (parts.tests) parts.tests->stop();
  if (parts.server) parts.server->stop(kStopGraceMs);
  if (parts.api) parts.api->stop();
  if (parts.keeper) parts.keeper->stop();
  if (parts.feed) parts.feed->stop();
  if (parts.bandit_feed) parts.bandit_feed->stop();
  if (parts.etl) parts.etl->stop();
  parts.api.reset();
  parts.server.reset();
}

}  // namespace attune

#include "api_fixture.h"

#include <cstdlib>

#include "serve/secrets.h"

namespace attune::serve {
namespace {

/// Parsed once for the program.
collect::Enricher* shared_enricher() {
  static const std::unique_ptr<collect::Enricher> enricher = [] {
    std::string folder = testing::TempDir() + "attune_serve_salts_XXXXXX";
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    collect::EnrichSettings settings;
    settings.salt_path = folder + "/salts";
    auto opened = collect::Enricher::open(settings, RealClock().now_ms());
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }();
  return enricher.get();
}

}  // namespace

void ApiFixture::open_parts() {
  folder_ = testing::TempDir() + "attune_serve_XXXXXX";
  ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  auto store = store::open_duckdb({});
  ASSERT_TRUE(store) << store.error().message();
  store_ = std::move(*store);
  const auto migrated = store_->migrate();
  ASSERT_TRUE(migrated) << migrated.error().message();
  files_ = std::make_unique<MemoryFileSystem>();
  journal::FileJournalOptions journal_options;
  journal_options.folder = "journal";
  journal_options.free_bytes_min = 0;
  auto journal = journal::FileJournal::open(*files_, clock_, journal_options);
  ASSERT_TRUE(journal) << journal.error().message();
  journal_ = std::move(*journal);
  ControlPlaneOptions cheap;
  cheap.password_passes = 1;
  cheap.password_bytes = 8192;
  auto control = ControlPlane::open(*store_, clock_, cheap);
  ASSERT_TRUE(control) << control.error().message();
  control_ = std::move(*control);
  ASSERT_TRUE(control_->ensure_admin(kPassword));
  SiteChange shop;
  shop.domain = "shop.example";
  const auto site = control_->create_site(shop);
  ASSERT_TRUE(site);
  site_ = site->site;
  const auto key = control_->create_key(std::nullopt, "test", Scope::admin);
  ASSERT_TRUE(key);
  server_key_ = key->secret;
  enricher_ = shared_enricher();
  native_ = std::make_unique<collect::NativeCollector>(*enricher_, collect::IntakeLimits{});
  umami_ = std::make_unique<collect::UmamiCollector>(*enricher_, collect::IntakeLimits{},
                                                     "a secret of the test, long enough");
  collect::AdmissionSettings admission;
  admission.address_events_per_second = 0;
  admission_ = std::make_unique<collect::Admission>(admission, [] { return collect::Backlog{}; });
  decider_ = std::make_unique<decide::Decider>(live_, nullptr, clock_);
}

void ApiFixture::add_account(std::string_view name, std::string_view role) {
  const auto session = store_->session();
  ASSERT_TRUE(session);
  const auto hash = hash_password(kPassword, {1, 8192});
  ASSERT_TRUE(hash);
  const store::Value parameters[] = {std::string(name), *hash, std::string(role),
                                     store::Timestamp::from_ms(clock_.now_ms()), store::Null{}};
  ASSERT_TRUE((*session)->query("serve/account_insert", parameters));
  ControlPlaneOptions cheap;
  cheap.password_passes = 1;
  cheap.password_bytes = 8192;
  auto control = ControlPlane::open(*store_, clock_, cheap);
  ASSERT_TRUE(control) << control.error().message();
  control_ = std::move(*control);
}

void ApiFixture::start(Operations operations) {
  ApiParts parts;
  parts.clock = &clock_;
  parts.store = store_.get();
  parts.journal = journal_part();
  parts.control = control_.get();
  parts.enricher = enricher_;
  parts.native = native_.get();
  parts.umami = umami_.get();
  parts.admission = admission_.get();
  parts.decider = decider_.get();
  parts.bandits = &bandits_;
  parts.decisions = decisions_;
  parts.operations = std::move(operations);
  api_ = std::make_unique<Api>(std::move(parts), options());
  ServerOptions server;
  server.listen = "127.0.0.1:0";
  server.socket_path = folder_ + "/control.sock";
  change(server);
  auto started = Server::start(server, api_->router(), clock_);
  ASSERT_TRUE(started) << started.error().message();
  server_ = std::move(*started);
}

}  // namespace attune::serve

#include "serve/control_plane.h"

#include <gtest/gtest.h>

#include <thread>

#include "store/duckdb/duckdb_store.h"

namespace attune::serve {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

class ControlPlaneTest : public testing::Test {
 protected:
  void SetUp() override {
    auto store = store::open_duckdb({});
    ASSERT_TRUE(store) << store.error().message();
    store_ = std::move(*store);
    const auto migrated = store_->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message();
    options_.password_passes = 1;  // the cheapest argon2id there is
    options_.password_bytes = 8192;
    open();
  }
  /// Also what a restart does.
  void open() {
    control_.reset();
    auto control = ControlPlane::open(*store_, clock_, options_);
    ASSERT_TRUE(control) << control.error().message();
    control_ = std::move(*control);
  }
  SiteInfo make_site(const std::string& domain) {
    SiteChange change;
    change.domain = domain;
    auto site = control_->create_site(change);
    EXPECT_TRUE(site) << site.error().message();
    return *site;
  }
  Result<NewLogin> log_in(const std::string& user, const std::string& password) {
    return control_->log_in({user, password, "203.0.113.7"});
  }

  ManualClock clock_{1'795'000'000'000};
  ControlPlaneOptions options_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ControlPlane> control_;
};

TEST_F(ControlPlaneTest, KeepsSitesOverARestart) {
  SiteChange change;
  change.domain = "https://www.shop.example/";
  change.timezone = "Europe/Berlin";
  change.currency = "CHF";
  change.allowed_origins = {"https://shop.example", "*.shop.example"};
  change.store_ip = false;
  const auto made = control_->create_site(change);
  ASSERT_TRUE(made) << made.error().message();
  open();
  const auto found = control_->find_site("shop.example");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->site.id, made->site.id);
  EXPECT_EQ(found->site.name, "shop.example");
  EXPECT_EQ(found->site.timezone, "Europe/Berlin");
  EXPECT_EQ(found->site.currency, "CHF");
  EXPECT_EQ(found->site.allowed_origins, *change.allowed_origins);
  EXPECT_FALSE(found->site.store_ip);
  EXPECT_EQ(found->created_ms, clock_.now_ms());
  EXPECT_EQ(control_->sites()->by_public_key.at(found->site.public_key), made->site.id);
  EXPECT_EQ(control_->find_site(made->site.id.text())->site.domain, "shop.example");
}

TEST_F(ControlPlaneTest, EverySiteRedactsWhatTheSettingsName) {
  options_.redact_names = {"mother_maiden"};
  make_site("before.example");
  open();
  make_site("after.example");
  const auto sites = control_->sites();
  ASSERT_EQ(sites->by_id.size(), 2U);
  for (const auto& [id, site] : sites->by_id) {
    EXPECT_EQ(site.redact_names, options_.redact_names) << site.domain;
  }
}

TEST_F(ControlPlaneTest, ChangesOnlyWhatIsGiven) {
  const SiteInfo site = make_site("shop.example");
  SiteChange change;
  change.name = "The shop";
  ASSERT_TRUE(control_->update_site(site.site.id, change));
  open();
  const auto found = control_->find_site("shop.example");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->site.name, "The shop");
  EXPECT_EQ(found->site.timezone, "UTC");
  const auto none = control_->update_site(Uuid::random(), change);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::not_found);
}

TEST_F(ControlPlaneTest, RefusesADomainTwice) {
  make_site("shop.example");
  const SiteInfo other = make_site("other.example");
  SiteChange change;
  change.domain = "WWW.shop.example";
  for (const auto& refused :
       {control_->create_site(change), control_->update_site(other.site.id, change)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::already_exists);
    EXPECT_EQ(refused.error().field(), "domain");
  }
  const auto without = control_->create_site({});
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code(), ErrorCode::invalid_argument);
}

TEST_F(ControlPlaneTest, DeletedSitesAreGoneWithTheirKeys) {
  const SiteInfo site = make_site("shop.example");
  const auto key = control_->create_key(site.site.id, "backend", Scope::write);
  ASSERT_TRUE(key);
  const auto before = control_->sites();
  ASSERT_TRUE(control_->delete_site(site.site.id));
  EXPECT_EQ(before->by_id.count(site.site.id), 1U);  // a request under way keeps its picture
  EXPECT_FALSE(control_->find_site("shop.example"));
  EXPECT_FALSE(control_->caller_of_key(key->secret));
  EXPECT_FALSE(control_->delete_site(site.site.id));
  open();
  EXPECT_TRUE(control_->list_sites().empty());
  EXPECT_FALSE(control_->caller_of_key(key->secret));
  make_site("shop.example");  // the domain is free again
}

TEST_F(ControlPlaneTest, ADeletedKeysNumberIsNotGivenAgain) {
  const SiteInfo site = make_site("shop.example");
  const auto first = control_->create_key(site.site.id, "one", Scope::write);
  ASSERT_TRUE(first);
  // A reader that still sees the row makes DuckDB refuse its number to a new one.
  auto reader = store_->session();
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->begin());
  ASSERT_TRUE((*reader)->query("serve/keys", {}));
  ASSERT_TRUE(control_->delete_key(site.site.id, first->info.id));
  const auto second = control_->create_key(site.site.id, "two", Scope::write);
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_GT(second->info.id, first->info.id);
  ASSERT_TRUE((*reader)->rollback());
}

TEST_F(ControlPlaneTest, KeysWorkUntilDeletedAndAreStoredHashed) {
  const SiteInfo site = make_site("shop.example");
  const auto key = control_->create_key(site.site.id, "backend", Scope::write);
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->secret.starts_with("sk_"));
  open();
  const auto caller = control_->caller_of_key(key->secret);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->scope, Scope::write);
  EXPECT_EQ(caller->site, site.site.id);
  EXPECT_FALSE(control_->caller_of_key(key->secret + "x"));
  EXPECT_FALSE(control_->caller_of_key(""));
  auto session = store_->session();
  ASSERT_TRUE(session);
  const auto rows = (*session)->query("serve/keys", {});
  ASSERT_TRUE(rows);
  for (const store::Value& value : rows->rows.at(0)) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) continue;
    EXPECT_EQ(text->find(key->secret), std::string::npos);
  }
  const auto listed = control_->list_keys(site.site.id);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_TRUE(key->secret.starts_with(listed[0].hint));
  EXPECT_FALSE(control_->delete_key(std::nullopt, listed[0].id));  // not a server's key
  ASSERT_TRUE(control_->delete_key(site.site.id, listed[0].id));
  EXPECT_FALSE(control_->caller_of_key(key->secret));
}

TEST_F(ControlPlaneTest, OnlyAdminKeysAreForTheWholeServer) {
  const auto refused = control_->create_key(std::nullopt, "all", Scope::read);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field(), "scope");
  const auto key = control_->create_key(std::nullopt, "all", Scope::admin);
  ASSERT_TRUE(key);
  EXPECT_TRUE(control_->caller_of_key(key->secret)->may_administer_server());
  const auto stranger = control_->create_key(Uuid::random(), "x", Scope::read);
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code(), ErrorCode::not_found);
}

TEST_F(ControlPlaneTest, MakesTheAdminOnce) {
  const auto refused = control_->ensure_admin("short");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::invalid_argument);
  const auto first = control_->ensure_admin("");
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->has_value());
  EXPECT_GE((*first)->size(), 16U);
  EXPECT_FALSE(control_->ensure_admin("another password")->has_value());
  open();
  EXPECT_FALSE(control_->ensure_admin("another password")->has_value());
  EXPECT_TRUE(log_in("admin", **first));
  EXPECT_FALSE(log_in("admin", "another password"));
}

TEST_F(ControlPlaneTest, LoginsLastAndEnd) {
  ASSERT_TRUE(control_->ensure_admin("correct horse"));
  const auto login = log_in("admin", "correct horse");
  ASSERT_TRUE(login);
  open();  // a restart logs nobody out
  const auto caller = control_->caller_of_login(login->token, false, "");
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->name, "admin");
  EXPECT_FALSE(control_->caller_of_login(login->csrf_token, false, ""));
  const auto forged = control_->caller_of_login(login->token, true, "");
  ASSERT_FALSE(forged);
  EXPECT_EQ(forged.error().code(), ErrorCode::permission_denied);
  EXPECT_TRUE(control_->caller_of_login(login->token, true, login->csrf_token));
  clock_.advance_ms(options_.login_ttl_ms);
  EXPECT_FALSE(control_->caller_of_login(login->token, false, ""));
  const auto again = log_in("admin", "correct horse");
  ASSERT_TRUE(again);
  ASSERT_TRUE(control_->log_out(again->token));
  EXPECT_FALSE(control_->caller_of_login(again->token, false, ""));
}

TEST_F(ControlPlaneTest, DoesNotTellWrongUserFromWrongPassword) {
  ASSERT_TRUE(control_->ensure_admin("correct horse"));
  const auto wrong_password = log_in("admin", "wrong horse");
  const auto wrong_user = log_in("root", "correct horse");
  ASSERT_FALSE(wrong_password);
  ASSERT_FALSE(wrong_user);
  EXPECT_EQ(wrong_password.error().code(), ErrorCode::unauthenticated);
  EXPECT_EQ(wrong_password.error().message(), wrong_user.error().message());
}

TEST_F(ControlPlaneTest, StopsGuessing) {
  ASSERT_TRUE(control_->ensure_admin("correct horse"));
  for (int i = 0; i < options_.login_failures_max; ++i)
    EXPECT_FALSE(log_in("admin", "wrong horse"));
  const auto refused = log_in("admin", "correct horse");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
  clock_.advance_ms(options_.login_window_ms);
  EXPECT_TRUE(log_in("admin", "correct horse"));
}

TEST_F(ControlPlaneTest, ANewPasswordEndsOtherLogins) {
  ASSERT_TRUE(control_->ensure_admin("correct horse"));
  const auto other = log_in("admin", "correct horse");
  const auto mine = log_in("admin", "correct horse");
  ASSERT_TRUE(other && mine);
  const auto wrong =
      control_->change_password(mine->caller, "wrong horse", "new password", mine->token);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().field(), "current");
  const auto short_one =
      control_->change_password(mine->caller, "correct horse", "new", mine->token);
  ASSERT_FALSE(short_one);
  EXPECT_EQ(short_one.error().field(), "new");
  ASSERT_TRUE(
      control_->change_password(mine->caller, "correct horse", "new password", mine->token));
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_TRUE(control_->caller_of_login(mine->token, false, ""));
    EXPECT_FALSE(control_->caller_of_login(other->token, false, ""));
    open();
  }
  EXPECT_FALSE(log_in("admin", "correct horse"));
  EXPECT_TRUE(log_in("admin", "new password"));
}

TEST_F(ControlPlaneTest, TheOldestLoginMakesRoom) {
  options_.logins_max = 2;
  open();
  ASSERT_TRUE(control_->ensure_admin("correct horse"));
  const auto first = log_in("admin", "correct horse");
  const auto second = log_in("admin", "correct horse");
  const auto third = log_in("admin", "correct horse");
  ASSERT_TRUE(first && second && third);
  EXPECT_FALSE(control_->caller_of_login(first->token, false, ""));
  EXPECT_TRUE(control_->caller_of_login(second->token, false, ""));
  EXPECT_TRUE(control_->caller_of_login(third->token, false, ""));
}

TEST_F(ControlPlaneTest, NumbersImportsAndRemembersTheirBatches) {
  const SiteInfo site = make_site("shop.example");
  const SiteInfo other = make_site("other.example");
  const auto first = control_->begin_import(site.site.id, "access-log", "access.log");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->stream, 1U);
  ASSERT_TRUE(control_->note_import_batch(1, 1, 100));
  ASSERT_TRUE(control_->note_import_batch(1, 2, 50));
  open();
  const auto found = control_->find_import(site.site.id, 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->last_batch, 2);
  EXPECT_EQ(found->events, 150);
  EXPECT_EQ(found->finished_ms, 0);
  EXPECT_FALSE(control_->find_import(other.site.id, 1));
  clock_.advance_ms(kHourMs);
  ASSERT_TRUE(control_->finish_import(1));
  open();
  EXPECT_EQ(control_->find_import(site.site.id, 1)->finished_ms, clock_.now_ms());
  EXPECT_EQ(control_->begin_import(other.site.id, "sessions", "")->stream, 2U);
  const auto none = control_->note_import_batch(9, 1, 1);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::not_found);
}

TEST_F(ControlPlaneTest, AnswersWhileOthersEdit) {
  const SiteInfo site = make_site("shop.example");
  const auto key = control_->create_key(site.site.id, "backend", Scope::read);
  ASSERT_TRUE(key);
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      EXPECT_TRUE(control_->caller_of_key(key->secret));
      EXPECT_EQ(control_->sites()->by_id.count(site.site.id), 1U);
    }
  });
  for (int i = 0; i < 20; ++i) make_site("s" + std::to_string(i) + ".example");
  done = true;
  reader.join();
  EXPECT_EQ(control_->list_sites().size(), 21U);
}

}  // namespace
}  // namespace attune::serve

// The whole API over an empty database in memory and a journal in memory, on a real socket.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_system_memory.h"
#include "collect/enrich.h"
#include "decide/bandit_book.h"
#include "decide/decider.h"
#include "journal/file_journal.h"
#include "raw_client.h"
#include "serve/api.h"
#include "serve/server.h"
#include "store/duckdb/duckdb_store.h"

namespace attune::serve {

class ApiFixture : public testing::Test {
 protected:
  static constexpr std::string_view kPassword = "correct horse";
  void SetUp() override {
    open_parts();
    if (HasFatalFailure()) return;
    start({});
  }
  void TearDown() override {
    if (server_) server_->stop(1000);
    api_.reset();
    server_.reset();
    journal_.reset();
    std::filesystem::remove_all(folder_);
  }

  void open_parts();
  virtual ApiOptions options() {
    ApiOptions made;
    made.demo = true;
    made.demo_site = site_.id.text();
    made.generator.url = "http://127.0.0.1:9/v1";   // nobody listens: drafts fail, in their jobs
    return made;
  }
  virtual void change(ServerOptions&) {}
  virtual journal::Journal* journal_part() { return journal_.get(); }
  void start(Operations operations);
  /// Before `start`: an account that has the password of all.
  void add_account(std::string_view name, std::string_view role);

  /// One exchange with the owner's rights, in process.
  Response as_owner(Method method, std::string target, std::string body = {}) {
    Request request;
    request.method = method;
    request.target = std::move(target);
    request.body = std::move(body);
    if (!request.body.empty()) request.add_header("Content-Type", "application/json");
    return api_->router().handle_blocking(std::move(request));
  }
  /// One exchange over a connection of its own. `headers` end with "\r\n" each.
  RawAnswer send(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string headers = {}) {
    RawClient client(server_->port());
    std::string bytes =
        std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n";
    if (!body.empty() && headers.find("Content-Type") == std::string::npos) {
      headers += "Content-Type: application/json\r\n";
    }
    bytes += headers;
    if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    client.send(bytes + "\r\n");
    client.send(body);
    return client.read(method == "HEAD");
  }
  std::string bearer(const std::string& secret) {
    return "Authorization: Bearer " + secret + "\r\n";
  }
  std::string key_of_scope(Scope scope) {
    auto key = control_->create_key(site_.id, "test", scope);
    EXPECT_TRUE(key);
    return key->secret;
  }
  std::uint64_t records() { return journal_->stats().records; }

  RealClock clock_;
  std::string folder_;
  std::unique_ptr<MemoryFileSystem> files_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<journal::FileJournal> journal_;
  std::unique_ptr<ControlPlane> control_;
  collect::Enricher* enricher_ = nullptr;  // shared by all tests: its rules take a while to parse
  std::unique_ptr<collect::NativeCollector> native_;
  std::unique_ptr<collect::UmamiCollector> umami_;
  std::unique_ptr<collect::Admission> admission_;
  decide::LiveState live_;
  decide::BanditBook bandits_;
  event::DecisionSink* decisions_ = nullptr;   // null: nothing is recorded
  std::unique_ptr<decide::Decider> decider_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Server> server_;
  event::Site site_;
  std::string server_key_;
};

}  // namespace attune::serve

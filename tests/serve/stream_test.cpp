// Answers that go on: what is sent, when they end, and what becomes of clients that do not read.
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "base/clock.h"
#include "fake_directories.h"
#include "raw_client.h"
#include "serve/server.h"

namespace attune::serve {
namespace {

class TestStream final : public EventStream {
 public:
  explicit TestStream(bool without_end) : without_end_(without_end) {}
  std::shared_ptr<const std::string> next() override {
    const std::lock_guard lock(mutex_);
    if (without_end_) return std::make_shared<const std::string>(1 << 20, 'x');
    return std::exchange(pending_, nullptr);
  }
  void listen(std::function<void()> ready) override {
    const std::lock_guard lock(mutex_);
    ready_ = std::move(ready);
  }
  void say(std::string text) {
    const std::lock_guard lock(mutex_);
    pending_ = std::make_shared<const std::string>(std::move(text));
    if (ready_) ready_();
  }

 private:
  const bool without_end_;
  std::mutex mutex_;
  std::shared_ptr<const std::string> pending_;
  std::function<void()> ready_;
};

class StreamTest : public testing::Test {
 protected:
  StreamTest() : router_(sites_, callers_, clock_, nullptr, {}) {
    router_.add({route("/calm", false), route("/flood", true)});
    options_.listen = "127.0.0.1:0";
  }
  ~StreamTest() override {
    if (server_) server_->stop(0);
  }
  Route route(std::string_view pattern, bool without_end) {
    Route made;
    made.pattern = pattern;
    made.name = pattern.substr(1);
    made.runs = Runs::on_io;
    made.on_io = [this, without_end](std::shared_ptr<Call>, Responder answer) {
      auto stream = std::make_shared<TestStream>(without_end);
      {
        const std::lock_guard lock(mutex_);
        last_ = stream;
      }
      Response response;
      response.content_type = "text/event-stream";
      response.stream = std::move(stream);
      answer(std::move(response));
    };
    return made;
  }
  void start() {
    auto server = Server::start(options_, router_, clock_);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }
  std::shared_ptr<TestStream> last() {
    const std::lock_guard lock(mutex_);
    return last_.lock();
  }
  template <class Condition>
  static void until(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }

  RealClock clock_;
  FakeSites sites_;
  FakeCallers callers_;
  Router router_;
  ServerOptions options_;
  std::mutex mutex_;
  std::weak_ptr<TestStream> last_;
  std::unique_ptr<Server> server_;
};

TEST_F(StreamTest, SaysWhatThereIsUntilTheClientHangsUp) {
  start();
  {
    RawClient client(server_->port());
    client.send(get_request("/calm"));
    const RawAnswer head = client.read();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), "");
    EXPECT_EQ(head.header("Content-Type"), "text/event-stream");
    last()->say("data: one\n\n");
    EXPECT_TRUE(client.read_until("data: one\n\n"));
    last()->say("data: two\n\n");
    EXPECT_TRUE(client.read_until("data: two\n\n"));
  }
  until([&] { return last() == nullptr; });
  until([&] { return server_->stats().connections_open == 0; });
  EXPECT_EQ(server_->stats().timeouts, 0U);
}

TEST_F(StreamTest, ShowsThatItLivesWhenThereIsNothingToSay) {
  options_.heartbeat_ms = 1;
  start();
  RawClient client(server_->port());
  client.send(get_request("/calm"));
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.read_until(":\n\n"));
  EXPECT_TRUE(client.read_until(":\n\n"));
}

TEST_F(StreamTest, ClosesAStreamWhoseClientDoesNotRead) {
  options_.write_timeout_ms = 200;
  start();
  RawClient client(server_->port());
  client.send(get_request("/flood"));
  until([&] { return server_->stats().timeouts == 1; });
  until([&] { return last() == nullptr; });
}

TEST_F(StreamTest, AStopDoesNotWaitForStreams) {
  start();
  RawClient client(server_->port());
  client.send(get_request("/calm"));
  EXPECT_EQ(client.read().status, 200);
  server_->stop(60'000);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(last(), nullptr);
}

TEST_F(StreamTest, AHeadRequestHasNoStream) {
  start();
  RawClient client(server_->port());
  client.send("HEAD /calm HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.read(true).status, 200);
  EXPECT_EQ(last(), nullptr);
}

}  // namespace
}  // namespace attune::serve

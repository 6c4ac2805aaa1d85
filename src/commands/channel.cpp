#include "commands/channel.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <utility>

#include "app.h"
#include "config.h"
#include "serve/api.h"
#include "serve/client.h"

namespace attune::commands {
namespace {

namespace json = boost::json;

class ClientChannel final : public Channel {
 public:
  explicit ClientChannel(std::unique_ptr<serve::Client> client) : client_(std::move(client)) {}

  Result<std::string> call_text(const std::string& method, const std::string& target,
                                std::string body, const std::string& content_type) override {
    serve::ClientRequest request;
    request.content_type = content_type;
    request.method = method;
    request.target = target;
    request.body = std::move(body);
    ATTUNE_ASSIGN(serve::ClientResponse answer, client_->send(request));
    return read_answer(static_cast<int>(answer.status), std::move(answer.body));
  }
  bool in_process() const override { return false; }

 private:
  std::unique_ptr<serve::Client> client_;
};

class LocalChannel final : public Channel {
 public:
  LocalChannel(std::unique_ptr<App> app, std::string host)
      : app_(std::move(app)), host_(std::move(host)) {}

  Result<std::string> call_text(const std::string& method, const std::string& target,
                                std::string body, const std::string& content_type) override {
    serve::Request request;
    request.method = serve::parse_method(method);
    request.peer = serve::PeerKind::in_process;
    request.target = target;
    request.received_ms = clock_.now_ms();
    request.add_header("host", host_);   // what snippets name
    if (!body.empty()) request.add_header("content-type", content_type);
    request.body = std::move(body);
    const serve::Response answer = app_->api().router().handle_blocking(std::move(request));
    return read_answer(answer.status, std::string(answer.content()));
  }
  bool in_process() const override { return true; }

 private:
  RealClock clock_;
  std::unique_ptr<App> app_;
  std::string host_;
};

ErrorCode code_of(std::string_view name) {
  using enum ErrorCode;
  for (const ErrorCode code :
       {invalid_argument, unauthenticated, permission_denied, not_found, already_exists,
        failed_precondition, resource_exhausted, unavailable, deadline_exceeded, data_loss}) {
    if (to_string(code) == name) return code;
  }
  return internal;
}

}  // namespace

Result<std::string> read_answer(int status, std::string body) {
  if (status >= 200 && status < 300) return body;
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* described = object == nullptr ? nullptr : object->if_contains("error");
  if (described == nullptr || !described->is_object()) {
    return fail(ErrorCode::internal, fmt::format("HTTP {}: {}", status, body.substr(0, 200)));
  }
  const auto text = [&](std::string_view key) {
    const json::value* found = described->as_object().if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
  };
  return fail(code_of(text("code")), text("message"), text("field"));
}

Result<json::value> Channel::call(const std::string& method, const std::string& target,
                                  std::string body) {
  ATTUNE_ASSIGN(const std::string answer, call_text(method, target, std::move(body)));
  if (answer.empty()) return json::value(nullptr);
  boost::system::error_code error;
  json::value value = json::parse(answer, error);
  if (error) return fail(ErrorCode::internal, "the answer is not JSON: " + answer.substr(0, 200));
  return value;
}

std::string encode_component(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Result<std::unique_ptr<Channel>> Channel::open(const ChannelOptions& options) {
  std::unique_ptr<Channel> channel;
  if (!options.server.empty()) {
    serve::ClientOptions client_options;
    client_options.key = options.key;
    ATTUNE_ASSIGN(auto client, serve::Client::to_url(options.server, client_options));
    channel = std::make_unique<ClientChannel>(std::move(client));
    return channel;
  }
  const std::string socket = DataPaths(options.data).control_socket;
  std::error_code ignored;
  if (std::filesystem::exists(socket, ignored)) {
    auto client = serve::Client::to_socket(socket, {});
    serve::ClientRequest probe;
    probe.target = "/healthz";
    if (client->send(probe)) {
      channel = std::make_unique<ClientChannel>(std::move(client));
      return channel;
    }  // a socket that nobody answers was left behind by a crash: the folder is stopped
  }
  AppOptions app_options{.data_dir = options.data, .config = {}, .demo = false};
  ATTUNE_ASSIGN(app_options.config, load_config(options.config));
  if (!options.database.empty()) app_options.config.store.url = options.database;
  std::string host = app_options.config.server.listen;
  ATTUNE_ASSIGN(auto app, App::open(std::move(app_options)));
  channel = std::make_unique<LocalChannel>(std::move(app), std::move(host));
  return channel;
}

}  // namespace attune::commands

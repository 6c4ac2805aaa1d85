// How a command reaches Attune: a running server through its folder's control socket or a URL, or,
// when the folder is stopped, the same routes within this process. Commands see no difference.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace attune::commands {

struct ChannelOptions {
  std::string data;            // the data folder; used when `server` is empty
  std::string server;          // "https://stats.example"; then `key` is needed
  std::string key;
  std::string config;          // TOML file, for a stopped folder
  std::string database;        // postgres://... of a stopped folder; empty: as the settings say
};

class Channel {
 public:
  virtual ~Channel() = default;

  /// One request; a status other than 2xx becomes the Error that the server described.
  /// body     of that type, or empty.
  /// Returns  the answer's JSON text.
  [[nodiscard]] virtual Result<std::string> call_text(
      const std::string& method, const std::string& target, std::string body,
      const std::string& content_type = "application/json") = 0;

  /// The same, parsed. Doubles may be off by the last digit (Boost.JSON 1.81 does not round exactly):
  /// who prints data uses `call_text`.
  [[nodiscard]] Result<boost::json::value> call(const std::string& method, const std::string& target,
                                                std::string body = {});

  /// Whether this process holds the folder itself (and so ends work in progress when it leaves).
  virtual bool in_process() const = 0;

  /// Errors   not_found: no such folder; unavailable: nobody answers; failed_precondition: the folder
  ///          is held by a process that does not answer on its control socket.
  [[nodiscard]] static Result<std::unique_ptr<Channel>> open(const ChannelOptions& options);
};

/// Reads an answer of any transport: its text, or the error it describes.
[[nodiscard]] Result<std::string> read_answer(int status, std::string body);

/// Percent-encodes one path segment or query value.
std::string encode_component(const std::string& text);

}  // namespace attune::commands

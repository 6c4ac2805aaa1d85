// Files compiled into the program: dashboard, tracker, widget, demo shop. Each is compressed and
// tagged once at the start, so that serving one is a look-up.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/embedded.h"
#include "serve/http.h"

namespace attune::serve {

/// How browsers may keep a file, and what its page may do.
enum class FileKind : std::uint8_t {
  dashboard_page,   // asks every time; strict content security policy
  dashboard_asset,  // its name has a hash: kept for ever
  script,           // tracker and widget: an hour, readable from any origin
  demo,             // the demo shop
};

class StaticFiles {
 public:
  /// Takes a file under `path`. `bytes` must live as long as this object.
  void add(std::string path, FileKind kind, std::string_view bytes);
  /// The same for content made now.
  void add_made(std::string path, FileKind kind, std::string bytes);

  /// Answers a GET or HEAD of `path`, or a 404 in plain words.
  Response answer(const Request& request, std::string_view path) const;
  bool has(std::string_view path) const { return files_.count(std::string(path)) != 0; }

 private:
  struct File {
    FileKind kind = FileKind::dashboard_page;
    std::string_view content_type;
    std::string_view bytes;
    std::string packed;  // gzip, or empty when that is not worth it
    std::string tag;     // entity tag, with its quotes
  };
  std::unordered_map<std::string, File> files_;
  std::deque<std::string> made_;
};

/// By the end of the name; "application/octet-stream" for one we do not know.
std::string_view content_type_of(std::string_view path);

}  // namespace attune::serve

// Any lines as an access log, a session file, or NDJSON: each is accepted with one JSON object, or
// leaves nothing behind and has a reason.
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.h"
#include "collect/importer.h"

namespace {

using namespace attune;
using namespace attune::collect;

void read_lines(LineImporter& importer, std::string_view text) {
  simdjson::dom::parser parser;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string json;
    const LineResult result = importer.read(text.substr(0, end), json);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (result.status == LineStatus::accepted) {
      simdjson::dom::element root;
      ensure(
          parser.parse(json.data(), json.size()).get(root) == simdjson::SUCCESS && root.is_object(),
          "an accepted line is a JSON object");
    } else {
      ensure(json.empty(), "other lines leave nothing behind");
      ensure(!result.reason.empty(), "other lines have a reason");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_lines(*make_access_log_importer({.domain = "a.example", .visitor_key = "0123456789abcdef"}),
             text);
  read_lines(*make_session_file_importer(), text);
  read_lines(*make_ndjson_importer(), text);
  return 0;
}

// The target of a request, as a stranger may send it. What parses must be what the rest relies on:
// UTF-8 without control characters, no dot segments, within the limits; and must survive being
// written and read.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.h"
#include "serve/client_address.h"
#include "serve/json_text.h"
#include "serve/target.h"

namespace {

using attune::ensure;

bool is_clean(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return attune::serve::is_utf8(text);
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

/// The same target with every character escaped.
std::string write(const attune::serve::Target& target) {
  std::string out;
  for (const std::string& segment : target.segments) out += "/" + escape(segment);
  char mark = '?';
  for (const auto& [name, value] : target.query.all()) {
    out += mark + escape(name) + "=" + escape(value);
    mark = '&';
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attune::serve;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string address = bare_address(text);
  ensure(address.empty() || address.size() <= 64, "an address is short");
  const auto target = parse_target(text);
  if (!target) return 0;
  ensure(!target->segments.empty() && target->segments.size() <= kSegmentsMax,
         "segments have a limit");
  ensure(target->query.all().size() <= kParametersMax, "parameters have a limit");
  for (const std::string& segment : target->segments) {
    ensure(is_clean(segment) && segment != "." && segment != "..", "a segment is clean");
  }
  for (const auto& [name, value] : target->query.all()) {
    ensure(is_clean(name) && is_clean(value), "a parameter is clean");
  }
  const std::string written = write(*target);
  if (written.size() > kTargetBytesMax) return 0;
  const auto again = parse_target(written);
  ensure(again && again->segments == target->segments && again->query.all() == target->query.all(),
         "a target survives being written and read");
  return 0;
}

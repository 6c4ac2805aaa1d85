// Any text as a URL, a user agent, a field's name, a value: UTF-8 stays UTF-8, and nothing reads
// beyond it.
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.h"
#include "collect/draft.h"
#include "collect/geo.h"
#include "collect/redact.h"
#include "collect/referrer.h"
#include "collect/text.h"
#include "collect/umami_token.h"
#include "collect/user_agent.h"

namespace {

using namespace attune;
using namespace attune::collect;

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

const UserAgents& agents() {
  static const UserAgents shared = [] {
    auto parsed = UserAgents::embedded();
    ensure(parsed.has_value(), "the rules parse");
    return std::move(*parsed);
  }();
  return shared;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ensure(is_utf8(make_utf8(bytes)), "make_utf8 makes UTF-8");
  ensure(is_utf8(percent_decode(bytes)), "percent_decode makes UTF-8");
  const std::string text = make_utf8(bytes);
  ensure(is_utf8(cut(text, size / 2)), "cut leaves whole characters");
  std::string out;
  if (redact_text(text, out)) ensure(is_utf8(out), "redaction leaves UTF-8");
  std::string url;
  if (clean_url(text, "shop.example", url)) {
    ensure(split_url(url).has_value(), "a clean URL has parts");
    redact_url(url);
    ensure(is_utf8(url), "redaction of a URL leaves UTF-8");
    ensure(split_url(url).has_value(), "a redacted URL has parts");
  }
  (void)is_secret_name(text);
  (void)is_plain_name(text);
  (void)is_paid_medium(text);
  (void)parse_iso8601(text);
  (void)language_tag(text);
  (void)read_token(bytes, "a secret");
  if (const auto address = Address::parse(bytes)) {
    ensure(Address::parse(address->text()).has_value(), "an address reads back");
  }
  const Agent agent = agents().classify(text);
  ensure(is_utf8(agent.browser) && is_utf8(agent.os), "names are UTF-8");
  CampaignTags tags;
  tags.read(text);
  ensure(is_utf8(tags.source), "tags are UTF-8");
  return 0;
}

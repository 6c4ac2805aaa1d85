// Any bytes as a record body: it is refused, or its texts lie within it and it survives being
// written and read again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.h"
#include "event/codec.h"

namespace {

using namespace attune;
using namespace attune::event;

void check_within(std::string_view text, std::string_view body) {
  if (text.empty()) return;
  const bool is_name = text.data() < body.data() || text.data() >= body.data() + body.size();
  if (is_name) return;  // the name of a kind, which is static
  ensure(text.data() + text.size() <= body.data() + body.size(), "a text ends within the body");
}

template <class Value>
void round_trip(std::string_view body) {
  Value first;
  if (!decode(body, first)) return;
  std::string written;
  encode(first, written);
  Value second;
  ensure(decode(written, second).has_value(), "what was written is read");
  std::string again;
  encode(second, again);
  ensure(written == again, "what was read is what was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  EventView view;
  if (decode(body, view)) {
    for (const std::string_view text :
         {view.event_type, view.url, view.raw_json, view.visitor_id}) {
      check_within(text, body);
    }
    for (const ItemView& item : view.items) check_within(item.id, body);
  }
  round_trip<Event>(body);
  round_trip<Decision>(body);
  round_trip<Exposure>(body);
  round_trip<ImportEnd>(body);
  return 0;
}

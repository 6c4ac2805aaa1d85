// Any bytes as a request body. The first byte chooses the endpoint and whether a key was shown.
// What is accepted must be records that read back, in UTF-8 without NUL, with raw_event_data that
// is JSON; every event that was sent must have a verdict.
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/ensure.h"
#include "collect/enrich.h"
#include "collect/native.h"
#include "collect/umami.h"
#include "event/codec.h"

namespace {

using namespace attune;
using namespace attune::collect;

constexpr std::int64_t kNowMs = 1795255200000;

struct World {
  std::unique_ptr<Enricher> enricher;
  event::SiteSnapshot sites;
  std::unique_ptr<NativeCollector> native;
  std::unique_ptr<UmamiCollector> umami;
};

const World& world() {
  static const World shared = [] {
    World made;
    auto opened = Enricher::open({.salt_path = "", .geoip_path = "", .geoip6_path = ""}, kNowMs);
    ensure(opened.has_value(), "an enricher opens");
    made.enricher = std::move(*opened);
    event::Site site;
    site.id = *Uuid::parse("6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01");
    site.domain = "shop.example";
    site.public_key = "k";
    made.sites.by_public_key["k"] = site.id;
    made.sites.by_id[site.id] = site;
    made.native = std::make_unique<NativeCollector>(*made.enricher, IntakeLimits{});
    made.umami =
        std::make_unique<UmamiCollector>(*made.enricher, IntakeLimits{}, "a secret of the fuzzer");
    return made;
  }();
  return shared;
}

void check_text(std::string_view text) {
  ensure(simdjson::validate_utf8(text.data(), text.size()), "a stored text is UTF-8");
  ensure(text.find('\0') == std::string_view::npos, "a stored text has no NUL");
}

void check_json(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ensure(parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS, "JSON is JSON");
}

void check_batch(const journal::RecordBatch& batch) {
  std::size_t from = 0;
  event::EventView view;
  for (const std::uint32_t end : batch.ends) {
    const std::string_view body = std::string_view(batch.bytes).substr(from, end - from);
    ensure(event::decode(body, view).has_value(), "a record reads back");
    for (const std::string_view text :
         {view.event_type, view.session_id, view.visitor_id, view.user_id, view.url, view.path,
          view.query, view.title, view.referrer, view.referrer_platform, view.utm_source,
          view.user_agent, view.language, view.element_tag, view.form_id, view.order_id}) {
      check_text(text);
    }
    check_text(view.raw_json);
    check_json(view.raw_json);
    if (!view.form_data_json.empty()) check_json(view.form_data_json);
    ensure(!view.visitor_id.empty(), "somebody did it");
    ensure(!view.event_id.is_nil(), "an event has an id");
    from = end;
  }
  ensure(from == batch.bytes.size(), "the batch is all records");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  RequestContext context;
  context.received_ms = kNowMs;
  context.client_ip = "203.0.113.7";
  context.user_agent = (data[0] & 8) != 0 ? body : "Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0";
  context.referer = (data[0] & 16) != 0 ? body : "";
  if ((data[0] & 4) != 0) {
    context.trusted = true;
    context.key_site = world().sites.by_id.begin()->first;
  }
  switch (data[0] & 3) {
    case 0:
      check_batch(world().umami->send(world().sites, context, body).batch);
      break;
    case 1:
      check_batch(world().umami->batch(world().sites, context, body).batch);
      break;
    default: {
      const Intake intake = world().native->collect(world().sites, context, body);
      check_batch(intake.batch);
      ensure(intake.batch.count() == intake.accepted_count, "accepted events are in the batch");
      ensure(intake.verdicts.size() == intake.accepted_count + intake.rejected_count,
             "each event has a verdict");
      check_json(answer_json(intake));
    }
  }
  return 0;
}

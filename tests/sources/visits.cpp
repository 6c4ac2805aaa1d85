#include "sources/visits.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "etl/consumer.h"
#include "etl/memory_journal.h"
#include "store/column_batch.h"
#include "store/test_store.h"

namespace attune::sources {
namespace {

using event::Kind;

constexpr std::int64_t kMinuteMs = 60'000;

class Visits {
 public:
  Visits(const event::Site& site, std::int64_t now_ms) : site_(site), now_ms_(now_ms) {}

  void add(std::string_view who, std::int64_t minutes_ago, Kind kind, std::string_view path) {
    event::Event event;
    event.site = site_.id;
    event.event_id = Uuid::random();
    event.kind = kind;
    event.event_type = event::to_string(kind);
    event.timestamp_ms = now_ms_ - minutes_ago * kMinuteMs;
    event.received_ms = event.timestamp_ms;
    event.visitor_id = "visitor " + std::string(who);
    event.session_id = "session " + std::string(who);
    event.path = path;
    event.url = "https://shop.example" + event.path;
    event.utm_source = "letter";
    event.utm_medium = "email";
    event.utm_campaign = "spring";
    event.referrer_type = event::ReferrerType::email;
    event.raw_json = "{}";
    if (kind == Kind::form_submit) {
      event.form_id = "contact";
      event.form_data_json = R"({"topic": "tea"})";
    }
    if (kind == Kind::product_view || kind == Kind::purchase) {
      event.items = {
          {.id = "tea-1", .category = "tea", .name = "Tea", .price = 4.5, .brand = "Leaf"}};
      event.revenue = 4.5;
      event.currency = "EUR";
    }
    journal_.add(event);
  }
  etl::MemoryJournal& journal() { return journal_; }

 private:
  const event::Site& site_;
  std::int64_t now_ms_;
  etl::MemoryJournal journal_;
};

}  // namespace

void put_visits(store::Store& store) {
  event::Site site;
  site.id = *Uuid::parse("0b5ad1b8-6f06-4b3c-9f4b-3d1f6f2f1f10");
  site.domain = "shop.example";
  site.name = "shop";
  store::ColumnBatch websites;
  websites.add_uuid("website_id").push(site.id);
  websites.add_text("site_id").push(site.id.text());
  websites.add_text("domain").push(site.domain);
  websites.add_text("name").push(site.name);
  store::must(store::must(store.session())->append("website", websites));

  const RealClock clock;
  Visits visits(site, clock.now_ms());
  visits.add("a", 120, Kind::pageview, "/products.html");
  visits.add("a", 119, Kind::product_view, "/products.html");
  visits.add("a", 118, Kind::pageview, "/contact.html");
  visits.add("a", 117, Kind::form_submit, "/contact.html");
  visits.add("b", 60, Kind::pageview, "/products.html");
  visits.add("b", 59, Kind::purchase, "/products.html");
  visits.add("c", 2, Kind::pageview, "/");
  const etl::FixedSites sites({site});
  etl::Consumer consumer(visits.journal(), store, sites, clock, {});
  store::must(consumer.run_until(visits.journal().durable_end()));
}

}  // namespace attune::sources

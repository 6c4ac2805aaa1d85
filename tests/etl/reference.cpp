#include "etl/reference.h"

#include <cmath>
#include <cstdio>

#include "etl/reference_parts.h"

namespace attune::etl {

std::string number_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.12g", value == 0 ? 0.0 : value);
  return text;
}

std::string reference::decimal(double value, int scale) {
  const double factor = std::pow(10, scale);
  return number_text(std::round(value * factor) / factor);
}

namespace {

using namespace reference;

/// Records in journal order to tables.
class Reference {
 public:
  Reference(const event::SiteDirectory& sites, const Settings& settings)
      : sites_(sites), settings_(settings), placing_(settings) {}

  void take(std::uint64_t position, std::string_view body) {
    switch (static_cast<event::RecordType>(body[0])) {
      case event::RecordType::event: {
        Event event;
        if (event::decode(body, event)) take_event({position, event});
        break;
      }
      case event::RecordType::decision: {
        event::Decision decision;
        if (event::decode(body, decision)) decisions_.emplace_back(position, decision);
        break;
      }
      case event::RecordType::import_end: {
        event::ImportEnd end;
        if (event::decode(body, end) && end.stream != 0) placing_.end(end);
        break;
      }
      case event::RecordType::tick:
        if (event::Tick tick; event::decode(body, tick)) placing_.tick(tick.received_ms);
        break;
      case event::RecordType::erased:   // nothing is known of it
      case event::RecordType::exposure: break;
    }
  }

  TextTables tables() {
    for (const Visit& visit : placing_.visits()) {
      write_visit(tables_, visit, placing_.is_closed(visit));
    }
    write_recommendations(tables_, decisions_, placing_.visits(), settings_);
    write_days(tables_, placing_.visits(), sites_);
    return std::move(tables_);
  }

 private:
  void take_event(const Fact& fact) {
    const Placing::Place place = placing_.place(fact);
    if (!place.is_logged) return;
    const std::string& session = place.visit ? place.visit->name : fact.event.session_id;
    write_log(tables_, fact, session, place.is_late);
    if (place.visit) write_facts(tables_, fact, *place.visit);
  }

  const event::SiteDirectory& sites_;
  const Settings& settings_;
  Placing placing_;
  std::vector<std::pair<std::uint64_t, event::Decision>> decisions_;
  TextTables tables_;
};

}  // namespace

TextTables reference_tables(const MemoryJournal& journal, journal::Position until,
                            const event::SiteDirectory& sites, const Settings& settings) {
  Reference reference(sites, settings);
  for (const MemoryJournal::Entry& entry : journal.entries()) {
    if (entry.position < until.offset) reference.take(entry.position, entry.body);
  }
  return reference.tables();
}

}  // namespace attune::etl

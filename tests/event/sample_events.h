// Random events, decisions and import ends for property tests: every field, any bytes, any number.
#pragma once

#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "event/event.h"

namespace attune::event::testing {

inline Uuid any_uuid() {
  Uuid id;
  for (auto& byte : id.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  return id;
}

/// Half of the texts are empty, as in real events.
inline std::string any_text() {
  if (*rc::gen::arbitrary<bool>()) return {};
  return *rc::gen::arbitrary<std::string>();
}

inline double any_real() {
  return *rc::gen::oneOf(
      rc::gen::arbitrary<double>(),
      rc::gen::element(0.0, -0.0, -1.0, 1.0, std::numeric_limits<double>::infinity(),
                       std::numeric_limits<double>::denorm_min(),
                       std::numeric_limits<double>::max()));
}

template <class Number>
Number any_number() {
  return *rc::gen::oneOf(rc::gen::arbitrary<Number>(),
                         rc::gen::element(Number{0}, std::numeric_limits<Number>::min(),
                                          std::numeric_limits<Number>::max()));
}

inline Event any_event() {
  Event e;
  e.site = any_uuid();
  e.event_id = any_uuid();
  e.has_client_event_id = *rc::gen::arbitrary<bool>();
  e.kind = static_cast<Kind>(*rc::gen::inRange(1, static_cast<int>(Kind::performance) + 1));
  e.event_type = to_string(e.kind);
  if (e.kind == Kind::custom) e.event_type = *rc::gen::nonEmpty<std::string>();
  e.timestamp_ms = any_number<std::int64_t>();
  e.received_ms = any_number<std::int64_t>();
  e.stream = any_number<std::uint32_t>();
  for (auto* text : {&e.session_id,
                     &e.visitor_id,
                     &e.user_id,
                     &e.url,
                     &e.path,
                     &e.query,
                     &e.fragment,
                     &e.title,
                     &e.referrer,
                     &e.referrer_platform,
                     &e.utm_source,
                     &e.utm_medium,
                     &e.utm_campaign,
                     &e.utm_content,
                     &e.utm_term,
                     &e.user_agent,
                     &e.browser,
                     &e.os,
                     &e.ip,
                     &e.country,
                     &e.language,
                     &e.timezone,
                     &e.element_tag,
                     &e.element_classes,
                     &e.element_id,
                     &e.form_id,
                     &e.form_action,
                     &e.form_method,
                     &e.form_data_json,
                     &e.order_id,
                     &e.currency,
                     &e.raw_json}) {
    *text = any_text();
  }
  e.referrer_type = static_cast<ReferrerType>(*rc::gen::inRange(0, 8));
  e.device = static_cast<DeviceType>(*rc::gen::inRange(0, 5));
  e.is_bot = *rc::gen::arbitrary<bool>();
  for (auto* number : {&e.screen_width, &e.screen_height, &e.viewport_width, &e.viewport_height,
                       &e.scroll_percentage, &e.field_count}) {
    *number = any_number<std::int32_t>();
  }
  e.device_pixel_ratio = any_real();
  e.revenue = any_real();
  e.decision_id = *rc::gen::arbitrary<bool>() ? any_uuid() : Uuid{};
  e.items.resize(*rc::gen::inRange<std::size_t>(0, 4));
  for (Item& item : e.items) {
    for (auto* text : {&item.id, &item.category, &item.name, &item.brand}) *text = any_text();
    item.price = any_real();
    item.quantity = any_real();
  }
  return e;
}

inline Exposure any_exposure() {
  Exposure e;
  e.site = any_uuid();
  e.exposed_ms = any_number<std::int64_t>();
  e.received_ms = any_number<std::int64_t>();
  e.visitor_id = *rc::gen::arbitrary<std::string>();
  e.session_id = *rc::gen::arbitrary<std::string>();
  e.test_key = *rc::gen::arbitrary<std::string>();
  e.variation_id = *rc::gen::arbitrary<std::string>();
  e.source = *rc::gen::element<std::string>("tracker", "growthbook", "ofrep", "api", "server");
  e.propensity = any_real();
  e.attributes_json = *rc::gen::element<std::string>("", R"({"device":"mobile"})");
  return e;
}

inline Decision any_decision() {
  Decision d;
  d.decision_id = any_uuid();
  d.site = any_uuid();
  d.decided_ms = any_number<std::int64_t>();
  for (auto* text : {&d.session_id, &d.visitor_id, &d.type, &d.placement, &d.context_json,
                     &d.model_version, &d.factors_json}) {
    *text = any_text();
  }
  d.eligible_count = any_number<std::uint32_t>();
  d.eligible_hash = any_number<std::uint64_t>();
  d.seed = any_number<std::uint64_t>();
  d.items.resize(*rc::gen::inRange<std::size_t>(0, 5));
  for (DecidedItem& item : d.items) {
    for (auto* text : {&item.item_id, &item.strategy, &item.reason}) *text = any_text();
    item.rank = any_number<std::uint32_t>();
    item.score = any_real();
    item.raw_score = any_real();
    item.propensity = any_real();
  }
  return d;
}

}  // namespace attune::event::testing

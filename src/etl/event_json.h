// JSON that rows carry, made from a record without parsing it into a document: these run for every
// event.
#pragma once

#include <string>
#include <string_view>

#include "event/codec.h"

namespace attune::etl {

/// Appends the members of user_events.event_data (docs/etl.md, section 8) as an object.
///
/// raw      raw_event_data: a JSON object as the collector writes it. Text that is not one gives
///          nothing.
/// Returns  whether there was any; nothing is appended otherwise.
bool append_event_data(std::string_view raw, std::string& out);

/// Appends user_product_interactions.context (section 9) of one item.
/// Returns  whether anything is known; nothing is appended otherwise.
bool append_context(const event::EventView& event, const event::ItemView& item, std::string& out);

/// Appends `text` as a JSON string, quotes included. UTF-8 stays as it is.
void append_json_text(std::string_view text, std::string& out);

}  // namespace attune::etl

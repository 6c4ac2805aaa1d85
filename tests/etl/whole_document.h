// raw_event_data of an event as docs/formats/events.md, section 7, has it: together with its
// columns in events_log it is the complete event.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "event/event.h"

namespace attune::etl {

std::string whole_document(const event::Event& event);

/// The members of a document whose keys are `kept`, as they stand there, with commas between.
std::string members_of(const std::string& raw, const std::set<std::string_view>& kept);

}  // namespace attune::etl

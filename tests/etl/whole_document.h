// raw_event_data of an event as docs/formats/events.md, section 7, has it: together with its
// columns in events_log it is the complete event.
#pragma once

#include <string>

#include "event/event.h"

namespace attune::etl {

std::string whole_document(const event::Event& event);

}  // namespace attune::etl

// Random journals that are unkind on purpose: few visitors, few session ids, and times that jump,
// so that sessions meet, close, open again and come back all the time.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "event/event.h"
#include "event/site_directory.h"
#include "etl/memory_journal.h"

namespace attune::etl {

struct StreamOptions {
  std::uint64_t seed = 1;
  std::size_t records = 300;
  /// raw_event_data is the whole event as a collector writes it (docs/formats/events.md, section
  /// 7), and not a stranger's document.
  bool whole_documents = false;
  /// Ticks and ends of imports too.
  bool clocks = true;
};

std::vector<event::Site> test_sites();

/// Appends a random stream to the journal.
void append_random_stream(const StreamOptions& options, MemoryJournal& journal);

}  // namespace attune::etl

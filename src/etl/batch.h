// Journal records on their way through the ETL together: what one transaction holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.h"

namespace attune::etl {

/// Bodies side by side in one buffer; memory is kept from batch to batch.
class Batch {
 public:
  struct Record {
    std::uint64_t position = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void add(const journal::Record& record) {
    const std::size_t begin = bytes_.size();
    bytes_.append(record.body);
    records_.push_back({record.position.offset, begin, bytes_.size()});
    next_ = record.next;
  }
  void clear() {
    bytes_.clear();
    records_.clear();
  }

  bool empty() const { return records_.empty(); }
  std::size_t count() const { return records_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  const std::vector<Record>& records() const { return records_; }
  /// Valid until the next add().
  std::string_view body(const Record& record) const {
    return std::string_view(bytes_).substr(record.begin, record.end - record.begin);
  }
  /// Where the record after the last one begins.
  journal::Position next() const { return next_; }

 private:
  std::string bytes_;
  std::vector<Record> records_;
  journal::Position next_;
};

}  // namespace attune::etl

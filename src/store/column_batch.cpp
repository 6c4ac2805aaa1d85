#include "store/column_batch.h"

#include <cmath>

namespace attune::store {

void DecimalColumn::push_rounded(double value) {
  double factor = 1;
  for (int i = 0; i < scale_; ++i) factor *= 10;
  const double scaled = std::round(value * factor);
  // 2^63 is exact as a double; NaN fails the comparison too.
  if (!(scaled > -9223372036854775808.0 && scaled < 9223372036854775808.0)) return push_null();
  push(static_cast<std::int64_t>(scaled));
}

std::size_t ColumnBatch::count() const {
  if (columns_.empty()) return 0;
  const std::size_t rows = columns_.front()->count();
  for (const auto& column : columns_) {
    ensure(column->count() == rows, "columns of a batch have different lengths");
  }
  return rows;
}

void ColumnBatch::clear() {
  for (const auto& column : columns_) column->clear();
}

void ColumnBatch::reserve(std::size_t rows) {
  for (const auto& column : columns_) column->reserve(rows);
}

}  // namespace attune::store

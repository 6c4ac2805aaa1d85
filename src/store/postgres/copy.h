// A batch of rows as PostgreSQL's binary COPY reads it.
// Source: PostgreSQL 15 documentation, COPY, "Binary Format"; the forms of types are those of their
// receive functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/column_batch.h"
#include "store/postgres/values.h"

namespace attune::store::postgres {

/// What stands before the first row, and after the last.
extern const std::string_view kCopyHeader;
extern const std::string_view kCopyTrailer;

/// Writes rows of a batch one after the other.
class CopyEncoder {
 public:
  /// targets  for each column of the batch, the type of the table's column; an enum counts as text.
  /// Errors   invalid_argument: a column's type cannot go into its target; text that is not UTF-8.
  [[nodiscard]] static Result<CopyEncoder> make(const ColumnBatch& batch, std::vector<Oid> targets);

  /// Appends row `row` to `out`.
  /// Errors   invalid_argument: a value does not fit (a number too large, an address that is none).
  [[nodiscard]] Result<void> write(std::size_t row, std::string& out) const;

 private:
  struct Field {
    const Column* column = nullptr;
    Oid target = Oid::text;
  };
  explicit CopyEncoder(std::vector<Field> fields) : fields_(std::move(fields)) {}

  std::vector<Field> fields_;
};

}  // namespace attune::store::postgres

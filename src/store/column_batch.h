// Rows on their way into one table, column by column. The writer (ETL, importers) keeps one batch a
// table, pushes values through typed columns, hands it to Session::append, and clears it: memory is
// kept from batch to batch, so a steady stream allocates nothing.
//
//   store::ColumnBatch batch;
//   auto& id = batch.add_int64("id");
//   auto& path = batch.add_text("path");
//   id.push(7);
//   path.push_or_null(event.path);
//   ATTUNE_TRY(session.append("pageviews", batch));
//   batch.clear();
//
// Columns are not virtual per value and know nothing of an engine: DuckDB's data chunks and
// PostgreSQL's binary COPY are both written from the same arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.h"
#include "base/uuid.h"
#include "store/store.h"

namespace attune::store {

/// What all columns share: a name, a type, and which rows are null.
class Column {
 public:
  Column(std::string name, ColumnType type) : name_(std::move(name)), type_(type) {}
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  virtual ~Column() = default;

  const std::string& name() const { return name_; }
  ColumnType type() const { return type_; }
  virtual std::size_t count() const = 0;
  virtual void clear() = 0;
  virtual void reserve(std::size_t rows) = 0;
  virtual void push_null() = 0;

  bool is_null(std::size_t row) const {
    return row / 64 < nulls_.size() && (nulls_[row / 64] >> (row % 64) & 1) != 0;
  }
  /// One bit a row, set where null; rows behind its end are not null. Empty: no nulls at all.
  std::span<const std::uint64_t> null_words() const { return nulls_; }

 protected:
  void mark_null(std::size_t row) {
    if (nulls_.size() <= row / 64) nulls_.resize(row / 64 + 1);
    nulls_[row / 64] |= std::uint64_t{1} << (row % 64);
  }
  void clear_nulls() { nulls_.clear(); }

 private:
  std::string name_;
  ColumnType type_;
  std::vector<std::uint64_t> nulls_;
};

/// Values of one size, side by side. A null holds T{}.
template <class T>
class FixedColumn : public Column {
 public:
  using Column::Column;

  void push(T value) { values_.push_back(value); }
  void push_null() final {
    mark_null(values_.size());
    values_.emplace_back();
  }
  void push_if(bool present, T value) { present ? push(value) : push_null(); }
  std::size_t count() const final { return values_.size(); }
  void reserve(std::size_t rows) final { values_.reserve(rows); }
  void clear() final {
    values_.clear();
    clear_nulls();
  }
  std::span<const T> values() const { return values_; }

 private:
  std::vector<T> values_;
};

using BoolColumn = FixedColumn<std::uint8_t>;   // 0 or 1: vector<bool> has no array to copy from
using Int32Column = FixedColumn<std::int32_t>;
using Int64Column = FixedColumn<std::int64_t>;
using DoubleColumn = FixedColumn<double>;
using UuidColumn = FixedColumn<Uuid>;
using TimestampColumn = FixedColumn<Timestamp>;
using DateColumn = FixedColumn<Date>;

/// Exact decimals as integers: value * 10^scale. The scale must be that of the table's column.
class DecimalColumn final : public FixedColumn<std::int64_t> {
 public:
  DecimalColumn(std::string name, int scale)
      : FixedColumn(std::move(name), ColumnType::decimal), scale_(scale) {}
  int scale() const { return scale_; }

  /// Rounds to the column's scale, half away from zero.
  /// value  finite, and within int64 after scaling; null when it is not.
  void push_rounded(double value);

 private:
  int scale_;
};

/// Text or JSON: all bytes in one arena. Must be valid UTF-8; append refuses a batch that is not.
class TextColumn final : public Column {
 public:
  using Column::Column;

  void push(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(bytes_.size());
  }
  /// Empty text is stored as null: what "not given" means in the tables of facts.
  void push_or_null(std::string_view text) { text.empty() ? push_null() : push(text); }
  void push_null() override {
    mark_null(ends_.size());
    ends_.push_back(bytes_.size());
  }
  std::size_t count() const override { return ends_.size(); }
  void reserve(std::size_t rows) override { ends_.reserve(rows); }
  void reserve_bytes(std::size_t bytes) { bytes_.reserve(bytes); }
  void clear() override {
    bytes_.clear();
    ends_.clear();
    clear_nulls();
  }
  std::string_view value(std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
    return std::string_view(bytes_).substr(begin, ends_[row] - begin);
  }
  std::string_view bytes() const { return bytes_; }
  std::span<const std::size_t> ends() const { return ends_; }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

class ColumnBatch {
 public:
  /// Adds a column of the table by name, in any order; a name once. The reference lives as long as
  /// the batch (also when the batch is moved). Columns of the table that are not added get their
  /// default.
  BoolColumn& add_bool(std::string name) {
    return add<BoolColumn>(std::move(name), ColumnType::boolean);
  }
  Int32Column& add_int32(std::string name) {
    return add<Int32Column>(std::move(name), ColumnType::int32);
  }
  Int64Column& add_int64(std::string name) {
    return add<Int64Column>(std::move(name), ColumnType::int64);
  }
  DoubleColumn& add_double(std::string name) {
    return add<DoubleColumn>(std::move(name), ColumnType::float64);
  }
  DecimalColumn& add_decimal(std::string name, int scale) {
    return add<DecimalColumn>(std::move(name), scale);
  }
  TextColumn& add_text(std::string name) {
    return add<TextColumn>(std::move(name), ColumnType::text);
  }
  TextColumn& add_json(std::string name) {
    return add<TextColumn>(std::move(name), ColumnType::json);
  }
  UuidColumn& add_uuid(std::string name) {
    return add<UuidColumn>(std::move(name), ColumnType::uuid);
  }
  TimestampColumn& add_timestamp(std::string name) {
    return add<TimestampColumn>(std::move(name), ColumnType::timestamp);
  }
  DateColumn& add_date(std::string name) {
    return add<DateColumn>(std::move(name), ColumnType::date);
  }

  /// Rows pushed so far. Every column must have been pushed equally often; aborts otherwise.
  std::size_t count() const;
  bool empty() const { return columns_.empty() || columns_.front()->count() == 0; }

  /// Forgets the rows, keeps the columns and their memory.
  void clear();
  void reserve(std::size_t rows);

  std::span<const std::unique_ptr<Column>> columns() const { return columns_; }

 private:
  template <class C, class A>
  C& add(std::string name, A argument) {
    for (const auto& other : columns_) ensure(other->name() != name, "column added twice");
    auto column = std::make_unique<C>(std::move(name), argument);
    C& reference = *column;
    columns_.push_back(std::move(column));
    return reference;
  }

  std::vector<std::unique_ptr<Column>> columns_;
};

}  // namespace attune::store

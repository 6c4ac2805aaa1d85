// Carries the tables that people edit from one database to another. They are small, so they are taken
// whole; a second call replaces what the first one brought.
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "etl/replay.h"
#include "store/column_batch.h"

namespace attune::etl {
namespace {

constexpr std::array<std::string_view, 6> kTables = {"account", "website",       "api_key",
                                                     "login",   "import_stream", "ml_models"};
constexpr std::size_t kRowsMax = 10'000'000;

using Push = std::function<void(const store::Value&)>;

template <class T, class Column>
Push pusher(Column& column) {
  return [&column](const store::Value& value) {
    if (const T* given = std::get_if<T>(&value)) {
      column.push(*given);
    } else {
      column.push_null();
    }
  };
}

/// A column of the batch for a column of the answer, and how a value gets into it.
Push add_column(store::ColumnBatch& batch, const store::ColumnInfo& info) {
  using enum store::ColumnType;
  switch (info.type) {
    case boolean: return pusher<bool>(batch.add_bool(info.name));
    case int32: {
      auto& column = batch.add_int32(info.name);
      return [&column](const store::Value& value) {
        const auto* given = std::get_if<std::int64_t>(&value);
        column.push_if(given != nullptr, given == nullptr ? 0 : static_cast<std::int32_t>(*given));
      };
    }
    case int64: return pusher<std::int64_t>(batch.add_int64(info.name));
    case float64: return pusher<double>(batch.add_double(info.name));
    case uuid: return pusher<Uuid>(batch.add_uuid(info.name));
    case timestamp: return pusher<store::Timestamp>(batch.add_timestamp(info.name));
    case date: return pusher<store::Date>(batch.add_date(info.name));
    case json: {
      auto& column = batch.add_json(info.name);
      return [&column](const store::Value& value) {
        if (const auto* given = std::get_if<store::Json>(&value)) {
          column.push(given->text);
        } else {
          column.push_null();
        }
      };
    }
    case text: return pusher<std::string>(batch.add_text(info.name));
    case decimal: break;
  }
  ensure(false, "no edited table but the catalogue has a decimal");
  return {};
}

Result<void> copy_table(store::Session& from, store::Session& to, std::string_view table) {
  const std::string file = "etl/edited." + std::string(table);
  ATTUNE_ASSIGN(const store::Rows rows, from.query(file, {}, {.rows_max = kRowsMax}));
  if (rows.rows.empty()) return {};
  store::ColumnBatch batch;
  std::vector<Push> pushes;
  for (const store::ColumnInfo& column : rows.columns) pushes.push_back(add_column(batch, column));
  for (const auto& row : rows.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) pushes[i](row[i]);
  }
  return to.append(table, batch);
}

Result<void> copy_catalogue(store::Session& from, store::Session& to) {
  const auto put = [&to](std::span<const store::Value> row) -> Result<void> {
    ATTUNE_TRY(to.execute("etl/edited.product_put", row));
    return {};
  };
  ATTUNE_TRY(from.scan("etl/edited.product", {}, put, {.timeout_ms = 3'600'000}));
  return {};
}

Result<void> copy_all(store::Session& from, store::Session& to) {
  ATTUNE_TRY(to.execute("etl/edited.clear"));
  for (const std::string_view table : kTables) ATTUNE_TRY(copy_table(from, to, table));
  return copy_catalogue(from, to);
}

}  // namespace

Result<void> copy_edited(store::Session& from, store::Session& to) {
  ATTUNE_TRY(to.begin());
  if (auto copied = copy_all(from, to); !copied) {
    static_cast<void>(to.rollback());
    return pass(copied, "copying what people edit");
  }
  return to.commit();
}

}  // namespace attune::etl

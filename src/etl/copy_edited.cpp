// What a replay cannot make: tables that people and programs edit, copied from database to
// database.
#include <array>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "etl/replay.h"
#include "etl/sql_list.h"
#include "store/column_batch.h"

namespace attune::etl {
namespace {

using store::ColumnBatch;
using store::ColumnType;
using store::Value;

constexpr std::array kTables = {"account",
                                "website",
                                "product",
                                "ml_models",
                                "rl_model_metadata",
                                "user_profiles",
                                "user_context_features",
                                "api_key",
                                "login",
                                "audit_log",
                                "import_stream",
                                "erased_person",
                                "site_retention",
                                "site_windows",
                                "retention_mark",
                                "maintenance_run",
                                "archive_file",
                                "gorse_site",
                                "gorse_user",
                                "gorse_feedback",
                                "placement",
                                "placement_rule",
                                "feature_flag",
                                "saved_group",
                                "sdk_connection",
                                "content_slot",
                                "campaigns",
                                "content_templates",
                                "campaign_stats_daily",
                                "meta_user_profiles",
                                "campaign_recommendations",
                                "ab_tests",
                                "test_variations",
                                "test_results",
                                "learning_insights",
                                "performance_patterns",
                                "personalized_content",
                                "campaign_personalization_settings"};
constexpr std::string_view kProduct = "product";
/// Of every decimal in an edited table; an append refuses another one.
constexpr int kDecimalScale = 4;
constexpr store::QueryOptions kWhole{.rows_max = 20'000'000, .timeout_ms = 600'000};

template <class Column, class T>
void push(Column& column, const std::vector<std::vector<Value>>& rows, std::size_t at) {
  for (const auto& row : rows) {
    if (const T* value = std::get_if<T>(&row[at])) column.push(*value);
    else column.push_null();
  }
}

template <class Column, class Narrow>
void push_narrow(Column& column, const std::vector<std::vector<Value>>& rows, std::size_t at) {
  for (const auto& row : rows) {
    const auto* value = std::get_if<std::int64_t>(&row[at]);
    column.push_if(value != nullptr, value != nullptr ? static_cast<Narrow>(*value) : Narrow{});
  }
}

void push_flags(store::BoolColumn& column, const std::vector<std::vector<Value>>& rows,
                std::size_t at) {
  for (const auto& row : rows) {
    const bool* value = std::get_if<bool>(&row[at]);
    column.push_if(value != nullptr, value != nullptr && *value ? 1 : 0);
  }
}

void push_decimals(store::DecimalColumn& column, const std::vector<std::vector<Value>>& rows,
                   std::size_t at) {
  for (const auto& row : rows) {
    if (const double* value = std::get_if<double>(&row[at])) column.push_rounded(*value);
    else column.push_null();
  }
}

void push_json(store::TextColumn& column, const std::vector<std::vector<Value>>& rows,
               std::size_t at) {
  for (const auto& row : rows) {
    if (const auto* json = std::get_if<store::Json>(&row[at])) column.push(json->text);
    else if (const auto* text = std::get_if<std::string>(&row[at])) column.push(*text);
    else column.push_null();
  }
}

void add_column(const store::Rows& rows, std::size_t at, ColumnBatch& batch) {
  const store::ColumnInfo& info = rows.columns[at];
  switch (info.type) {
    case ColumnType::boolean: return push_flags(batch.add_bool(info.name), rows.rows, at);
    case ColumnType::int32:
      return push_narrow<store::Int32Column, std::int32_t>(batch.add_int32(info.name),
                                                           rows.rows, at);
    case ColumnType::int64:
      return push<store::Int64Column, std::int64_t>(batch.add_int64(info.name), rows.rows, at);
    case ColumnType::float64:
      return push<store::DoubleColumn, double>(batch.add_double(info.name), rows.rows, at);
    case ColumnType::decimal:
      return push_decimals(batch.add_decimal(info.name, kDecimalScale), rows.rows, at);
    case ColumnType::text:
      return push<store::TextColumn, std::string>(batch.add_text(info.name), rows.rows, at);
    case ColumnType::json: return push_json(batch.add_json(info.name), rows.rows, at);
    case ColumnType::uuid:
      return push<store::UuidColumn, Uuid>(batch.add_uuid(info.name), rows.rows, at);
    case ColumnType::timestamp:
      return push<store::TimestampColumn, store::Timestamp>(batch.add_timestamp(info.name),
                                                            rows.rows, at);
    case ColumnType::date:
      return push<store::DateColumn, store::Date>(batch.add_date(info.name), rows.rows, at);
  }
}

/// An event may have made a product that the catalogue took over meanwhile: ids are the first
/// column.
Result<void> clear_products(store::Session& to, const store::Rows& rows) {
  SqlList ids;
  for (const auto& row : rows.rows) ids.add(std::get<std::int64_t>(row[0]));
  const std::array parameters{Value{ids.text()}};
  ATTUNE_TRY(to.execute("etl/copy.clear_products", parameters));
  return {};
}

}  // namespace

Result<void> copy_edited(store::Session& from, store::Session& to) {
  ATTUNE_TRY(to.execute("etl/copy.clear"));
  for (const std::string table : kTables) {
    ATTUNE_ASSIGN(const store::Rows rows, from.query("etl/copy." + table, {}, kWhole));
    if (rows.truncated) {
      return fail(ErrorCode::resource_exhausted, "too many rows to copy in " + table);
    }
    if (table == kProduct) ATTUNE_TRY(clear_products(to, rows));
    if (rows.rows.empty()) continue;
    ColumnBatch batch;
    for (std::size_t at = 0; at < rows.columns.size(); ++at) add_column(rows, at, batch);
    ATTUNE_TRY(to.append(table, batch));
  }
  return {};
}

}  // namespace attune::etl

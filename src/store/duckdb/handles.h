// Owners for the handles of DuckDB's C API, and its errors as ours.
#pragma once

#include <duckdb.h>

#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace attune::store {

/// Owns one handle; `Destroy` is the C function that frees it.
template <class Handle, auto Destroy>
class Owned {
 public:
  Owned() = default;
  explicit Owned(Handle handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, Handle{})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (handle_) Destroy(&handle_);
  }
  Handle get() const { return handle_; }
  Handle* address() { return &handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  Handle handle_ = nullptr;
};

using OwnedConfig = Owned<duckdb_config, duckdb_destroy_config>;
using OwnedDatabase = Owned<duckdb_database, duckdb_close>;
using OwnedConnection = Owned<duckdb_connection, duckdb_disconnect>;
using OwnedPrepared = Owned<duckdb_prepared_statement, duckdb_destroy_prepare>;
using OwnedPending = Owned<duckdb_pending_result, duckdb_destroy_pending>;
using OwnedChunk = Owned<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using OwnedType = Owned<duckdb_logical_type, duckdb_destroy_logical_type>;
using OwnedValue = Owned<duckdb_value, duckdb_destroy_value>;
using OwnedAppender = Owned<duckdb_appender, duckdb_appender_destroy>;

/// A result set; the C struct is passed by value and by pointer, so it has its own owner.
class OwnedResult {
 public:
  OwnedResult() = default;
  OwnedResult(OwnedResult&& other) noexcept : result_(std::exchange(other.result_, {})) {}
  OwnedResult& operator=(OwnedResult&& other) noexcept {
    std::swap(result_, other.result_);
    return *this;
  }
  OwnedResult(const OwnedResult&) = delete;
  OwnedResult& operator=(const OwnedResult&) = delete;
  ~OwnedResult() { duckdb_destroy_result(&result_); }
  duckdb_result* address() { return &result_; }
  const duckdb_result& get() const { return result_; }

 private:
  duckdb_result result_{};
};

/// Turns an engine message ("Binder Error: ...") into an error with the code its kind deserves.
///
/// message       DuckDB's; null is taken for an unknown failure.
/// ours          the statement came from sql/: a mistake in it is our bug, not the caller's.
Error duckdb_error(const char* message, bool ours);

/// Why the appender's last call failed.
Error duckdb_appender_failure(duckdb_appender appender);

}  // namespace attune::store

#include "store/store.h"

namespace attune::store {

Result<std::int64_t> Session::copy_table(std::string_view, Session&) {
  return fail(ErrorCode::failed_precondition, "this engine does not copy tables between databases");
}

Result<void> Session::copy_sequences(Session&) {
  return fail(ErrorCode::failed_precondition, "this engine does not copy sequences");
}

Result<void> Session::export_table(std::string_view, const ByteSink&) {
  return fail(ErrorCode::failed_precondition, "this engine has no text of a table");
}

Result<void> Session::import_table(std::string_view, const ByteSource&) {
  return fail(ErrorCode::failed_precondition, "this engine has no text of a table");
}

}  // namespace attune::store

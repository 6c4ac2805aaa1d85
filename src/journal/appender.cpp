#include "journal/appender.h"

#include <future>
#include <utility>

namespace attune::journal {

Result<Position> Appender::append(std::string_view body) {
  RecordBatch batch;
  batch.add(body);
  return append(std::move(batch));
}

Result<Position> Appender::append(RecordBatch batch) {
  std::promise<Result<Position>> promise;
  auto answer = promise.get_future();
  journal_.append(std::move(batch),
                  [&](Result<Position> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

}  // namespace attune::journal

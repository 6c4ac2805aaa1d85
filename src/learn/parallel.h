// A loop over independent pieces of work on a few threads. Which thread does which piece is left to
// chance; what comes out is not, as long as a piece writes only what is its own.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace attune::learn {

/// Calls work(begin, end) for pieces of at most `piece` that together are 0 .. count.
template <class Work>
void in_pieces(std::size_t count, std::size_t piece, unsigned threads, const Work& work) {
  std::atomic<std::size_t> next{0};
  const auto take = [&] {
    for (;;) {
      const std::size_t begin = next.fetch_add(piece);
      if (begin >= count) return;
      work(begin, begin + piece < count ? begin + piece : count);
    }
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(take);
  take();
}

}  // namespace attune::learn

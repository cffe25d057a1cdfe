// The floor under every query on .json.gz log files: inflate them and parse the JSON, nothing else.
// inflate_parse FOLDER [THREADS] [--dom]: prints the number of events and of bytes of JSON.
//
// On-Demand, the default, finds two members of each event; --dom builds whole documents.
#include <libdeflate.h>
#include <simdjson.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Totals {
  std::atomic<size_t> next{0};
  std::atomic<uint64_t> events{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<bool> failed{false};
};

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

// One thread's buffers; they only ever grow.
struct Worker {
  std::unique_ptr<libdeflate_decompressor, FreeDecompressor> inflater{
      libdeflate_alloc_decompressor()};
  simdjson::ondemand::parser lazy;
  simdjson::dom::parser dom;
  std::string packed;
  std::string text;

  bool load(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    packed.resize(fs::file_size(path));
    if (!in.read(packed.data(), static_cast<std::streamsize>(packed.size()))) return false;
    if (packed.size() < 18) return false;
    uint32_t size = 0;  // the last four bytes of a gzip member hold its size, little-endian
    std::memcpy(&size, packed.data() + packed.size() - 4, 4);
    text.resize(std::max<size_t>(text.size(), size + simdjson::SIMDJSON_PADDING));
    size_t written = 0;
    const auto result = libdeflate_gzip_decompress(inflater.get(), packed.data(), packed.size(),
                                                   text.data(), text.size(), &written);
    text_bytes = written;
    return result == LIBDEFLATE_SUCCESS;
  }

  uint64_t parse_lazily() {
    auto document = lazy.iterate(text.data(), text_bytes, text.size());
    uint64_t events = 0;
    size_t length = 0;
    for (auto record : document["Records"]) {
      std::string_view value;
      auto object = record.get_object();
      if (object["eventName"].get(value) == simdjson::SUCCESS) length += value.size();
      if (object["errorCode"].get(value) == simdjson::SUCCESS) length += value.size();
      ++events;
    }
    return length == 0 ? 0 : events;
  }

  uint64_t parse_whole() {
    simdjson::dom::array records;
    if (dom.parse(text.data(), text_bytes, false)["Records"].get(records) != simdjson::SUCCESS)
      return 0;
    return records.size();
  }

  size_t text_bytes = 0;
};

void work(const std::vector<fs::path>& files, bool dom, Totals& totals) {
  Worker worker;
  uint64_t events = 0;
  uint64_t bytes = 0;
  for (size_t i = totals.next++; i < files.size(); i = totals.next++) {
    if (!worker.load(files[i])) {
      totals.failed = true;
      break;
    }
    events += dom ? worker.parse_whole() : worker.parse_lazily();
    bytes += worker.text_bytes;
  }
  totals.events += events;
  totals.bytes += bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: inflate_parse FOLDER [THREADS] [--dom]\n");
    return 2;
  }
  const bool dom = std::string_view(argv[argc - 1]) == "--dom";
  const int wanted = argc > 2 ? std::atoi(argv[2]) : 0;
  const unsigned threads = wanted > 0 ? static_cast<unsigned>(wanted)
                                      : std::max(1U, std::thread::hardware_concurrency());
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(argv[1]))
    if (entry.is_regular_file() && entry.path().extension() == ".gz") files.push_back(entry.path());
  Totals totals;
  std::vector<std::thread> pool;
  for (unsigned i = 0; i < threads; ++i)
    pool.emplace_back(work, std::cref(files), dom, std::ref(totals));
  for (auto& thread : pool) thread.join();
  if (totals.failed) {
    std::fprintf(stderr, "inflate_parse: a file could not be read\n");
    return 1;
  }
  std::printf("%llu,%llu\n", static_cast<unsigned long long>(totals.events.load()),
              static_cast<unsigned long long>(totals.bytes.load()));
  return 0;
}

// One factory per format.
#pragma once

#include "render/row_writer.h"

namespace cairn::render::internal {

std::unique_ptr<RowWriter> make_table_writer(std::vector<Header> headers,
                                             const WriterOptions& options, ByteSink& sink);
std::unique_ptr<RowWriter> make_vertical_writer(const std::vector<Header>& headers,
                                                const WriterOptions& options, ByteSink& sink);
std::unique_ptr<RowWriter> make_csv_writer(std::vector<Header> headers,
                                           const WriterOptions& options, ByteSink& sink);
std::unique_ptr<RowWriter> make_markdown_writer(const std::vector<Header>& headers, ByteSink& sink);
std::unique_ptr<RowWriter> make_json_writer(const std::vector<Header>& headers, bool lines,
                                            ByteSink& sink);

/// A field as a table shows it: one line, NULL marked, a text "NULL" in quotes.
std::string table_text(const Field& field);

}  // namespace cairn::render::internal

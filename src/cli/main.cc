#include "cli/program.h"

int main(int argc, char** argv) {
  return cairn::cli::run_program(argc, argv);
}

// For tests of what may not be read or written: root is held to the modes of files, too.
#pragma once

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace cairn::io::testing {

/// While it lives the calling thread cannot override the permissions of files (capabilities(7):
/// CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH), as whoever is not root never can. access(2) does not
/// notice: it asks for what a thread may take back.
class OrdinaryRights {
 public:
  OrdinaryRights() {
    ok_ = syscall(SYS_capget, &header_, before_.data()) == 0;
    auto now = before_;
    now[0].effective &= ~(1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
    ok_ = ok_ && syscall(SYS_capset, &header_, now.data()) == 0;
  }

  OrdinaryRights(const OrdinaryRights&) = delete;
  OrdinaryRights& operator=(const OrdinaryRights&) = delete;

  ~OrdinaryRights() {
    if (ok_) syscall(SYS_capset, &header_, before_.data());
  }

  bool ok() const { return ok_; }

 private:
  __user_cap_header_struct header_{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> before_{};
  bool ok_ = false;
};

}  // namespace cairn::io::testing

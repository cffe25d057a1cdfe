# Sourced by ./run and ./test, after they set `root`: installs what is missing and builds.
# Everything that people read goes to standard error, so that `./run sql … | …` stays clean.

# ccache keeps its files in the home folder, which may be read-only or missing.
[ -w "${HOME-}" ] || export CCACHE_DIR="${CCACHE_DIR-$root/build/ccache}"

say() { printf '%s\n' "$*" >&2; }

die() {
  say "cairn: $1"
  shift
  for hint in "$@"; do say "hint: $hint"; done
  exit 1
}

# packages_of SECTION...: the names in tools/packages.txt.
packages_of() {
  for section in "$@"; do sed -n "s/^$section: *//p" "$root/tools/packages.txt"; done
}

# missing_packages SECTION...: those that are not installed.
missing_packages() {
  local wanted installed
  wanted=$(packages_of "$@" | tr -s ' ' '\n' | sort -u)
  installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^ii *//p' | sort -u)
  comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed")
}

# The list of packages may be days older than the archive, so an install that fails is tried once
# more with a fresh list. A machine that has nothing to install never touches the network.
apt_install() { # SUDO PACKAGE...
  local sudo=$1
  shift
  local log="$root/build/apt.log"
  local install=(apt-get install -y -q --no-install-recommends "$@")
  $sudo env DEBIAN_FRONTEND=noninteractive "${install[@]}" >"$log" 2>&1 && return
  $sudo apt-get update -q >"$log" 2>&1 || true
  $sudo env DEBIAN_FRONTEND=noninteractive "${install[@]}" >>"$log" 2>&1 && return
  tail -n 5 "$log" >&2
  return 1
}

# install_packages SECTION...: does nothing when all are there. Asks a person before it uses sudo.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    command -v cmake >/dev/null && command -v ninja >/dev/null && return
    die "this is not Debian, and cmake or ninja is missing" \
      "install what tools/packages.txt names in this system's way, then try again"
  fi
  local missing sudo="" answer
  missing=$(missing_packages "$@" | tr '\n' ' ')
  missing=${missing% }
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "Debian packages are missing and only root can install them: $missing" \
        "as root: apt-get install --no-install-recommends $missing"
    sudo=sudo
    if [ -t 0 ] && [ -t 2 ]; then
      say "These Debian packages are missing: $missing"
      printf 'Install them with sudo apt-get? [Y/n] ' >&2
      read -r answer
      case "$answer" in "" | [Yy]*) ;; *) die "nothing was installed" "sudo apt-get install --no-install-recommends $missing" ;; esac
    elif ! sudo -n true 2>/dev/null; then
      die "Debian packages are missing, and sudo wants a password with nobody at the terminal: $missing" \
        "sudo apt-get install --no-install-recommends $missing"
    fi
  fi
  say "cairn: installing $missing"
  mkdir -p "$root/build"
  # shellcheck disable=SC2086
  apt_install "$sudo" $missing ||
    die "apt-get could not install the packages above; its output is in build/apt.log"
}

# The pinned libduckdb and its header, under build/deps; npm is needed for the first time only.
fetch_duckdb() {
  "$root/tools/fetch_duckdb.sh" --check && return
  command -v npm >/dev/null || install_packages fetch
  say "cairn: fetching DuckDB"
  "$root/tools/fetch_duckdb.sh" ||
    die "DuckDB could not be fetched" "npm must reach its registry; 'npm ping' tells"
}

# build PRESET TARGET...: configures build/PRESET when it must be and builds; prints nothing when there is nothing to do.
build() { python3 "$root/tools/build.py" "$root" "$@"; }

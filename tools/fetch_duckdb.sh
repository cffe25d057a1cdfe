#!/bin/sh
# Puts DuckDB's shared library and C header under build/deps/duckdb. The library comes from the npm
# package that ships it prebuilt, the header from the source that the npm package `duckdb` carries.
# Does nothing when the pinned version is already there; needs npm only for the first time.
# With --check it only tells (by its exit code) whether that version is there.
set -eu
library=@duckdb/node-bindings-linux-x64@1.5.6-r.1
library_sha256=1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff
header=duckdb@1.4.4
header_sha256=5bb967dcbcd517670ba5f169f238fb9d6787e53752c60ebe24386169d76941ed

root=$(cd "$(dirname "$0")/.." && pwd)
target="$root/build/deps/duckdb"
stamp="$target/stamp"
wanted="$library $library_sha256 $header $header_sha256"
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0
[ "${1-}" = --check ] && exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# npm keeps what it fetches in the home folder, which may be read-only or missing.
[ -w "${HOME-}" ] || export npm_config_cache="$work/cache"
fetch() { # package sha256 member...
  package=$1 sum=$2
  shift 2
  archive=$(cd "$work" && npm pack --silent "$package" | tail -n 1)
  echo "$sum  $work/$archive" | sha256sum --check --quiet || {
    echo "fetch_duckdb: $package does not have the pinned checksum" >&2
    exit 1
  }
  tar -xzf "$work/$archive" -C "$work" "$@"
}
fetch "$library" "$library_sha256" package/libduckdb.so package/LICENSE
fetch "$header" "$header_sha256" package/src/duckdb/src/include/duckdb.h
mkdir -p "$target/lib" "$target/include"
mv "$work/package/libduckdb.so" "$target/lib/"
mv "$work/package/src/duckdb/src/include/duckdb.h" "$target/include/"
mv "$work/package/LICENSE" "$target/"
echo "$wanted" >"$stamp"

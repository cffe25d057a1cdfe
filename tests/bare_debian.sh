#!/usr/bin/env bash
# Tries ./run and ./test where nothing is installed: bare_debian.sh FOLDER [COMMAND…]
#
# Makes a minimal Debian 12 in FOLDER (debootstrap; kept and used again if it is there), clones the
# committed state of this repository into it and runs the commands there, each a line for bash in the
# clone; by default `./run demo`, `./run --version` a second time, and `./test`. With CAIRN_BARE_USER=1
# they run as a user who has sudo instead of root. CAIRN_BARE_PLACE names the clone below the home folder,
# for instance "wéird dir/cairn"; else it is `cairn`. The archive mirror, proxy, certificates and npm
# settings of this machine are taken over. Ends with 1 if a command failed. Needs root, debootstrap and a
# network; not part of ./test.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 1 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "bare_debian: only root can make a chroot" >&2; exit 1; }
bare=$(realpath -m "$1")
shift
if [ $# -eq 0 ]; then set -- "./run demo" "time ./run --version" "./test"; fi

[ -x "$bare/bin/bash" ] || debootstrap --variant=minbase bookworm "$bare" >"$bare.debootstrap.log"

# How this machine reaches the outside.
mkdir -p "$bare/usr/local/share/ca-certificates" "$bare/usr/etc"
cp /etc/resolv.conf /etc/hosts "$bare/etc/"
cp -r /usr/local/share/ca-certificates/. "$bare/usr/local/share/ca-certificates/"
[ ! -f /etc/apt/sources.list.d/debian.sources ] || {
  cp /etc/apt/sources.list.d/debian.sources "$bare/etc/apt/sources.list.d/"
  : >"$bare/etc/apt/sources.list"
}
grep -hE '^Acquire::(http|https|Check)' /etc/apt/apt.conf.d/* >"$bare/etc/apt/apt.conf.d/90machine" 2>/dev/null || true
for file in /etc/npmrc /usr/etc/npmrc; do [ ! -f "$file" ] || cp "$file" "$bare$file"; done

mounted=()
finish() { for point in "${mounted[@]}"; do umount -l "$point"; done; }
trap finish EXIT
for kind in proc sysfs; do
  point="$bare/${kind/sysfs/sys}"
  mountpoint -q "$point" || { mount -t "$kind" "$kind" "$point" && mounted+=("$point"); }
done
mountpoint -q "$bare/dev" || { mount --bind /dev "$bare/dev" && mounted+=("$bare/dev"); }

mountpoint -q "$bare/dev/shm" || { mount -t tmpfs -o mode=1777 tmpfs "$bare/dev/shm" && mounted=("$bare/dev/shm" "${mounted[@]}"); }
mountpoint -q "$bare/dev/pts" || { mount -t devpts devpts "$bare/dev/pts" && mounted=("$bare/dev/pts" "${mounted[@]}"); }

user=root home=/root
if [ -n "${CAIRN_BARE_USER-}" ]; then
  user=newcomer home=/home/newcomer
  chroot "$bare" bash -c "id $user >/dev/null 2>&1 || useradd -m -s /bin/bash $user
    command -v sudo >/dev/null || { apt-get update -q && apt-get install -y -q --no-install-recommends sudo; } >/dev/null
    echo '$user ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/$user"
fi
place=${CAIRN_BARE_PLACE:-cairn}
clone="$home/$place"
rm -rf "${bare:?}$clone"
mkdir -p "$(dirname "$bare$clone")"
git clone --quiet --no-hardlinks "$root" "$bare$clone"
chroot "$bare" chown -R "$user" "$home/${place%%/*}"

failed=0
for command in "$@"; do
  printf '\n==> %s (as %s)\n' "$command" "$user"
  started=$SECONDS
  code=0
  chroot "$bare" env -i HOME="$home" USER="$user" LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    su "$user" -s /bin/bash -c "cd $(printf %q "$clone") && $command" </dev/null || code=$?
  printf '<== exit code %s after %s s\n' "$code" $((SECONDS - started))
  [ "$code" -eq 0 ] || failed=1
done
exit "$failed"

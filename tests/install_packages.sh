#!/bin/sh
# Installs what tests use beside Python's packages, where it may: Debian's packages (feed readers and
# a browser), and by npm what audits pages for those who use a keyboard or a screen reader. Elsewhere
# it says what is missing, and the tests that need it are skipped with the same words.
set -eu
here=$(dirname "$0")
missing=
for name in $(sed '/^#/d' "$here/packages.txt"); do
  dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null |
    grep -qx installed || missing="$missing $name"
done
command -v npm >/dev/null || missing="$missing npm" # it may have come from anywhere
if [ -n "$missing" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing for the tests:$missing"
  export DEBIAN_FRONTEND=noninteractive
  # Machines that were just started are often at their own updates: for those it waits (seconds).
  wait=-oDPkg::Lock::Timeout=300
  apt-get update -qq || { sleep 20 && apt-get update -qq; } && # it does not wait by itself
    apt-get $wait install -qq -y --no-install-recommends $missing >/dev/null &&
    missing= || echo "could not be installed"
fi
[ -z "$missing" ] ||
  echo "some tests will be skipped; for all of them, as root: apt-get install$missing"
npm ci --silent --no-audit --no-fund --prefix "$here/browser" >/dev/null ||
  echo "some tests will be skipped: npm could not install axe-core"

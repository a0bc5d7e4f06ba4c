#!/bin/sh
# Installs the Debian packages that tests use, where it may; elsewhere it says what is missing, and
# the tests that need it are skipped with the same words.
set -eu
missing=
for name in $(sed '/^#/d' "$(dirname "$0")/packages.txt"); do
  dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null |
    grep -qx installed || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing for the tests:$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing >/dev/null && exit 0
  echo "could not be installed"
fi
echo "some tests will be skipped; for all of them, as root: apt-get install$missing"

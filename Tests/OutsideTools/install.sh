#!/bin/sh
# Installs the outside checkers into ${FEDERWERK_OUTSIDE_TOOLS:-.build/outside-tools}:
#   bin/python            has the packages of requirements.txt
#   bin/check_checkpoint  built from check_checkpoint/main.go
# and, as packages of the system, Graphviz and wal2json.
# Does nothing when they are there already; safe to run from several processes at once.
set -eu

sources=$(cd "$(dirname "$0")" && pwd)
tools=${FEDERWERK_OUTSIDE_TOOLS:-$sources/../../.build/outside-tools}
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)
stamp=$tools/installed

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

checksum() {
  cat "$sources/requirements.txt" "$sources/check_checkpoint/main.go" "$sources/install.sh" | sha256sum
}

is_installed() {
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(checksum)" ]
}

is_installed && exit 0
exec 9>"$tools.lock"
flock 9
is_installed && exit 0

python=/usr/bin/python3
[ -x "$python" ] || python=$(command -v python3 || echo "$python")

missing_packages() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  command -v go >/dev/null || echo golang-go
  [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/note ] || echo golang-golang-x-mod-dev
  command -v dot >/dev/null || echo graphviz
  for programs in /usr/lib/postgresql/*/bin; do
    if [ -x "$programs/postgres" ] && [ ! -e "${programs%/bin}/lib/wal2json.so" ]; then
      echo "postgresql-$(basename "${programs%/bin}")-wal2json"
    fi
  done
}

install_packages() {
  packages=$*
  command -v apt-get >/dev/null ||
    fail "needs Python 3.11 with venv, Go, golang.org/x/mod under /usr/share/gocode, and Graphviz; on Debian: $packages"
  if [ "$(id -u)" = 0 ]; then
    as_root=env
  elif sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
    as_root=sudo
  else
    fail "run as root: apt-get install --no-install-recommends $packages"
  fi
  echo "install.sh: installing Debian packages: $packages" >&2
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  $as_root apt-get install -qq -y --no-install-recommends $packages >&2 || {
    # A bare image has no package lists.
    $as_root apt-get update -qq >&2
    $as_root apt-get install -qq -y --no-install-recommends $packages >&2
  } || fail "couldn't install $packages"
}

missing=$(missing_packages)
# shellcheck disable=SC2086
[ -z "$missing" ] || install_packages $missing

rm -f "$stamp"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python is older than 3.11"
"$python" -m venv --clear "$tools" || fail "couldn't make a Python environment in $tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
  --requirement "$sources/requirements.txt" || fail "couldn't install the packages of $sources/requirements.txt"
"$tools/bin/python" -m pip check >/dev/null || fail "requirements.txt does not name all that its packages need"

# Debian's Go libraries lie in a GOPATH; without modules nothing is looked for on the network.
(cd "$sources/check_checkpoint" && env GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOTOOLCHAIN=local \
  GOPROXY=off CGO_ENABLED=0 GOCACHE="$tools/go-cache" go build -o "$tools/bin/check_checkpoint" main.go) ||
  fail "couldn't build check_checkpoint"
rm -rf "$tools/go-cache"

checksum >"$stamp"

# Sourced by the other scripts: finds what Tern needs to build, and installs what is missing.

say() { printf '%s\n' "$*"; }

# The Debian and Ubuntu packages, each with a file that shows it is there.
tern_packages() {
  local name file
  while read -r name file; do
    compgen -G "$file" > /dev/null || printf '%s ' "$name"
  done <<'LIST'
libopenblas-dev /usr/include/*/cblas.h
liblapacke-dev /usr/include/lapacke.h
zlib1g-dev /usr/include/zlib.h
libjpeg-dev /usr/include/jpeglib.h
libpng-dev /usr/include/png.h
pkg-config /usr/bin/pkg-config
LIST
}

tern_setup() {
  if ! command -v swift > /dev/null; then
    say "Swift is not installed: get it from https://www.swift.org/install/linux (6.2 or later), then run this again."
    exit 1
  fi
  local missing sudo=
  missing=$(tern_packages)
  [ -z "$missing" ] && return
  if ! command -v apt-get > /dev/null; then
    if pkg-config --exists openblas zlib libjpeg libpng 2> /dev/null; then return; fi
    say "Install the development packages of OpenBLAS, LAPACKE, zlib, libjpeg-turbo and libpng (on Debian: $missing), then run this again."
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    sudo=sudo
    if ! command -v sudo > /dev/null; then
      say "As root, install: apt-get install $missing"
      exit 1
    fi
  fi
  say "Installing $missing"
  $sudo apt-get update -qq || true
  # The list is split into words on purpose.
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing > /dev/null
}

# Installs a browser for the tests that look at reports where one can be had; without one they say that they are skipped.
tern_browser() {
  if command -v chromium > /dev/null || command -v google-chrome > /dev/null; then return; fi
  if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then return; fi
  say "Installing chromium"
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null ||
    say "chromium could not be installed: reports are not looked at"
}

# Builds the command `tern` of the checkout $1 in release and says how to read the wait; TERN_BUILT=1 takes what is built.
tern_build() {
  local checkout=$1 log
  [ -z "${TERN_BUILT:-}" ] || return 0
  [ -x "$checkout/.build/release/tern" ] || say "Building Tern; the first build takes two to four minutes."
  mkdir -p "$checkout/.build"
  log=$(mktemp -p "$checkout/.build")
  if ! swift build --package-path "$checkout" -c release --product tern > "$log" 2>&1; then
    cat "$log"
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

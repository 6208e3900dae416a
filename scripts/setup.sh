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
  local missing
  missing=$(tern_packages)
  [ -z "$missing" ] && return
  if ! command -v apt-get > /dev/null; then
    if pkg-config --exists openblas zlib libjpeg libpng 2> /dev/null; then return; fi
    say "Install the development packages of OpenBLAS, LAPACKE, zlib, libjpeg-turbo and libpng (on Debian: $missing), then run this again."
    exit 1
  fi
  tern_install "$missing"
}

# Installs the Debian packages $1, a list.
tern_install() {
  local missing=$1 sudo=
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

# Finds MPI or installs it: $1 is openmpi, mpich or nothing, which takes what is there, else Open MPI. Sets TERN_MPIRUN, the
# launcher, PKG_CONFIG_PATH, where the build finds that MPI under the name mpi, and UCX_DEBUG_SIGNO.
tern_mpi_setup() {
  local kind=${1:-} module=mpi suffix= missing=
  case "$kind" in
    openmpi) module=ompi ;;
    mpich) module=mpich ;;
  esac
  [ -z "$kind" ] || suffix=.$kind
  # Debian's launchers have the name of their MPI behind them; elsewhere there is one.
  command -v "mpirun$suffix" > /dev/null || suffix=
  if ! pkg-config --exists "$module" 2> /dev/null; then
    [ "$kind" = mpich ] && missing="libmpich-dev " || missing="libopenmpi-dev "
  fi
  if ! command -v "mpirun$suffix" > /dev/null || { [ -n "$kind" ] && [ -n "$missing" ]; }; then
    [ "$kind" = mpich ] && missing+="mpich" || missing+="openmpi-bin"
  fi
  if [ -n "$missing" ]; then
    if ! command -v apt-get > /dev/null; then
      say "Install an MPI with its development files, such as Open MPI (on Debian: $missing), then run this again."
      exit 1
    fi
    tern_install "$missing"
    [ -z "$kind" ] || suffix=.$kind
  fi
  TERN_MPIRUN=$(command -v "mpirun$suffix" || command -v mpirun)
  export TERN_MPIRUN
  # UCX, which Debian's MPICH loads with the program, else takes SIGHUP for itself: `nohup` would not hold.
  export UCX_DEBUG_SIGNO=${UCX_DEBUG_SIGNO:-0}
  if [ -n "$kind" ]; then
    local folder
    folder=$(mktemp -d)
    # Without the linker's own flags, which the package manager refuses.
    printf 'Name: mpi\nDescription: %s\nVersion: %s\nCflags: %s\nLibs: %s\n' "$kind" "$(pkg-config --modversion "$module")" \
      "$(pkg-config --cflags-only-I "$module")" "$(pkg-config --libs-only-L --libs-only-l "$module")" > "$folder/mpi.pc"
    export PKG_CONFIG_PATH=$folder${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
  fi
}

# Runs a command as $1 ranks on this machine.
tern_mpirun() {
  local ranks=$1 flags=()
  shift
  if "$TERN_MPIRUN" --version 2> /dev/null | grep -q 'Open MPI\|OpenRTE'; then
    # Threads go where the system puts them: Tern divides the processors by the number of ranks.
    flags+=(--bind-to none)
    [ "$ranks" -le "$(nproc)" ] || flags+=(--oversubscribe)
    [ "$(id -u)" != 0 ] || flags+=(--allow-run-as-root)
  fi
  exec "$TERN_MPIRUN" ${flags[@]+"${flags[@]}"} -n "$ranks" "$@"
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
# $2 is the folder of the build, .build where it is missing; what follows goes to `swift build`.
tern_build() {
  local checkout=$1 folder=$1/${2:-.build} log
  [ -z "${TERN_BUILT:-}" ] || return 0
  [ -x "$folder/release/tern" ] || say "Building Tern; the first build takes two to four minutes."
  mkdir -p "$folder"
  log=$(mktemp -p "$folder")
  if ! swift build --package-path "$checkout" --scratch-path "$folder" -c release --product tern "${@:3}" > "$log" 2>&1; then
    cat "$log"
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

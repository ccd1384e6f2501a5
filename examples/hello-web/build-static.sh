#!/bin/sh
# Builds the server as one static binary, dist/hello-web: all that the Dockerfile's `static` target needs.
set -eu
cd "$(dirname "$0")"
# What a caller has set for a build of its own must not reach this one.
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS RUSTFLAGS
# The C library is linked in. An explicit --target keeps the flag away from build scripts.
target=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS='-C target-feature=+crt-static' cargo build --quiet --release --locked --target "$target" --target-dir target
mkdir -p dist
# Left alone when nothing has changed, so that `docker build` finds its layer in the cache.
cmp -s "target/$target/release/hello-web" dist/hello-web || cp "target/$target/release/hello-web" dist/hello-web

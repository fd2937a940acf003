#!/bin/sh
# Needs clang and lld (Debian: apt-get install --no-install-recommends clang lld). Where wasm-opt is in PATH, clang runs it:
# an old one does not know SIMD, so keep binaryen out of the way.
set -eu
cd "$(dirname "$0")"
clang --target=wasm32 -O3 -msimd128 -nostdlib -ffreestanding -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=65536 -o priority.wasm priority.c

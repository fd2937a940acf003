#!/bin/sh
# Needs rustc with the target wasm32-unknown-unknown, and lld. Debian: apt-get install --no-install-recommends rustc
# libstd-rust-dev-wasm32 lld; name that rustc by its path (RUSTC=/usr/bin/rustc) where another stands earlier in PATH.
# By rustup: rustup target add wasm32-unknown-unknown.
set -eu
cd "$(dirname "$0")"
${RUSTC:-rustc} --edition 2021 --crate-type cdylib -O -C target-feature=+simd128 -C panic=abort -C strip=symbols -C link-arg=-zstack-size=65536 -C linker=wasm-ld -C linker-flavor=wasm-ld --target wasm32-unknown-unknown priority.rs -o priority.wasm

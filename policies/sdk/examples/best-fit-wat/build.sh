#!/bin/sh
# Needs wat2wasm of wabt: apt-get install wabt, or npm i wabt@1.0.39 and WAT2WASM="npx wat2wasm".
set -eu
cd "$(dirname "$0")"
cat best-fit.wat sched1.wat > best-fit.module.wat
${WAT2WASM:-wat2wasm} best-fit.module.wat -o best-fit.wasm
rm best-fit.module.wat

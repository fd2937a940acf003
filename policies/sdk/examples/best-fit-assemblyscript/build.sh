#!/bin/sh
# Needs Node.js and npm i assemblyscript@0.28.20; ASC names a compiler that lies elsewhere.
set -eu
cd "$(dirname "$0")"
${ASC:-npx asc} best-fit.ts -O3 --noAssert --runtime stub --use abort= -o best-fit.wasm

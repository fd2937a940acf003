#!/bin/sh
# Builds reports/assets/echarts.js from npm's echarts with esbuild, both pinned by package-lock.json, and checks or (with
# --update) rewrites reports/assets/SHA256SUMS. The same inputs give the same bytes.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
out=$(CDPATH= cd -- "$here/../../reports/assets" && pwd)
cd "$here"
npm ci --silent --no-audit --no-fund --ignore-scripts

version=$(node -p "require('echarts/package.json').version")
cat >banner.tmp <<END
/*!
 * Apache ECharts $version, a custom build by the Orrery project: the chart types and components that its reports use,
 * bundled and minified by esbuild from the unmodified npm package. The recipe is tools/assets in Orrery's repository.
 *
 * Licensed to the Apache Software Foundation (ASF) under one or more contributor license agreements. See the NOTICE file
 * distributed with this work for additional information regarding copyright ownership. The ASF licenses this file to you
 * under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *   www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed on an
 * "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for the specific
 * language governing permissions and limitations under the License.
 *
 * It contains zrender, code derived from d3, and tslib, under these terms:
 *
$(sed 's,https*://,,g; s/^/ * /; s/ *$//' node_modules/zrender/LICENSE node_modules/echarts/licenses/LICENSE-d3 node_modules/tslib/LICENSE.txt | tr -d '\r')
 */
END
node node_modules/esbuild/bin/esbuild entry.js --bundle --minify --format=iife --global-name=echarts --target=es2019 \
	--charset=ascii --legal-comments=none --log-level=warning --define:process.env.NODE_ENV='"production"' \
	--banner:js="$(cat banner.tmp)" --outfile="$out/echarts.js"
rm -f banner.tmp
cp node_modules/echarts/LICENSE node_modules/echarts/NOTICE "$out/"
cp node_modules/echarts/licenses/LICENSE-d3 "$out/LICENSE-d3"
cp node_modules/zrender/LICENSE "$out/LICENSE-zrender"
cp node_modules/tslib/LICENSE.txt "$out/LICENSE-tslib"

cd "$out"
if [ "${1:-}" = --update ]; then
	sha256sum echarts.js LICENSE NOTICE LICENSE-d3 LICENSE-zrender LICENSE-tslib >SHA256SUMS
else
	sha256sum -c --quiet SHA256SUMS
fi

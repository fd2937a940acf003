# make demo   builds, runs a shipped scenario under three policies and writes a report
# make test   everything the tests need is installed by this one command
GO       ?= go
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS  := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 20s

.PHONY: build demo test unit e2e crash churn browser test-long bench pgo fuzz lint docs guests assets clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/orrery ./cmd/orrery

demo: build
	@rm -rf runs/demo
	bin/orrery run scenarios/library/two-weeks.yaml --policy fifo+none+first-fit --out runs/demo/fcfs --quiet
	bin/orrery run scenarios/library/two-weeks.yaml --policy fifo+easy+first-fit --out runs/demo/easy --quiet
	bin/orrery run scenarios/library/two-weeks.yaml --policy sjf+easy+first-fit --out runs/demo/sjf-easy --quiet
	bin/orrery compare runs/demo/fcfs runs/demo/easy runs/demo/sjf-easy --out runs/demo/compare.html

test: lint unit e2e browser

unit: wabt clang
	ORRERY_TOOLCHAINS=1 $(GO) test -pgo=off ./...

# The tests of Wasm modules build their fixtures from text with wat2wasm, of the package wabt.
.PHONY: wabt
wabt:
	@command -v wat2wasm >/dev/null 2>&1 || { echo 'installing wabt'; apt-get update -qq && apt-get install -y -qq --no-install-recommends wabt >/dev/null; } || \
	  { echo 'the tests of Wasm modules need wat2wasm: install it (Debian: apt-get install wabt) and run make test again'; exit 1; }

# What builds the guests in C from their sources. clang and lld are installed with apt-get where they are missing and we may.
.PHONY: clang
clang:
	@{ command -v clang && command -v wasm-ld; } >/dev/null 2>&1 || { echo 'installing clang and lld'; apt-get update -qq && apt-get install -y -qq --no-install-recommends clang lld >/dev/null; } || \
	  { echo 'the tests build guests with clang and wasm-ld: install them (Debian: apt-get install clang lld) and run make test again'; exit 1; }

# The built program, driven by the clouds' official client runtimes.
e2e:
	cd e2e && $(GO) test ./...

# Killed under load, again and again, and out of room: nothing acknowledged is lost, nothing read is undone.
crash:
	cd e2e && ORRERY_CRASH_ROUNDS=$${ROUNDS:-200} $(GO) test -timeout 60m -v -run 'Killed|FullDisk' .

# An hour of calls, at a hundred a second, as fast as they go: no goroutine and no memory stays behind.
churn:
	ORRERY_CHURN=$${OPERATIONS:-360000} $(GO) test -pgo=off -count 1 -timeout 60m -v -run Churn ./api

# A report in a real browser. Chromium is installed with apt-get where it is missing and we may.
browser: tools/browser/chromium
	cd tools/browser && $(GO) test ./...

.PHONY: tools/browser/chromium
tools/browser/chromium:
	@command -v chromium >/dev/null 2>&1 || { echo 'installing chromium'; apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  { echo 'the browser tests need chromium: install it (Debian: apt-get install chromium) and run make test again'; exit 1; }

lint:
	@test -z "$$(gofmt -l $$(git ls-files "*.go"))" || { gofmt -l $$(git ls-files "*.go"); exit 1; }
	$(GO) vet ./...
	cd tools/browser && $(GO) vet ./...
	cd e2e && $(GO) vet ./...

# Longer rings: the race detector, and random tests many times over.
test-long: wabt
	$(GO) test -pgo=off -race -timeout 60m ./...
	for d in $$(grep -rl --include='*_test.go' pgregory.net/rapid . | xargs -n1 dirname | sort -u); do \
	  $(GO) test -timeout 60m $$d -rapid.checks=$${CHECKS:-2000} || exit 1; done

# The budget of a job by stage, loads with their mean waits beside bare loops of the same work, the writing of folders; ready for
# benchstat, built with the profile that guides the build of bin/orrery. COUNT=10 for ten counts.
bench:
	$(GO) test -pgo=$(CURDIR)/cmd/orrery/default.pgo -run '^$$' -bench . -benchmem -count $${COUNT:-1} ./sim/... ./policies/... ./scenarios/... ./api/...
	cd e2e && $(GO) test -run '^$$' -bench . -count $${COUNT:-1} .

# The profile that the compiler is guided by (cmd/orrery/default.pgo), taken anew from the loads that the speed is promised for.
pgo: | bin
	$(GO) test -trimpath -pgo=off -run '^$$' -bench 'Load' -benchtime 3s -outputdir $(CURDIR)/bin -cpuprofile pgo.prof -o bin/pgo.test ./sim
	cd tools && $(GO) run ./pgo <../bin/pgo.prof >../cmd/orrery/default.pgo

bin:
	mkdir -p bin

fuzz: wabt
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s $$p || exit 1; done; done

# What is made from the code: pages of policies, scenario keys, schema, formats; the offsets of the ABI, the SDKs.
docs:
	$(GO) test ./cmd/orrery -run Pages -update
	$(GO) test ./scenarios/trace -run Page -update
	$(GO) test ./policies/sched1 -update
	$(GO) test ./policies/sdk/generate -update

# The committed modules of the examples, of every language whose compiler is here (RUSTC, ASC, ZIG and WAT2WASM name others).
guests:
	@for b in policies/sdk/examples/*/build.sh; do echo $$b; $$b || echo "left as it is: $$b"; done
	chmod 644 policies/sdk/examples/*/*.wasm
	$(GO) test ./policies/sdk -run Sums -update

assets:
	tools/assets/build.sh

clean:
	rm -rf bin runs

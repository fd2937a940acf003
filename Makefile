# make demo   builds, runs a shipped scenario under three policies and writes a report
# make test   everything the tests need is installed by this one command
GO       ?= go
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS  := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 20s

.PHONY: build demo test unit browser test-long bench pgo fuzz lint docs assets clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/orrery ./cmd/orrery

demo: build
	@rm -rf runs/demo
	bin/orrery run scenarios/library/two-weeks.yaml --policy fifo+none+first-fit --out runs/demo/fcfs --quiet
	bin/orrery run scenarios/library/two-weeks.yaml --policy fifo+easy+first-fit --out runs/demo/easy --quiet
	bin/orrery run scenarios/library/two-weeks.yaml --policy sjf+easy+first-fit --out runs/demo/sjf-easy --quiet
	bin/orrery compare runs/demo/fcfs runs/demo/easy runs/demo/sjf-easy --out runs/demo/compare.html

test: lint unit browser

unit:
	$(GO) test -pgo=off ./...

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

# Longer rings: the race detector, and random tests many times over.
test-long:
	$(GO) test -pgo=off -race -timeout 60m ./...
	for d in $$(grep -rl --include='*_test.go' pgregory.net/rapid . | xargs -n1 dirname | sort -u); do \
	  $(GO) test -timeout 60m $$d -rapid.checks=$${CHECKS:-2000} || exit 1; done

# The budget of a job by stage, loads with their mean waits beside bare loops of the same work, the writing of folders; ready for
# benchstat, built with the profile that guides the build of bin/orrery. COUNT=10 for ten counts.
bench:
	$(GO) test -pgo=$(CURDIR)/cmd/orrery/default.pgo -run '^$$' -bench . -benchmem -count $${COUNT:-1} ./sim/... ./policies/... ./scenarios/...

# The profile that the compiler is guided by (cmd/orrery/default.pgo), taken anew from the loads that the speed is promised for.
pgo: | bin
	$(GO) test -trimpath -pgo=off -run '^$$' -bench 'Load' -benchtime 3s -outputdir $(CURDIR)/bin -cpuprofile pgo.prof -o bin/pgo.test ./sim
	cd tools && $(GO) run ./pgo <../bin/pgo.prof >../cmd/orrery/default.pgo

bin:
	mkdir -p bin

fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done

# Pages made from the code: policies, scenario keys, schema, formats.
docs:
	$(GO) test ./cmd/orrery -run Pages -update
	$(GO) test ./scenarios/trace -run Page -update

assets:
	tools/assets/build.sh

clean:
	rm -rf bin runs

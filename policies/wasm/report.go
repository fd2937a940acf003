package wasm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/wasm/rewrite"
)

// Report is what a run says of a guest beside its decisions. It is the same on every machine.
type Report struct {
	Policy string // its own name
	Module string // its file
	SHA256 string
	Calls  uint64
	Fuel   uint64 // used by all calls
	Failed int    // instances that failed under Drop
	Fallen bool   // it failed under Fallback: a native part stood in from then on
	Notes  []string
}

// Versions of what a guest's run depends on.
const (
	ABI          = sched1.Module
	ABIMinor     = sched1.Minor
	FuelSchedule = rewrite.Version
)

// Report is what is known of the guest so far.
func (g *guest) Report() Report {
	return Report{Policy: g.Name(), Module: g.module.Name, SHA256: g.module.Hash, Calls: g.calls(), Fuel: g.spent + g.in.spent, Failed: g.failures, Fallen: g.fallen, Notes: g.said()}
}

// said are the guest's notes, and where it asks so the last lines that it logged.
func (g *guest) said() []string {
	notes := slices.Clip(g.notes)
	if !g.module.Has(sched1.HookInit) { // which may have read the parameters as JSON
		for _, key := range g.options.Params.keys {
			if key != "x" && !g.in.asked[key] {
				notes = append(notes, fmt.Sprintf("%s never asked for the parameter %s", g.Name(), key))
			}
		}
	}
	if g.in.desc.flags&sched1.DescLogs != 0 {
		for _, line := range g.in.said() {
			notes = append(notes, g.Name()+" says: "+line)
		}
	}
	return notes
}

// calls are those of all instances.
func (g *guest) calls() uint64 { return g.before + g.in.calls }

// Clairvoyant reports whether the guest declares that it uses true durations.
func (g *guest) Clairvoyant() bool { return g.in.desc.flags&sched1.DescClairvoyant != 0 }

// Close frees the guest's memory. It must not be asked anything afterwards.
func (g *guest) Close() error {
	g.in.close()
	return nil
}

// shared is the host of this process.
var shared = sync.OnceValues(func() (*Host, error) {
	dir, ok := os.LookupEnv("ORRERY_CACHE")
	if !ok {
		base, err := os.UserCacheDir()
		if err != nil {
			return NewHost("") // no home: nothing is kept
		}
		dir = filepath.Join(base, "orrery", "wasm")
		if err := os.MkdirAll(filepath.Dir(dir), 0o700); errors.Is(err, os.ErrPermission) || isReadOnly(err) {
			return NewHost("")
		}
	}
	return NewHost(dir)
})

// Shared is the host of this process: compiled modules are kept in $ORRERY_CACHE, or where that is empty nowhere, else in the user's
// cache folder, where there is one that can be written.
func Shared() (*Host, error) { return shared() }

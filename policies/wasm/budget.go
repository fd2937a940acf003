package wasm

// Budget is how much fuel a guest's calls may use. Fuel is a bucket: a call adds Base, PerItem for each thing it is asked about,
// PerEvent for each event it is told of and PerRow for each row of the tables that the guest wants; what it does not use is kept, up to Burst, so that a guest's collection of
// garbage passes. One unit is about one instruction (package rewrite has the schedule).
type Budget struct {
	Base, PerItem, PerEvent, PerRow, Burst int64

	// Alone is what a guest may use of calls between which nothing happens but its own timers, expiring keys and decisions: such a
	// run might never end. A call counts as 100,000 at least. 0 = the default.
	Alone       int64
	MemoryPages uint32 // of 64 KiB that its memory may have
}

// DefaultBudget is what a scenario that says nothing gives.
func DefaultBudget() Budget {
	return Budget{Base: 2_000_000, PerItem: 500, PerEvent: 5000, PerRow: 50, Burst: 100_000_000, Alone: 10_000_000_000, MemoryPages: 1024}
}

// check refuses figures that make no sense or do not add up within an int64.
func (b *Budget) check(module string) error {
	for _, x := range []struct {
		name    string
		v, most int64
	}{{"base", b.Base, maxBudget}, {"perItem", b.PerItem, maxEach}, {"perEvent", b.PerEvent, maxEach}, {"perRow", b.PerRow, maxEach},
		{"burst", b.Burst, maxBudget}, {"alone", b.Alone, maxBudget}} {
		if x.v < 0 || x.v > x.most {
			return loadError(module, "its budget gives %s %d units of fuel; wanted 0 to %d", x.name, x.v, x.most)
		}
	}
	return nil
}

// Limits of what a guest may ask for.
const (
	maxBudget   = 1e12        // of any figure of a budget
	maxEach     = 1e9         // of one for a thing, an event or a row: times the slots there can be it is an int64
	maxCalls    = 64          // of decide at one instant, for decisions that do not fit its buffer
	spareAnswer = 1024        // decisions at one instant beside one for each job and node
	maxTimers   = 1024        // pending at once
	maxEvents   = 1 << 16     // events that one call of decide is told of
	maxPasses   = 5000        // calls of decide at one instant
	minAlone    = 100_000     // fuel that a call between which nothing happens counts as at least
	aloneItem   = 5_000       // and for each thing that it is asked about: the host sorts what it answers
	maxMetrics  = 256         // names of series in a run
	maxValues   = 1 << 16     // of series in one pass
	maxName     = 128         // bytes of a metric's name
	maxLine     = 1024        // bytes of a line of output that are kept
	maxOutput   = 32          // lines of output that are kept
	maxText     = 4096        // bytes of an error's text
	firstFuel   = 100_000_000 // for the start section, _initialize and sched1_desc, together
)

// Package order holds the parts that say who is next. Each gives a job a key when it joins the queue; the smallest key is
// first, ties go to the earlier job number.
//
// An order must never look at true durations, at free capacity or at who is running where.
package order

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

// Rule is an order of the waiting queue.
type Rule uint8

// The rules.
const (
	// FIFO: by arrival.
	FIFO Rule = iota
	// SJF: the shortest estimated running time first.
	SJF
	// LJF: the longest estimated running time first.
	LJF
	// Priority: the largest priority first.
	Priority
	// SmallestFirst: the fewest GPUs first.
	SmallestFirst
	// FairByUser: jobs of the user who holds the fewest GPUs of the partition first.
	FairByUser
	// LAS: the job that has attained the least GPU time first.
	LAS
)

var names = [...]string{"fifo", "sjf", "ljf", "priority", "smallest-first", "fair-by-user", "las"}

func (r Rule) String() string { return names[r] }

// Names are the rules' names in scenarios.
func Names() []string { return append([]string(nil), names[:]...) }

// Parse reads a rule's name.
func Parse(name string) (Rule, error) {
	for i, n := range names {
		if n == name {
			return Rule(i), nil
		}
	}
	return 0, fmt.Errorf("no order %q (there are %v)", name, names)
}

// Key is a job's key when it joins the queue; userGPUs are the GPUs that its user holds.
func (r Rule) Key(j *state.Jobs, job int32, userGPUs int64) int64 {
	switch r {
	case SJF:
		return int64(j.Row[job].Estimate)
	case LJF:
		return -int64(j.Row[job].Estimate)
	case Priority:
		return -int64(j.Row[job].Priority)
	case SmallestFirst:
		return int64(j.Row[job].GPUs)
	case FairByUser:
		return userGPUs
	case LAS:
		return j.Row[job].Attained
	}
	return 0
}

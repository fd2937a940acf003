package state

import "math"

// Recovery is what it costs a job to lose its GPUs and come back. The zero value is free: everything is saved at any time.
type Recovery struct {
	Every   Time // working time between two checkpoints; 0 = all work is saved at any time, Never = no checkpoints
	Write   Time // the job stands still so long while it writes a checkpoint
	Restore Time // at each start after an eviction, before it works
	Grace   Time // a preempted job keeps its GPUs so long, without working
	Protect Time // a policy cannot preempt an attempt before it has lasted so long
	Backoff Time // a preempted job is held so long before it queues again
	Notice  bool // a job that has a grace of at least Write saves, at its notice, all that it has done
	Requeue Requeue

	// What one GPU saves takes a store that all share so long: Write and Restore are at least this times the job's GPUs.
	WriteEach, RestoreEach Time
	// A checkpoint counts so long after it was written: it is copied away while the job works on. One that is on its way when
	// the job's speed changes does not count.
	Lag, LagEach Time
	// Hazard above 0 has every job choose its own interval by Young's formula, in place of Every: failures a second for each GPU.
	Hazard float64

	Restarts int32 // lost nodes and crashes that a job survives; 0: any number, -1: none
	Retry    Time  // a job that lost a node or crashed is held so long before it queues again, each time twice as long, up to 64 times
	InPlace  int32 // the job's own crashes that restart it on the GPUs that it has
	Restart  Time  // what such a start costs, in place of Restore
}

// WriteOf is how long a job of so many GPUs stands still for a checkpoint.
func (r *Recovery) WriteOf(gpus int32) Time { return atLeast(r.Write, r.WriteEach, gpus) }

// RestoreOf is what each start after an eviction costs a job of so many GPUs before it works.
func (r *Recovery) RestoreOf(gpus int32) Time { return atLeast(r.Restore, r.RestoreEach, gpus) }

// LagOf is how long after its write a checkpoint of so many GPUs counts.
func (r *Recovery) LagOf(gpus int32) Time { return atLeast(r.Lag, r.LagEach, gpus) }

func atLeast(t, each Time, gpus int32) Time {
	if each == 0 || gpus <= 0 {
		return t
	}
	return max(t, min(MulDiv(each, int64(gpus), 1), End))
}

// EveryOf is the working time between two checkpoints of a job of so many GPUs: Every, or with a hazard sqrt(2 x (write and lag) / failure
// rate), which is at least a second (Young 1974).
func (r *Recovery) EveryOf(gpus int32) Time {
	if r.Hazard <= 0 {
		return r.Every
	}
	seconds := float64(r.WriteOf(gpus)+r.LagOf(gpus)) / 1e9
	t := math.Sqrt(float64(2*seconds) / float64(r.Hazard*float64(max(gpus, 1))))
	return Time(min(max(t, 1), 1e9) * 1e9)
}

// Requeue is where an evicted job stands among those whom the policy's order treats alike.
type Requeue uint8

// The places.
const (
	RequeueOriginal  Requeue = iota // where its submission put it
	RequeueTail                     // behind all that wait when it queues again
	RequeueEvictedAt                // as if it were submitted when it was evicted: a back-off costs it no place
)

// RecoveryNone is the JobSpec.Recovery of a job that starts over after each eviction, at no other cost.
const RecoveryNone uint8 = 0xff

// noRecovery is RecoveryNone.
var noRecovery = Recovery{Every: Never}

// RecoveryOf is what an eviction costs jobs with this index.
func (v *View) RecoveryOf(index uint8) *Recovery {
	if int(index) >= len(v.Recoveries) {
		return &noRecovery
	}
	return &v.Recoveries[index]
}

// Protected reports whether the present attempt of a job cannot be preempted yet.
func (v *View) Protected(j *Job) bool {
	p := v.RecoveryOf(j.Recovery).Protect
	return p > 0 && v.Now < j.Start.Add(p)
}

// turnBits leave room, behind each job that is submitted, for those that queue again before the next one.
const turnBits = 20

// Turn is the place of a job among those whom an order treats alike, as its submission gives it: the smallest is first. Jobs
// that queue again may have another one (EvQueue).
func Turn(number uint64) uint64 { return number << turnBits }

// TurnAfter is the place of the nth job (from 0) that queues again after job number was submitted and before the next.
func TurnAfter(number uint64, nth uint32) uint64 {
	return number<<turnBits | uint64(min(nth, 1<<turnBits-2)+1)
}

// PreemptKind is for what a policy takes a job's GPUs away.
type PreemptKind uint8

// The kinds.
const (
	PreemptOther    PreemptKind = iota // the policy does not say
	PreemptPriority                    // a job of higher priority needs them
	PreemptReclaim                     // their owner wants back what was lent
	PreemptFair                        // to make shares even
	PreemptSchedule                    // the order of service changed: time slices, levels, remaining time
	PreemptOversold                    // the owner of idle capacity wants it back
	PreemptSpot                        // the market took them
	PreemptDefrag                      // to make room for others
	PreemptReserved                    // a reservation begins
	PreemptCommand                     // somebody outside asked for it
	NumPreemptKinds = iota
)

var preemptNames = [NumPreemptKinds]string{"other", "priority", "reclaim", "fair-share", "schedule", "oversold", "spot", "defrag",
	"reservation", "command"}

func (k PreemptKind) String() string { return preemptNames[k] }

package gen

import (
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// One is the unit of numbers in millionths, such as load factors.
const One int64 = 1_000_000

// Spec describes a workload. Weights are relative and need no particular sum. The zero value of a part says that there is
// none of it, but for Jobs, Arrivals, Durations and Sizes, which are needed.
type Spec struct {
	Jobs       int64  // how many
	Stream     uint64 // tells apart several generators of one scenario under the same seed
	Arrivals   Arrivals
	Load       Load            // in place of Arrivals.Interval
	Durations  []DurationClass // by size; the last has no bound
	Sizes      []Size
	CPUMilli   int64 // thousandths of a CPU for each GPU
	MemMiB     int64 // MiB for each GPU
	Types      []TypeShare
	Users      Users
	Queues     Queues
	Priorities []PriorityShare
	Outcomes   []OutcomeBand // by running time; the last has no bound
	Estimates  Estimates
}

// Process is how instants of submission are drawn.
type Process uint8

// The processes. The first job comes at instant 0, but for UniformArrivals.
const (
	Poisson         Process = iota // exponential gaps
	UniformArrivals                // independent and uniform over jobs x interval
	Even                           // one every interval
	AtOnce                         // all at instant 0
)

// Arrivals is when jobs come.
type Arrivals struct {
	Process  Process
	Interval state.Time // mean time between two jobs, in the long run; 0 with Load and AtOnce
	Round    state.Time // instants are rounded down to multiples of it; 0 = exact

	// Hours and Days are factors of the rate by hour of the day and by day of the week from Monday, in millionths: the
	// rate is proportional to Hours[h] x Days[d] and has the long-run mean that Interval or Load asks for. All zero = none.
	// WeekOffset is the time from Monday 00:00 to instant 0. Hours follow a week without clock changes.
	Hours      [24]int64
	Days       [7]int64
	WeekOffset state.Time

	// SessionJobs is the mean number of jobs, in millionths, that a user submits in a row, geometrically distributed; they
	// share user, queue, priority, size and GPU type, and follow each other in exponential gaps of mean SessionGap. 0 or
	// One = no sessions: each job comes alone. With sessions, the Process draws when sessions begin.
	SessionJobs int64
	SessionGap  state.Time
}

// Load asks for an offered load: sum(GPUs x running time) / (time from the first to the last submission x GPUs), of the
// very jobs that are drawn. It is met to the rounding of the instants; with sessions, to the length of one.
type Load struct {
	OfMicro int64 // millionths: 1_050_000 is 1.05; 0 = no such wish
	GPUs    int64 // of the cluster that it refers to
}

// DurationClass is the running time of jobs up to a size.
type DurationClass struct {
	UpTo     int64    // GPUs; 0 = no bound
	Dist     rng.Dist // seconds
	Min, Max state.Time
	Round    state.Time // running times are rounded to the nearest multiple of it, then clipped; 0 = to the nanosecond
}

// Size is one size of jobs, or a range of sizes that are equally likely.
type Size struct {
	Weight   uint64
	From, To int64 // GPUs; To = 0 reads as From; 0 GPUs is a job of CPUs alone
	PodGPUs  int64 // GPUs of a pod: a smaller job is one pod, a larger one must be a multiple; 0 = placement may split the job
	Milli    int64 // thousandths of each GPU; 0 = whole GPUs
	CPUMilli int64 // of the whole job beside Spec.CPUMilli for each GPU
	MemMiB   int64
}

// TypeShare is a constraint of GPU types: any of those named, or none for any type.
type TypeShare struct {
	Weight uint64
	AnyOf  []string
}

// Users submit jobs: the k-th of Count with a probability proportional to k^-Exponent (Zipf).
type Users struct {
	Count         int64  // 0 = jobs have no user
	ExponentMicro int64  // millionths; 0 = all alike
	Prefix        string // of names; "" = user
}

// Queues take jobs.
type Queues struct {
	Shares []NameShare
	ByUser bool // a user's jobs all go to one queue, drawn once for each user
}

// NameShare is a name with its weight.
type NameShare struct {
	Name   string
	Weight uint64
}

// PriorityShare is a priority with its weight.
type PriorityShare struct {
	Value  int32
	Weight uint64
}

// OutcomeBand is how jobs end whose drawn running time is at most UpTo.
type OutcomeBand struct {
	UpTo   state.Time // 0 = no bound
	Shares []OutcomeShare
}

// OutcomeShare is one way to end; Factor (millionths, 0 = One) multiplies the running time of such a job before rounding and
// clipping.
type OutcomeShare struct {
	Outcome state.Outcome
	Weight  uint64
	Factor  int64
}

// Estimates is what users say about the running time: a factor drawn between Low and High (millionths), then rounded up to a
// multiple of Round, then to the smallest of Classes that is not less (the largest, if none is).
type Estimates struct {
	Given     bool // false = the workload has none
	Low, High int64
	Round     state.Time
	Classes   []state.Time
}

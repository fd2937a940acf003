package gen

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

// Fault is one thing that is wrong with a Spec. Path names the part in the words of the scenario file, such as
// durations[1].max.
type Fault struct{ Path, Problem, Want string }

// Faults is everything that is wrong; it is an error.
type Faults []Fault

func (fs Faults) Error() string {
	if len(fs) == 0 {
		return "no faults"
	}
	s := fmt.Sprintf("%s: %s (want %s)", fs[0].Path, fs[0].Problem, fs[0].Want)
	if len(fs) > 1 {
		s += fmt.Sprintf(" and %d more", len(fs)-1)
	}
	return s
}

// Limits of a Spec.
const (
	MaxUsers   = 1_000_000
	maxGPUs    = 1_000_000
	maxClasses = 64
	maxFactor  = 1000 * One
	maxWeight  = 1 << 31
	maxSpan    = 100 * 365 * 24 * 3600 * state.Second
)

type checker struct{ faults Faults }

func (c *checker) fail(path, want, problem string, args ...any) {
	c.faults = append(c.faults, Fault{path, fmt.Sprintf(problem, args...), want})
}

// Check returns everything that is wrong, nil if nothing is.
func (s *Spec) Check() Faults {
	c := &checker{}
	if s.Jobs < 1 {
		c.fail("jobs", "at least 1", "%d jobs", s.Jobs)
	}
	c.arrivals(s)
	c.durations(s.Durations)
	c.sizes(s.Sizes)
	c.shares(s)
	c.outcomes(s.Outcomes)
	c.estimates(&s.Estimates)
	return c.faults
}

func (c *checker) arrivals(s *Spec) {
	a := &s.Arrivals
	loaded := s.Load != Load{}
	switch {
	case loaded && (s.Load.OfMicro <= 0 || s.Load.OfMicro > maxFactor):
		c.fail("load.of", "more than 0, at most 1000", "an offered load of %d millionths", s.Load.OfMicro)
	case loaded && (s.Load.GPUs < 1 || s.Load.GPUs > 1_000_000_000):
		c.fail("load.gpus", "1 to 1000000000", "a load on %d GPUs", s.Load.GPUs)
	case loaded && s.Jobs == 1:
		c.fail("load", "at least 2 jobs", "one job spans no time")
	case loaded && a.Process == AtOnce:
		c.fail("load", "another process, or no load", "jobs that all come at once offer no load")
	case loaded && a.Interval != 0:
		c.fail("load", "a load, or the rate of arrivals", "the load and the rate of arrivals are both given")
	case !loaded && a.Process != AtOnce && a.Interval <= 0:
		c.fail("arrivals", "a rate, an interval or a load", "nothing says how often jobs come")
	case !loaded && a.Process != AtOnce && s.Jobs > 0 && a.Interval > maxSpan/state.Time(s.Jobs):
		c.fail("arrivals", "at most 100 years for all jobs", "%d jobs at this rate span more than 100 years", s.Jobs)
	}
	c.span("arrivals.round", a.Round)
	c.factors("arrivals.hours", a.Hours[:])
	c.factors("arrivals.weekdays", a.Days[:])
	if newWeek(&a.Hours, &a.Days, 0) == nil && (a.Hours != [24]int64{} || a.Days != [7]int64{}) {
		c.fail("arrivals", "a factor above 0 in some hour of some day", "no hour of the week has arrivals")
	}
	if a.WeekOffset < 0 || a.WeekOffset >= weekNS {
		c.fail("arrivals", "an instant of the week", "instant 0 lies %d ns into the week", a.WeekOffset)
	}
	if a.SessionJobs != 0 {
		if a.SessionJobs < One || a.SessionJobs > maxFactor {
			c.fail("arrivals.sessions.jobs", "1 to 1000", "sessions of %d millionths of a job", a.SessionJobs)
		}
		if a.SessionGap < 0 || a.SessionGap > maxSpan/1000 {
			c.fail("arrivals.sessions.gap", "0s to 36d", "a gap of %d ns", a.SessionGap)
		}
	}
}

// factors refuses negative and huge factors.
func (c *checker) factors(path string, f []int64) {
	for i, v := range f {
		if v < 0 || v > maxFactor {
			c.fail(fmt.Sprintf("%s[%d]", path, i), "0 to 1000", "a factor of %d millionths", v)
		}
	}
}

func (c *checker) span(path string, t state.Time) {
	if t < 0 || t > maxSpan {
		c.fail(path, "0s to 100 years", "a span of %d ns", t)
	}
}

func (c *checker) durations(classes []DurationClass) {
	if len(classes) == 0 {
		c.fail("durations", "at least one distribution", "nothing says how long jobs run")
	}
	if len(classes) > maxClasses {
		c.fail("durations", fmt.Sprintf("at most %d", maxClasses), "%d size classes", len(classes))
	}
	for i := range classes {
		d, p := &classes[i], fmt.Sprintf("durations[%d]", i)
		c.order(p+".upTo", int64(d.UpTo), i, len(classes), func(k int) int64 { return classes[k].UpTo })
		if d.Dist == nil {
			c.fail(p, "a distribution", "no distribution")
		} else if err := d.Dist.Validate(); err != nil {
			c.fail(p, "parameters in range", "%v", err)
		}
		c.span(p+".min", d.Min)
		c.span(p+".max", d.Max)
		c.span(p+".round", d.Round)
		if d.Max != 0 && d.Max < d.Min {
			c.fail(p+".max", "at least min", "the longest running time is shorter than the shortest")
		}
	}
}

// order checks the bound of class i of n: rising, and none for the last.
func (c *checker) order(path string, upTo int64, i, n int, at func(int) int64) {
	switch {
	case upTo < 0:
		c.fail(path, "0 or more", "a bound of %d", upTo)
	case i == n-1 && upTo != 0:
		c.fail(path, "no bound", "the last class has a bound, so larger jobs have none")
	case i < n-1 && upTo == 0:
		c.fail(path, "a bound", "only the last class goes without a bound")
	case i > 0 && i < n-1 && upTo <= at(i-1):
		c.fail(path, fmt.Sprintf("more than %d", at(i-1)), "bounds do not rise")
	}
}

func (c *checker) sizes(sizes []Size) {
	if len(sizes) == 0 {
		c.fail("sizes", "at least one", "nothing says how large jobs are")
		return
	}
	var total uint64
	for i := range sizes {
		s, p := sizes[i], fmt.Sprintf("sizes[%d]", i)
		to := max(s.From, s.To)
		total += c.weight(p+".weight", s.Weight)
		switch {
		case s.From < 0 || to > maxGPUs || s.To != 0 && s.To < s.From:
			c.fail(p, fmt.Sprintf("0 <= from <= to <= %d", maxGPUs), "sizes from %d to %d GPUs", s.From, s.To)
		case s.Milli < 0 || s.Milli > 1000:
			c.fail(p+".gpuMilli", "1 to 1000", "%d thousandths of a GPU", s.Milli)
		case s.PodGPUs < 0 || s.PodGPUs > state.MaxGPUsPerNode:
			c.fail(p+".podGPUs", fmt.Sprintf("1 to %d", state.MaxGPUsPerNode), "pods of %d GPUs", s.PodGPUs)
		case s.PodGPUs > 0 && to > s.PodGPUs && (s.From != to || to%s.PodGPUs != 0):
			c.fail(p, fmt.Sprintf("multiples of %d", s.PodGPUs), "jobs of up to %d GPUs do not divide into pods of %d", to, s.PodGPUs)
		case s.Milli > 0 && s.Milli < 1000 && s.PodGPUs > 1:
			c.fail(p+".podGPUs", "1 or none", "parts of GPUs in pods of %d", s.PodGPUs)
		case s.From == 0 && to > 0:
			c.fail(p, "a range from 1, and an item of its own for jobs of CPUs alone", "a range from 0 to %d GPUs", to)
		}
		if s.CPUMilli < 0 || s.MemMiB < 0 {
			c.fail(p, "0 or more", "negative CPU or memory")
		}
	}
	c.some("sizes", total)
}

// weight refuses a weight whose sums could overflow.
func (c *checker) weight(path string, w uint64) uint64 {
	if w > maxWeight {
		c.fail(path, fmt.Sprintf("0 to %d", uint64(maxWeight)), "a weight of %d", w)
	}
	return w
}

func (c *checker) some(path string, total uint64) {
	if total == 0 {
		c.fail(path, "a weight above 0", "all weights are 0")
	}
}

func (c *checker) shares(s *Spec) {
	if s.CPUMilli < 0 || s.CPUMilli > 1_000_000_000 {
		c.fail("cpusPerGPU", "0 to 1000000", "%d thousandths of a CPU", s.CPUMilli)
	}
	if s.MemMiB < 0 || s.MemMiB > 1<<40 {
		c.fail("memoryPerGPU", "0 to 1 EiB", "%d MiB", s.MemMiB)
	}
	if s.Users.Count < 0 || s.Users.Count > MaxUsers {
		c.fail("users.count", fmt.Sprintf("0 to %d", MaxUsers), "%d users", s.Users.Count)
	}
	if s.Users.ExponentMicro < 0 || s.Users.ExponentMicro > 10*One {
		c.fail("users.exponent", "0 to 10", "an exponent of %d millionths", s.Users.ExponentMicro)
	}
	var types, queues, prios uint64
	for i := range s.Types {
		types += c.weight(fmt.Sprintf("gpuTypes[%d].weight", i), s.Types[i].Weight)
	}
	for i := range s.Queues.Shares {
		queues += c.weight(fmt.Sprintf("queues[%d].weight", i), s.Queues.Shares[i].Weight)
		if s.Queues.Shares[i].Name == "" {
			c.fail(fmt.Sprintf("queues[%d].name", i), "a name", "a queue without a name")
		}
	}
	for i := range s.Priorities {
		prios += c.weight(fmt.Sprintf("priorities[%d].weight", i), s.Priorities[i].Weight)
	}
	if len(s.Types) > 0 {
		c.some("gpuTypes", types)
	}
	if len(s.Queues.Shares) > 0 {
		c.some("queues", queues)
	}
	if s.Queues.ByUser && (s.Users.Count == 0 || len(s.Queues.Shares) == 0) {
		c.fail("queuesByUser", "users and queues", "a queue for each user without users or without queues")
	}
	if len(s.Priorities) > 0 {
		c.some("priorities", prios)
	}
}

func (c *checker) outcomes(bands []OutcomeBand) {
	for i := range bands {
		b, p := &bands[i], fmt.Sprintf("outcomes[%d]", i)
		c.order(p+".upTo", int64(b.UpTo), i, len(bands), func(k int) int64 { return int64(bands[k].UpTo) })
		var total uint64
		for _, s := range b.Shares {
			total += c.weight(p+"."+s.Outcome.String(), s.Weight)
			if s.Factor < 0 || s.Factor > maxFactor {
				c.fail(p+"."+s.Outcome.String()+"Factor", "more than 0, at most 1000", "a factor of %d millionths", s.Factor)
			}
			if s.Outcome > state.Cancelled {
				c.fail(p, "finished, failed or cancelled", "outcome %v", s.Outcome)
			}
		}
		c.some(p, total)
	}
}

func (c *checker) estimates(e *Estimates) {
	if !e.Given {
		return
	}
	if e.Low <= 0 || e.High < e.Low || e.High > maxFactor {
		c.fail("estimates.factor", "0 < from <= to <= 1000", "factors from %d to %d millionths", e.Low, e.High)
	}
	c.span("estimates.round", e.Round)
	for i, t := range e.Classes {
		p := fmt.Sprintf("estimates.classes[%d]", i)
		c.span(p, t)
		if t <= 0 || i > 0 && t <= e.Classes[i-1] {
			c.fail(p, "rising spans above 0", "classes do not rise")
		}
	}
}

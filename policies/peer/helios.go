package peer

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// HeliosOrder is one of the orders of the Helios simulator.
type HeliosOrder uint8

// The orders.
const (
	// HeliosFIFO: by submission.
	HeliosFIFO HeliosOrder = iota
	// HeliosSJF: the shortest true duration first.
	HeliosSJF
	// HeliosQSSF: the smallest predicted service first; see Helios.
	HeliosQSSF
)

var heliosNames = [...]string{"helios-fifo", "helios-sjf", "helios-qssf"}

// Prediction is the trace's column that helios-qssf reads: the predicted running time in seconds.
const Prediction = "x_qssf_pred_s"

// Helios is the simulator of the Helios study (Hu et al., SC'21) without its preemptive order. Each partition is a virtual
// cluster of its own. Time moves in ticks of one second; each tick takes ends, then submissions, sorts the queue and
// places jobs from its head until the first that does not fit. There is one placing a tick: GPUs that a job of length
// zero gives back are free for the next.
//
// Under qssf the queue is sorted by GPUs, and once it holds more than this tick's arrivals every queued job has the
// priority predicted duration x GPUs and the queue is sorted by it; so ties in priority go to fewer GPUs, then to the
// earlier submission.
type Helios struct {
	order HeliosOrder
	x     int // column of Jobs.X with the prediction
	empty vacant
	vcs   []vc
}

// vc is one virtual cluster.
type vc struct {
	*backlog
	placed state.Time // tick of the last placing
	asked  state.Time // the latest tick that was asked for
}

// NewHelios returns the peer with one of its orders.
func NewHelios(order HeliosOrder) *Helios { return &Helios{order: order} }

// Info says that a pass is due at whole seconds only.
func (h *Helios) Info() state.Info {
	return state.Info{Name: heliosNames[h.order], Trigger: state.Trigger{Every: state.Second}, Clairvoyant: h.order == HeliosSJF}
}

// Init finds the column with the prediction.
func (h *Helios) Init(v *state.View) error {
	if h.order != HeliosQSSF {
		return nil
	}
	id, ok := v.Names.X.Lookup(Prediction)
	if !ok || id >= state.MaxX {
		return fmt.Errorf("policy helios-qssf sorts by a prediction: the workload needs a column %s (predicted running time, seconds)", Prediction)
	}
	h.x = int(id)
	return nil
}

func (h *Helios) vc(partition int32) *vc {
	for int32(len(h.vcs)) <= partition {
		h.vcs = append(h.vcs, vc{backlog: newBacklog(true), placed: -1})
	}
	return &h.vcs[partition]
}

// Observe keeps the queues.
func (h *Helios) Observe(v *state.View, events []state.Event) {
	for i := range events {
		switch ev := &events[i]; ev.Kind {
		case state.EvQueue:
			key, number := h.key(v.Jobs, ev)
			h.vc(v.Jobs.Row[ev.Job].Partition).follow(v.Jobs, ev, key, number)
		case state.EvEnd, state.EvStart:
			h.vc(v.Jobs.Row[ev.Job].Partition).follow(v.Jobs, ev, 0, 0)
		}
	}
}

// gpuShift leaves room for 2^40 job numbers below a job's GPUs.
const gpuShift = 40

// key is a job's place in the queue.
func (h *Helios) key(j *state.Jobs, ev *state.Event) (key int64, number uint64) {
	job := ev.Job
	number = turn(j, ev)
	switch h.order {
	case HeliosSJF:
		return int64(j.TrueDuration[job]), number
	case HeliosQSSF:
		return service(j.X[h.x][job], int64(j.Row[job].GPUs)), uint64(j.Row[job].GPUs)<<gpuShift | j.Row[job].Number
	}
	return 0, number
}

// service is prediction x GPUs, saturating.
func service(prediction, gpus int64) int64 {
	switch {
	case gpus > 0 && prediction > math.MaxInt64/gpus:
		return math.MaxInt64
	case gpus > 0 && prediction < math.MinInt64/gpus:
		return math.MinInt64
	}
	return prediction * gpus
}

// Pass is one tick of a virtual cluster.
func (h *Helios) Pass(v *state.View, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	s := h.vc(v.Partition)
	if s.placed == v.Now {
		s.nextTick(v.Now, d)
		return
	}
	s.placed = v.Now
	s.recall(v.Jobs, c.Nodes().Len())
	if h.order == HeliosQSSF && s.queue.Len() == 0 {
		h.placeArrivals(v, c, s, d)
	}
	s.admit(v.Jobs)
	for head := s.queue.Head(); head != nil; head = s.queue.Head() {
		if !h.place(v, c, s, *head, d) {
			return
		}
	}
}

// nextTick asks for a pass at the next tick if somebody waits for it.
func (s *vc) nextTick(now state.Time, d *state.Decisions) {
	next := (now/state.Second + 1) * state.Second
	if s.asked < next && s.queue.Len()+len(s.fresh) > 0 {
		s.asked = next
		d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(next)})
	}
}

// placeArrivals is the tick of qssf in which nobody waited before: arrivals are taken by GPUs, without priorities.
func (h *Helios) placeArrivals(v *state.View, c *cluster.Cluster, s *vc, d *state.Decisions) {
	slices.SortFunc(s.fresh, func(a, b waiting.Entry) int { return cmp.Compare(a.Number, b.Number) })
	n := 0
	for n < len(s.fresh) && h.place(v, c, s, s.fresh[n], d) {
		n++
	}
	s.fresh = slices.Delete(s.fresh, 0, n)
}

// place starts a job, or sets it aside or drops it, or reports that it blocks.
func (h *Helios) place(v *state.View, c *cluster.Cluster, s *vc, e waiting.Entry, d *state.Decisions) bool {
	q := place.Request{Partition: uint32(v.Partition), Roles: v.Shapes.Of(v.Jobs.Row[e.Job].Shape)}
	mark := len(d.Parts)
	switch {
	case consolidated.place(c, &q, &d.Parts):
		s.start(v.Jobs, e.Job, mark, d)
	case drops(v, e.Job):
		s.reject(v.Jobs, e.Job, d)
	case !h.empty.holds(c, consolidated, &q):
		s.setAside(v.Jobs, e)
	default:
		d.FitCause, d.Blocker = state.CauseOrder, e.Job
		return false
	}
	return true
}

// Clone returns an independent copy.
func (h *Helios) Clone() (state.Policy, error) {
	c := *h
	c.empty = vacant{}
	c.vcs = slices.Clone(h.vcs)
	for i := range c.vcs {
		c.vcs[i].backlog = h.vcs[i].backlog.clone()
	}
	return &c, nil
}

var _ state.Policy = (*Helios)(nil)

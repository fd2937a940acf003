package aihc

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// What is assumed where a query does not say, and how much it may ask for.
const (
	defaultStep = 5 * 60 * state.Second
	maxSamples  = 11_000 // of one pod
	allLines    = 1 << 20
	eventLayout = "2006-01-02 15:04:05 -0700 MST"
	lineLayout  = "2006-01-02 15:04:05"
)

// instant reads a simulated instant: Unix seconds or milliseconds, or RFC 3339.
func (r *record) instant(name, text string, absent state.Time) (state.Time, error) {
	if text == "" || text == "0" {
		return absent, nil
	}
	t, err := timeOf(text)
	if err != nil {
		return 0, lens.Invalid(name, "got %q, want a Unix time such as 1767225600, or 2026-01-01T00:00:00Z", text)
	}
	return state.Time(t.Sub(r.v.Time(0))), nil
}

// maxUnix bounds Unix times so that spans between them have nanoseconds.
const maxUnix = 4_102_444_800 // the year 2100

func timeOf(text string) (time.Time, error) {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err == nil && (t.Unix() < 0 || t.Unix() > maxUnix) {
			err = fmt.Errorf("out of range")
		}
		return t, err
	case math.IsNaN(n) || n < 0 || n > maxUnix*1000:
		return time.Time{}, fmt.Errorf("out of range")
	case n > maxUnix:
		n /= 1000
	}
	return time.Unix(0, 0).Add(time.Duration(n * 1e9)), nil
}

// span reads the startTime and endTime of a query.
func (r *record) span(c *fiber.Ctx) (from, to state.Time, err error) {
	return r.between(c.Query("startTime"), c.Query("endTime"))
}

// between reads two bounds; nothing of the future is known.
func (r *record) between(start, end string) (from, to state.Time, err error) {
	if from, err = r.instant("startTime", start, 0); err == nil {
		to, err = r.instant("endTime", end, r.v.Now)
	}
	return from, min(to.Add(state.Second-1), r.v.Now), err // bounds have seconds; what happened within the last one counts
}

// checkFramework refuses what is no framework; one that is not the job's is fine.
func checkFramework(c *fiber.Ctx) error {
	f := c.Query("jobFramework")
	switch {
	case f == "":
		return lens.Missing("jobFramework", "one of "+strings.Join(frameworks, ", "))
	case !slices.Contains(frameworks, f):
		return lens.Invalid("jobFramework", "got %q, want one of %s", f, strings.Join(frameworks, ", "))
	}
	return nil
}

func (s *Service) getJobEvents(c *fiber.Ctx) (any, error) {
	if err := checkFramework(c); err != nil {
		return nil, err
	}
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	from, to, err := r.span(c)
	if err != nil {
		return nil, err
	}
	return r.eventList(r.events(), from, to), nil
}

func (s *Service) getPodEvents(c *fiber.Ctx) (any, error) {
	if err := checkFramework(c); err != nil {
		return nil, err
	}
	r, p, err := s.findPod(c)
	if err != nil {
		return nil, err
	}
	from, to, err := r.span(c)
	if err != nil {
		return nil, err
	}
	return r.eventList(r.output(p).Reports(&r.h.Tries[p.Try], r.v.Now), from, to), nil
}

func (s *Service) findPod(c *fiber.Ctx) (*record, *pod, error) {
	r, err := s.find(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := r.findPod(c.Params("podName"))
	return r, p, err
}

func (r *record) eventList(list []play.Event, from, to state.Time) EventList {
	out := EventList{Events: []Event{}}
	for _, e := range list {
		if e.At < from || e.At > to {
			continue
		}
		at := r.v.Time(e.At).UTC().Format(eventLayout)
		out.Events = append(out.Events, Event{e.Reason, e.Text, at, at, 1, map[bool]string{true: "Warning", false: "Normal"}[e.Bad]})
	}
	out.Total = len(out.Events)
	return out
}

// events are what happened to a job: what its framework's controller would report.
func (r *record) events() []play.Event {
	var out []play.Event
	for i := range r.h.Steps {
		if e, ok := r.event(&r.h.Steps[i]); ok {
			out = append(out, e)
		}
	}
	for i := range r.h.Tries {
		t := &r.h.Tries[i]
		for _, p := range r.all(i) {
			out = append(out, play.Event{At: t.Created, Reason: "SuccessfulCreatePod", Text: "Created pod: " + p.name})
			if i == 0 {
				out = append(out, play.Event{At: t.Created, Reason: "SuccessfulCreateService", Text: "Created service: " + p.name})
			}
		}
		if t.Ended != state.Unset && (t.Why == play.WhyExit || t.Why == play.WhyDone) {
			for _, p := range r.all(i)[:1] {
				out = append(out, play.Event{At: t.Ended, Reason: "ExitedWithCode", Text: fmt.Sprintf("Pod: %s exited with code %d", p.name, t.Code), Bad: t.Code != 0})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b play.Event) int { return cmp.Compare(a.At, b.At) })
	return out
}

// event is the report of a step, if it brings one.
func (r *record) event(s *play.Step) (play.Event, bool) {
	e := play.Event{At: s.From}
	say := func(reason, format string, args ...any) (play.Event, bool) {
		e.Reason, e.Text = reason, fmt.Sprintf(format, args...)
		return e, true
	}
	switch s.Phase {
	case play.Creating:
		return say("JobCreated", "%s %s is created", r.framework(), r.id)
	case play.Waiting:
		return say("JobEnqueued", "%s %s waits in queue %s", r.framework(), r.id, queueName(r.j.Queue))
	case play.Running:
		return say("JobRunning", "%s %s is running", r.framework(), r.id)
	case play.Restarting:
		e.Bad = true
		return say("JobRestarting", "%s %s is restarting: %s", r.framework(), r.id, why(s))
	case play.Succeeded:
		return say("JobSucceeded", "%s %s successfully completed", r.framework(), r.id)
	case play.Failed:
		e.Bad = true
		return say("JobFailed", "%s %s failed: %s", r.framework(), r.id, why(s))
	case play.Stopped:
		return say("JobTerminated", "%s %s was terminated: %s", r.framework(), r.id, why(s))
	}
	return e, false
}

// why says what led into a step.
func why(s *play.Step) string {
	switch s.Why {
	case play.WhyExit:
		return fmt.Sprintf("a pod exited with code %d (%s)", s.Code, play.ExitText(s.Code))
	case play.WhyUser:
		return "a user stopped it"
	case play.WhyLimit:
		return "it ran for as long as it may"
	case play.WhyPreempted:
		return "its resources went to another job"
	case play.WhyNode:
		return "a node failed under it"
	case play.WhyNoFit:
		return "no node can hold it"
	}
	return "the recorded workload says so"
}

func (s *Service) getPodLogs(c *fiber.Ctx) (any, error) {
	most, err := lens.Int(c, "maxLines", 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	name := "chunk"
	if c.Query(name) == "" {
		name = "chunck" // as the official client spells it
	}
	chunk, err := lens.Int(c, name, 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	r, p, err := s.findPod(c)
	if err != nil {
		return nil, err
	}
	from, to, err := r.span(c)
	if err != nil {
		return nil, err
	}
	if most == 0 || most > allLines {
		most = allLines
	}
	lines := r.output(p).Logs(&r.h.Tries[p.Try], from, to, most)
	return fiber.Map{"jobId": r.id, "podName": p.name, "logs": r.chunks(lines, chunk), "nextMarker": ""}, nil
}

// chunks joins so many lines into a text each; 0: all into one.
func (r *record) chunks(lines []play.Line, size int) []string {
	if size == 0 {
		size = max(len(lines), 1)
	}
	out := []string{}
	for from := 0; from < len(lines); from += size {
		var b strings.Builder
		for _, l := range lines[from:min(from+size, len(lines))] {
			b.WriteString(r.v.Time(l.At).UTC().Format(lineLayout))
			b.WriteString(" " + l.Text + "\n")
		}
		out = append(out, strings.TrimSuffix(b.String(), "\n"))
	}
	return out
}

// metrics are the names of metricType.
var metrics = map[string]play.Metric{"GpuUsage": play.GPUCore, "GpuMemoryUsage": play.GPUMemory, "CpuUsage": play.CPUCore, "MemoryUsage": play.Memory,
	"DiskReadRate": play.DiskRead, "DiskWriteRate": play.DiskWrite, "RDMASendDataRate": play.RDMASend, "RDMARecvDataRate": play.RDMAReceive,
	"PCIESendDataRate": play.PCIESend, "PCIERecvDataRate": play.PCIEReceive, "NVLinkSendDataRate": play.NVLinkSend, "NVLinkRecvDataRate": play.NVLinkReceive,
	"GpuTemperature": play.GPUTemperature, "GpuPowerUsage": play.GPUPower, "GpuPipeTensorUsage": play.TensorPipe, "RDMAHealth": play.RDMAHealth,
	"RDMASendErrorRate": play.RDMASendErrors, "RDMARecvErrorRate": play.RDMAReceiveErrors, "RDMASendPacketsRate": play.RDMASendPackets,
	"RDMARecvPacketsRate": play.RDMAReceivePackets, "CpuTime": play.CPUTime, "MemoryAllocation": play.MemoryAllocation}

// metricNames are the names, sorted.
func metricNames() []string {
	out := make([]string, 0, len(metrics))
	for name := range metrics {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// podMetric is a series of one pod.
type podMetric struct {
	PodName string  `json:"podName"`
	Metrics []point `json:"metrics"`
}

// point is a value at a Unix time.
type point struct {
	Time  int64   `json:"time"`
	Value float64 `json:"value"`
}

// metricOf reads metricType.
func metricOf(name string) (play.Metric, error) {
	metric, ok := metrics[name]
	switch {
	case name == "":
		return 0, lens.Missing("metricType", "one of "+strings.Join(metricNames(), ", "))
	case !ok:
		return 0, lens.Invalid("metricType", "got %q, want one of %s", name, strings.Join(metricNames(), ", "))
	}
	return metric, nil
}

func (s *Service) getJobMetrics(c *fiber.Ctx) (any, error) {
	metric, err := metricOf(c.Query("metricType"))
	if err != nil {
		return nil, err
	}
	step, err := stepOf(c.Query("timeStep"))
	if err != nil {
		return nil, err
	}
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	from, to, err := r.span(c)
	if err != nil {
		return nil, err
	}
	list, err := r.series(metric, from, to, step)
	return fiber.Map{"jobId": r.id, "podMetrics": list}, err
}

// series are the samples of every pod, its earlier tries first.
func (r *record) series(m play.Metric, from, to, step state.Time) ([]podMetric, error) {
	from = max(from, r.j.Life.Created)
	if to > from && (to-from)/step > maxSamples {
		return nil, lens.Invalid("timeStep", "got %d samples a pod, want at most %d: a longer step or a shorter time", (to-from)/step, maxSamples)
	}
	out := []podMetric{}
	for try := range r.h.Tries {
		for _, p := range r.all(try) {
			i := slices.IndexFunc(out, func(s podMetric) bool { return s.PodName == p.name })
			if i < 0 {
				i = len(out)
				out = append(out, podMetric{p.name, []point{}})
			}
			for _, v := range r.output(&p).Samples(m, &r.h.Tries[try], from, to, step) {
				out[i].Metrics = append(out[i].Metrics, point{r.v.Time(v.At).Unix(), v.Value})
			}
		}
	}
	return out, nil
}

// stepOf reads a step such as 5m, 30s, or a number of seconds.
func stepOf(text string) (state.Time, error) {
	if text == "" {
		return defaultStep, nil
	}
	ns, err := units.ParseSeconds([]byte(strings.TrimSpace(text)))
	if err != nil {
		ns, err = units.ParseDuration(strings.TrimSpace(text))
	}
	if err != nil || ns < int64(state.Second) {
		return 0, lens.Invalid("timeStep", "got %q, want a span of a second or more, such as 5m", text)
	}
	return state.Time(ns), nil
}

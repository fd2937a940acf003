package paidlc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// PodLogs answers GetPodLogs.
type PodLogs struct {
	JobId     string   `json:"JobId"`
	PodId     string   `json:"PodId"`
	PodUid    string   `json:"PodUid"`
	Logs      []string `json:"Logs"`
	RequestId string   `json:"RequestId"`
}

// PodEvents answers GetPodEvents.
type PodEvents struct {
	JobId     string   `json:"JobId"`
	PodId     string   `json:"PodId"`
	PodUid    string   `json:"PodUid"`
	Events    []string `json:"Events"`
	RequestId string   `json:"RequestId"`
}

// JobLines answers GetJobEvents.
type JobLines struct {
	JobId     string   `json:"JobId"`
	Events    []string `json:"Events"`
	RequestId string   `json:"RequestId"`
}

// JobMetrics answers GetJobMetrics.
type JobMetrics struct {
	JobId      string      `json:"JobId"`
	PodMetrics []PodMetric `json:"PodMetrics"`
	RequestId  string      `json:"RequestId"`
}

// PodMetric is a series of one pod.
type PodMetric struct {
	PodId   string   `json:"PodId"`
	Metrics []Metric `json:"Metrics"`
}

// Metric is a value at an instant, in Unix milliseconds.
type Metric struct {
	Time  int64   `json:"Time"`
	Value float64 `json:"Value"`
}

// What is assumed where a query does not say, and how much it may ask for.
const (
	defaultLines  = 2000
	maxLines      = 100_000
	maxEvents     = 10_000
	maxSamples    = 11_000 // of one pod
	maxAllSamples = 1_000_000
	defaultStep   = 5 * time.Minute
	metricsWindow = time.Hour
	lineLayout    = "2006-01-02 15:04:05"
)

// aPod is one pod in one try.
type aPod struct {
	world.PodTry
	id string
}

// output is what a pod prints, reports and uses.
func (r *record) output(p *aPod) *play.Output {
	return r.v.Output(r.j, r.asks(), &p.PodTry, p.id)
}

// all are the pods of a try.
func (r *record) all(try int) []aPod {
	pods := r.v.PodsOf(r.j, r.hist(), try)
	out := make([]aPod, len(pods))
	for i, p := range pods {
		out[i] = aPod{p, r.podID(int(p.Role), int(p.Index))}
	}
	return out
}

// findPod looks up a pod by id, and by uid where one is given; without one it is that of the last try.
func (r *record) findPod(id, uid string) (*aPod, error) {
	if role, index, ok := r.placeOf(id); ok {
		for try := len(r.hist().Tries) - 1; try >= 0; try-- {
			if p, ok := r.v.PodAt(r.j, r.hist(), try, role, index); ok && (uid == "" || p.UID == uid) {
				return &aPod{p, id}, nil
			}
		}
	}
	if uid != "" {
		return nil, &Error{fiber.StatusNotFound, codeNotFound, fmt.Sprintf("job %q has no pod %q with the uid %q", r.id, id, uid)}
	}
	return nil, &Error{fiber.StatusNotFound, codeNotFound, fmt.Sprintf("job %q has no pod %q; a job has pods from the time at which it gets its resources", r.id, id)}
}

// span reads StartTime and EndTime as simulated instants.
func (r *record) span(c *fiber.Ctx, back time.Duration) (from, to state.Time, err error) {
	a, b, err := window(c, r.v, back)
	if err != nil {
		return 0, 0, err
	}
	zero := r.v.Time(0)
	return state.Time(a.Sub(zero)), min(state.Time(b.Sub(zero)), r.v.Now), nil // nothing of the future is known
}

func (s *Service) getPodLogs(c *fiber.Ctx, id string) (any, error) {
	download, err := boolOf(c, "DownloadToFile", false)
	if err != nil {
		return nil, err
	}
	most, err := intOf(c, "MaxLines", map[bool]int{false: defaultLines, true: maxLines}[download], 1, maxLines)
	if err != nil {
		return nil, err
	}
	r, p, from, to, err := s.pod(c)
	if err != nil {
		return nil, err
	}
	lines := r.lines(r.output(p).Logs(r.try(&p.PodTry), from, to, most))
	if download {
		return logFile(c, p.id, lines), nil
	}
	return &PodLogs{r.id, p.id, p.UID, lines, id}, nil
}

// logFile answers with a text file to be saved; a pod's id is made of letters that a file name may have.
func logFile(c *fiber.Ctx, pod string, lines []string) file {
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", pod+".log"))
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l)
		b.WriteByte('\n')
	}
	return file(b.String())
}

// pod looks up the pod of the path and the span of the query.
func (s *Service) pod(c *fiber.Ctx) (r *record, p *aPod, from, to state.Time, err error) {
	if r, err = s.find(c); err != nil {
		return
	}
	if p, err = r.findPod(c.Params("PodId"), c.Query("PodUid")); err != nil {
		return
	}
	from, to, err = r.span(c, week)
	return
}

func (s *Service) getPodEvents(c *fiber.Ctx, id string) (any, error) {
	most, err := intOf(c, "MaxEventsNum", defaultLines, 1, maxEvents)
	if err != nil {
		return nil, err
	}
	r, p, from, to, err := s.pod(c)
	if err != nil {
		return nil, err
	}
	lines := play.Within(r.output(p).Events(r.try(&p.PodTry), r.v.Now), from, to, most)
	return &PodEvents{r.id, p.id, p.UID, r.lines(lines), id}, nil
}

// lines are written as PAI-DLC does.
func (r *record) lines(lines []play.Line) []string {
	out := make([]string, len(lines))
	for i := range lines {
		out[i] = r.v.Time(lines[i].At).UTC().Format(lineLayout) + " " + lines[i].Text
	}
	return out
}

func (s *Service) getJobEvents(c *fiber.Ctx, id string) (any, error) {
	most, err := intOf(c, "MaxEventsNum", defaultLines, 1, maxEvents)
	if err != nil {
		return nil, err
	}
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	from, to, err := r.span(c, week)
	if err != nil {
		return nil, err
	}
	return &JobLines{r.id, r.lines(play.Within(r.events(), from, to, most)), id}, nil
}

// events are what happened to a job: its statuses, and the pods that were made.
func (r *record) events() []play.Line {
	var out []play.Line
	for i := range r.hist().Steps {
		step := &r.hist().Steps[i]
		text := fmt.Sprintf("[%s] job %s is %s", status(step), r.id, status(step))
		if code, message := reason(step); code != "" {
			text += fmt.Sprintf(" (%s: %s)", code, message)
		}
		out = append(out, play.Line{At: step.From, Text: text})
	}
	for try := len(r.hist().Tries) - 1; try >= 0 && len(out) < 2*maxEvents; try-- { // nobody may ask for more
		for _, p := range r.all(try) {
			out = append(out, play.Line{At: r.hist().Tries[try].Created, Text: fmt.Sprintf("[SuccessfulCreatePod] pod %s created", p.id)})
		}
	}
	slices.SortStableFunc(out, func(a, b play.Line) int { return cmp.Compare(a.At, b.At) })
	return out
}

// metrics are the names of MetricType.
var metrics = map[string]play.Metric{"GpuCoreUsage": play.GPUCore, "GpuMemoryUsage": play.GPUMemory, "CpuCoreUsage": play.CPUCore, "MemoryUsage": play.Memory,
	"NetworkInputRate": play.NetworkIn, "NetworkOutputRate": play.NetworkOut, "DiskReadRate": play.DiskRead, "DiskWriteRate": play.DiskWrite}

func (s *Service) getJobMetrics(c *fiber.Ctx, id string) (any, error) {
	name := c.Query("MetricType")
	metric, ok := metrics[name]
	switch {
	case name == "":
		return nil, missing("MetricType", "one of GpuCoreUsage, GpuMemoryUsage, CpuCoreUsage, MemoryUsage, NetworkInputRate, NetworkOutputRate, DiskReadRate, DiskWriteRate")
	case !ok:
		return nil, invalid("MetricType", "got %q, want one of GpuCoreUsage, GpuMemoryUsage, CpuCoreUsage, MemoryUsage, NetworkInputRate, NetworkOutputRate, "+
			"DiskReadRate, DiskWriteRate", name)
	}
	step, err := stepOf(c.Query("TimeStep"))
	if err != nil {
		return nil, err
	}
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	from, to, err := r.span(c, metricsWindow)
	if err != nil {
		return nil, err
	}
	from = max(from, r.j.Life.Created)
	if to > from && (to-from)/step > maxSamples {
		return nil, invalid("TimeStep", "got %d samples a pod, want at most %d: a longer step or a shorter time", (to-from)/step, maxSamples)
	}
	o := &JobMetrics{JobId: r.id, PodMetrics: []PodMetric{}, RequestId: id}
	places := map[string]int{}
	samples := 0
	for try := range r.hist().Tries {
		if t := &r.hist().Tries[try]; try < len(r.hist().Tries)-1 && (t.Running == state.Unset || t.Ended < from || t.Created > to) {
			continue
		}
		for _, p := range r.all(try) {
			i, ok := places[p.id]
			if !ok {
				i = len(o.PodMetrics)
				places[p.id] = i
				o.PodMetrics = append(o.PodMetrics, PodMetric{p.id, []Metric{}})
			}
			if samples += o.PodMetrics[i].add(r, &p, metric, from, to, step); samples > maxAllSamples {
				return nil, invalid("TimeStep", "got more than %d samples of all pods: want a longer step or a shorter time", maxAllSamples)
			}
		}
	}
	return o, nil
}

// add puts the samples of a try behind those of the earlier ones; it gives their number.
func (m *PodMetric) add(r *record, p *aPod, metric play.Metric, from, to, step state.Time) int {
	samples := r.output(p).Samples(metric, r.try(&p.PodTry), from, to, step)
	for _, v := range samples {
		m.Metrics = append(m.Metrics, Metric{r.v.Time(v.At).UnixMilli(), v.Value})
	}
	return len(samples)
}

// stepOf reads a step such as 5m or 30s.
func stepOf(text string) (state.Time, error) {
	if text == "" {
		return state.Time(defaultStep), nil
	}
	ns, err := units.ParseDuration(strings.TrimSpace(text))
	if err != nil || ns < int64(state.Second) {
		return 0, invalid("TimeStep", "got %q, want a span of a second or more, such as 5m", text)
	}
	return state.Time(ns), nil
}

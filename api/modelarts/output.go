package modelarts

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
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

const (
	lineLayout = "2006-01-02 15:04:05"
	maxPreview = 5 << 20 // bytes of a log that a preview shows
	allLines   = 1 << 20
	maxSamples = 24 * 60
	minute     = 60 * state.Second
)

// task is one task in one try.
type task struct {
	world.PodTry
	name string
}

// all are the tasks of a try.
func (r *record) all(try int) []task {
	list := r.v.PodsOf(r.j, &r.h, try)
	out := make([]task, len(list))
	for i, p := range list {
		out[i] = task{p, r.taskName(int(p.Role), int(p.Index))}
	}
	return out
}

// output is what a task prints, reports and uses.
func (r *record) output(t *task) *play.Output {
	return r.v.Output(r.j, &r.ask.Request, &t.PodTry, t.name)
}

// findTask looks up the task of the path in every try, the first one first.
func (s *Service) findTask(c *fiber.Ctx) (*record, []task, error) {
	r, err := s.find(c)
	if err != nil {
		return nil, nil, err
	}
	var out []task
	for try := range r.h.Tries {
		for _, t := range r.all(try) {
			if t.name == c.Params("task_id") {
				out = append(out, t)
			}
		}
	}
	known := false
	for i := range r.j.Roles {
		for k := range r.j.Roles[i].Replicas {
			known = known || r.taskName(i, k) == c.Params("task_id")
		}
	}
	if !known {
		return nil, nil, &Error{fiber.StatusNotFound, codeNotFound, fmt.Sprintf("training job has no task %q; status.tasks names them", c.Params("task_id"))}
	}
	return r, out, nil
}

// log is all that a task printed, in all its tries.
func (r *record) log(tries []task) string {
	var b strings.Builder
	for i := range tries {
		for _, l := range r.output(&tries[i]).Logs(&r.h.Tries[tries[i].Try], 0, r.v.Now, allLines) {
			b.WriteString(r.v.Time(l.At).UTC().Format(lineLayout))
			b.WriteString(" " + l.Text + "\n")
		}
	}
	return b.String()
}

func (s *Service) logsPreview(c *fiber.Ctx) (any, error) {
	r, tries, err := s.findTask(c)
	if err != nil {
		return nil, err
	}
	text := r.log(tries)
	tail := text[max(0, len(text)-maxPreview):]
	if len(tail) < len(text) { // whole lines
		_, tail, _ = strings.Cut(tail, "\n")
	}
	return fiber.Map{"content": tail, "current_size": len(tail), "full_size": len(text)}, nil
}

// logsURL names the place from which the whole log can be had: here, in the object store's stead.
func (s *Service) logsURL(c *fiber.Ctx) (any, error) {
	if _, _, err := s.findTask(c); err != nil {
		return nil, err
	}
	return fiber.Map{"obs_url": "http://" + string(c.Request().Host()) + strings.TrimSuffix(c.Path(), "/url") + "/file"}, nil
}

func (s *Service) logsFile(c *fiber.Ctx) (any, error) {
	r, tries, err := s.findTask(c)
	if err != nil {
		return nil, err
	}
	return file(r.log(tries)), nil
}

// metricNames are the series of a task, in the order of the answer.
func metricNames(ascend bool) ([]string, []play.Metric) {
	card := "gpu"
	if ascend {
		card = "npu"
	}
	return []string{"cpuUsage", "memUsage", card + "Util", card + "MemUsage"}, []play.Metric{play.CPUCore, play.Memory, play.GPUCore, play.GPUMemory}
}

// metrics are one value a minute, the last day's at most.
func (s *Service) metrics(c *fiber.Ctx) (any, error) {
	r, tries, err := s.findTask(c)
	if err != nil {
		return nil, err
	}
	ascend := slices.ContainsFunc(r.j.Roles, func(role world.Role) bool { return isAscend(role.GPUType) })
	names, kinds := metricNames(ascend)
	out := []fiber.Map{}
	from := max(r.j.Life.Created, r.v.Now-maxSamples*minute)
	for i, name := range names {
		values := []float64{}
		for k := range tries {
			for _, v := range r.output(&tries[k]).Samples(kinds[i], &r.h.Tries[tries[k].Try], from, r.v.Now, minute) {
				values = append(values, math.Round(v.Value*100)/100)
			}
		}
		out = append(out, fiber.Map{"metric": name, "value": values})
	}
	return fiber.Map{"metrics": out}, nil
}

// tasks are the pods of each scheduling of the job, or of one.
func (s *Service) tasks(c *fiber.Ctx) (any, error) {
	only, err := lens.Int(c, "schedule_count", 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	out := []fiber.Map{}
	attempt := -1
	for try := range r.h.Tries {
		t := &r.h.Tries[try]
		if t.Attempt == attempt || only > 0 && t.Attempt+1 != only { // restarts in place keep their pods' nodes
			continue
		}
		attempt = t.Attempt
		for _, p := range r.all(try) {
			out = append(out, fiber.Map{"task": p.name, "ip": p.Address(), "host_ip": world.HostAddress(p.Node), "schedule_count": t.Attempt + 1})
		}
	}
	return out, nil
}

// event is something that happened to a job.
type event struct {
	at      state.Time
	Message string `json:"message"`
	Level   string `json:"level"`
	Time    string `json:"time"`
	Source  string `json:"source"`
}

// history are the events of a job and of its tasks, the first one first.
func (r *record) history() []event {
	var out []event
	for i := range r.h.Steps {
		step := &r.h.Steps[i]
		phase, _ := phaseOf(&play.History{Steps: r.h.Steps[i : i+1], Tries: r.h.Tries})
		e := event{at: step.From, Message: "training job is " + phase, Level: "Info", Source: "training-job"}
		if why := reason(step.Why, step.Code); why != "" {
			e.Message += ": " + why
		}
		switch step.Phase {
		case play.Failed:
			e.Level = "Error"
		case play.Restarting:
			e.Level, e.Message = "Warning", "training job is restarted: "+reason(step.Why, step.Code)
		case play.Preparing:
			e.Message = "training job got its resources and is being prepared"
		}
		out = append(out, e)
	}
	for try := range r.h.Tries {
		for _, t := range r.all(try) {
			for _, x := range r.output(&t).Reports(&r.h.Tries[try], r.v.Now) {
				out = append(out, event{at: x.At, Message: "[" + x.Reason + "] " + x.Text, Level: map[bool]string{true: "Warning", false: "Info"}[x.Bad], Source: t.name})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	for i := range out {
		out[i].Time = r.v.Time(out[i].at).UTC().Format(time.RFC3339)
	}
	return out
}

// events lists them: newest last unless asked otherwise; offset counts events.
func (s *Service) events(c *fiber.Ctx) (any, error) {
	offset, err := lens.Int(c, "offset", 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	limit, err := lens.Int(c, "limit", 50, 1, 100)
	if err != nil {
		return nil, err
	}
	order, err := lens.OneOf(c, "order", "desc", "asc", "desc")
	if err != nil {
		return nil, err
	}
	level, err := lens.OneOf(c, "level", "", "Info", "Warning", "Error")
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
	list := slices.DeleteFunc(r.history(), func(e event) bool {
		return e.at < from || e.at > to || level != "" && e.Level != level || !strings.Contains(e.Message, c.Query("pattern"))
	})
	if order == "desc" {
		slices.Reverse(list)
	}
	at := min(offset, len(list))
	return fiber.Map{"total": len(list), "limit": limit, "offset": offset, "order": order, "start_time": c.Query("start_time"), "end_time": c.Query("end_time"),
		"events": append([]event{}, list[at:min(at+limit, len(list))]...)}, nil
}

// span reads start_time and end_time: Unix milliseconds or RFC 3339.
func (r *record) span(c *fiber.Ctx) (from, to state.Time, err error) {
	to = r.v.Now
	for _, b := range []struct {
		name string
		to   *state.Time
	}{{"start_time", &from}, {"end_time", &to}} {
		text := c.Query(b.name)
		if text == "" {
			continue
		}
		t, unit, ok := timeOf(text)
		if !ok {
			return 0, 0, lens.Invalid(b.name, "got %q, want Unix milliseconds or a time such as 2026-01-01T00:00:00Z", text)
		}
		if *b.to = state.Time(t.Sub(r.v.Time(0))); b.name == "end_time" {
			*b.to += state.Time(unit - 1) // what happened within the last unit counts
		}
	}
	return from, to, nil
}

// maxUnix bounds times so that spans between them have nanoseconds.
const maxUnix = 4_102_444_800 // the year 2100

// timeOf reads an instant, and how finely it is given.
func timeOf(text string) (t time.Time, unit time.Duration, ok bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(n), time.Millisecond, n >= 0 && n <= maxUnix*1000
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, time.Second, err == nil && t.Unix() >= 0 && t.Unix() <= maxUnix
}

// stage is one of the four stages of a scheduling.
type stage struct {
	JobID      string     `json:"job_id"`
	Name       string     `json:"name"`
	EnMessage  string     `json:"en_message"`
	ZhMessage  string     `json:"zh_message"`
	StartTime  string     `json:"start_time"`
	EndTime    string     `json:"end_time"`
	StageOrder int        `json:"stage_order"`
	SubStages  []struct{} `json:"sub_stages"`
}

// stages are the stretches of a job's life, a record for each time that it queued.
func (s *Service) stages(c *fiber.Ctx) (any, error) {
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	names := [...]string{"scheduling", "preparing", "running", "end"}
	records := []fiber.Map{}
	var list []stage
	next := func() {
		if list != nil {
			records = append(records, fiber.Map{"record_order": len(records) + 1, "stages": list})
		}
		list = nil
	}
	for i := range r.h.Steps {
		step := &r.h.Steps[i]
		k := 2
		switch {
		case step.Phase == play.Creating || step.Phase == play.Waiting || step.Phase == play.Restarting && step.Why != play.WhyExit:
			k = 0
		case step.Phase == play.Preparing || step.Phase == play.Checking:
			k = 1
		case step.Phase.Ends():
			k = 3
		}
		if n := len(list); n > 0 && list[n-1].StageOrder > k+1 {
			next()
		}
		end := ""
		if step.To != state.Unset {
			end = r.v.Time(step.To).UTC().Format(time.RFC3339)
		}
		if n := len(list); n > 0 && list[n-1].StageOrder == k+1 {
			list[n-1].EndTime = end
			continue
		}
		list = append(list, stage{r.v.LongID(r.j), names[k], names[k], names[k], r.v.Time(step.From).UTC().Format(time.RFC3339), end, k + 1, []struct{}{}})
	}
	next()
	return fiber.Map{"total_count": len(records), "running_records": records}, nil
}

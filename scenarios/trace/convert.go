package trace

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// Conversion says what Convert wrote.
type Conversion struct {
	Jobs    int64
	Columns []string
	Lost    []string // what our CSV cannot say, counted
}

// Convert writes a source as our own CSV with the columns that it needs. It reads a clone first, to learn which they are;
// reading the result gives the same jobs but for what Lost names. A date in meta becomes a "# start:" line.
func Convert(w io.Writer, src state.Source, names *state.Names, meta *Meta) (Conversion, error) {
	ahead, err := src.Clone(names)
	if err != nil {
		return Conversion{}, err
	}
	c := &converter{w: bufio.NewWriterSize(w, blockSize), names: names}
	if err := each(ahead, c.look); err != nil {
		return Conversion{}, err
	}
	if meta != nil && meta.HasDate {
		fmt.Fprintf(c.w, "# start: %s\n", meta.Start.UTC().Format(time.RFC3339Nano))
	}
	out := Conversion{Columns: c.header()}
	if err := each(src, c.write); err != nil {
		return Conversion{}, err
	}
	out.Jobs, out.Lost = c.row, append(c.lost.lines(), NotesOf(src)...)
	return out, c.w.Flush()
}

func each(src state.Source, do func(*state.JobSpec) error) error {
	var spec state.JobSpec
	for {
		ok, err := src.Next(&spec)
		if err != nil || !ok {
			return err
		}
		if err := do(&spec); err != nil {
			return err
		}
	}
}

// converter learns the columns, then writes rows.
type converter struct {
	w     *bufio.Writer
	names *state.Names
	need  [numNative]bool
	x     [state.MaxX]bool
	ids   []string // names of the rows, when there are dependencies
	used  map[string]bool
	seen  int64
	row   int64
	cell  []byte
	lost  tally
}

// look notes the columns that a job needs.
func (c *converter) look(s *state.JobSpec) error {
	c.seen++
	need := func(col int, yes bool) { c.need[col] = c.need[col] || yes }
	for col := range colPodGPUs {
		c.need[col] = true
	}
	r := c.role(s, false)
	pods := r.Flags&state.RoleSplit == 0 && (r.PodGPUs > 0 || r.Replicas != 1) && !(r.PodGPUs == 1 && r.Replicas == 1 && r.GPUMilli < 1000)
	need(colPodGPUs, pods && r.PodGPUs > 0)
	need(colReplicas, pods)
	need(colGPUMilli, r.GPUMilli != 1000)
	need(colGPUType, r.TypeMask != 0)
	need(colCPU, r.CPUMilli != 0)
	need(colMemory, r.MemMiB != 0)
	need(colQueue, s.Queue != state.None)
	need(colUser, s.User != state.None)
	need(colPartition, s.Partition != state.None)
	need(colPriority, s.Priority != 0)
	need(colEstimate, s.Estimate != state.Unset)
	need(colMaxRun, s.MaxRun != 0)
	need(colPatience, s.Patience != state.Unset)
	need(colStart, s.RecStart != state.Unset)
	need(colStatus, s.Outcome != state.Finished)
	need(colAfter, len(s.After) > 0)
	need(colTopology, r.Within|r.Prefer != 0)
	need(colModel, s.Model != 0)
	for i, v := range s.X {
		c.x[i] = c.x[i] || v != 0
	}
	return nil
}

// header writes the names of the columns.
func (c *converter) header() []string {
	var cols []string
	for i, col := range nativeColumns() {
		if c.need[i] {
			cols = append(cols, col.Name)
		}
	}
	if c.seen == 0 {
		cols = []string{"job", "submit_s", "duration_s", "gpus"}
	}
	for i, name := range c.names.X.All() {
		if c.x[i] {
			cols = append(cols, name)
		}
	}
	for i, name := range cols {
		if i > 0 {
			c.w.WriteByte(',')
		}
		c.w.WriteString(name)
	}
	c.w.WriteByte('\n')
	if c.need[colAfter] {
		c.used = make(map[string]bool)
	}
	return cols
}

// role is the one role that a row can say: of several the one with most GPUs.
func (c *converter) role(s *state.JobSpec, count bool) state.RoleSpec {
	best, most := 0, int64(-1)
	for i := range s.Roles {
		if n := int64(s.Roles[i].Replicas) * int64(s.Roles[i].PodGPUs); n > most {
			best, most = i, n
		}
	}
	if count && len(s.Roles) > 1 {
		c.lost.add("job of several roles: only the one with most GPUs is kept")
	}
	r := s.Roles[best]
	if count && r.Max != 0 && r.Max != r.Replicas {
		c.lost.add("elastic role: its maximum is lost")
	}
	if r.PodGPUs == 0 {
		r.GPUMilli, r.TypeMask = 1000, 0
	}
	return r
}

// write writes one row.
func (c *converter) write(s *state.JobSpec) error {
	if len(s.Roles) == 0 {
		return fmt.Errorf("job %s has no role", shown(s.Name))
	}
	first := true
	put := func(col int, text []byte) {
		if !c.need[col] {
			return
		}
		if !first {
			c.w.WriteByte(',')
		}
		first = false
		c.quote(text)
	}
	put(colJob, []byte(c.name(s.Name)))
	put(colSubmit, c.seconds(s.Submit, false))
	if s.Duration == state.Never {
		put(colDuration, []byte("never"))
	} else {
		put(colDuration, c.seconds(s.Duration, false))
	}
	c.putRole(s, put)
	put(colQueue, []byte(c.names.Queues.Name(s.Queue)))
	put(colUser, []byte(c.names.Users.Name(s.User)))
	put(colPartition, []byte(c.names.Partitions.Name(s.Partition)))
	put(colPriority, c.number(int64(s.Priority), s.Priority == 0))
	put(colEstimate, c.seconds(s.Estimate, s.Estimate == state.Unset))
	put(colMaxRun, c.seconds(s.MaxRun, s.MaxRun == 0))
	put(colPatience, c.seconds(s.Patience, s.Patience == state.Unset))
	start := s.RecStart
	if start != state.Unset && start < s.Submit {
		c.lost.add("recorded start before the submission, dropped")
		start = state.Unset
	}
	put(colStart, c.seconds(start, start == state.Unset))
	switch s.Outcome {
	case state.Finished:
		put(colStatus, nil)
	case state.Failed, state.Cancelled:
		put(colStatus, []byte(s.Outcome.String()))
	default:
		return fmt.Errorf("job %s has the outcome %s, expected finished, failed or cancelled", shown(s.Name), s.Outcome)
	}
	put(colAfter, c.after(s.After))
	c.cell = c.levels(s)
	put(colTopology, c.cell)
	put(colModel, []byte(c.names.Models.Name(s.Model-1)))
	for i, v := range s.X {
		if c.x[i] {
			c.w.WriteByte(',')
			if v != 0 {
				c.w.WriteString(decimalText(v, 6))
			}
		}
	}
	c.row++
	return c.w.WriteByte('\n')
}

// putRole writes the columns of the request.
func (c *converter) putRole(s *state.JobSpec, put func(int, []byte)) {
	r := c.role(s, true)
	split := r.Flags&state.RoleSplit != 0
	fraction := r.PodGPUs == 1 && r.Replicas == 1 && r.GPUMilli < 1000
	put(colGPUs, c.number(int64(r.Replicas)*int64(r.PodGPUs), false))
	put(colPodGPUs, c.number(int64(r.PodGPUs), split || r.PodGPUs == 0 || fraction))
	put(colReplicas, c.number(int64(r.Replicas), split || fraction || r.PodGPUs == 0 && r.Replicas == 1))
	put(colGPUMilli, c.number(int64(r.GPUMilli), r.GPUMilli == 1000))
	c.cell = c.cell[:0]
	for i, name := range c.names.Types.All() {
		if r.TypeMask>>uint(i)&1 == 1 {
			if len(c.cell) > 0 {
				c.cell = append(c.cell, '|')
			}
			c.cell = append(c.cell, name...)
		}
	}
	put(colGPUType, c.cell)
	put(colCPU, c.number(r.CPUMilli, r.CPUMilli == 0))
	put(colMemory, c.number(r.MemMiB, r.MemMiB == 0))
}

// levels are the levels of domains that the job requires and prefers.
func (c *converter) levels(s *state.JobSpec) []byte {
	r := c.role(s, false)
	out := c.cell[:0]
	if r.Within > 0 {
		out = append(append(out, "required:"...), c.names.LevelName(r.Within)...)
	}
	if r.Prefer > 0 {
		if len(out) > 0 {
			out = append(out, ';')
		}
		out = append(append(out, "preferred:"...), c.names.LevelName(r.Prefer)...)
	}
	return out
}

func (c *converter) seconds(t state.Time, empty bool) []byte {
	if empty {
		return nil
	}
	c.cell = appendSeconds(c.cell[:0], t)
	return c.cell
}

func (c *converter) number(v int64, empty bool) []byte {
	if empty {
		return nil
	}
	c.cell = strconv.AppendInt(c.cell[:0], v, 10)
	return c.cell
}

// quote writes a field, in quotes where it needs them. A field cannot hold a line break.
func (c *converter) quote(text []byte) {
	if bytes.ContainsAny(text, "\r\n") {
		c.lost.add("line break in a name, written as a blank")
		text = bytes.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, text)
	}
	if !bytes.ContainsAny(text, `",`) {
		c.w.Write(text)
		return
	}
	c.w.WriteByte('"')
	c.w.Write(bytes.ReplaceAll(text, []byte(`"`), []byte(`""`)))
	c.w.WriteByte('"')
}

// name is the job's name as it can stand in a row; where rows refer to each other it is unique and free of separators.
func (c *converter) name(name []byte) string {
	text := string(name)
	if text == "" {
		c.lost.add("job without a name, called by its row")
		text = strconv.FormatInt(c.row, 10)
	}
	if c.used == nil {
		return text
	}
	if bytes.ContainsAny(name, "; \r\n") || bytes.HasSuffix(name, []byte(":ok")) || bytes.HasSuffix(name, []byte(":any")) || c.used[text] {
		c.lost.add("name that a dependency could not refer to, its row put behind it")
		base := string(bytes.Map(func(r rune) rune {
			if r == ';' || r == ' ' || r == '\r' || r == '\n' {
				return '_'
			}
			return r
		}, []byte(text)))
		for n := c.row; ; n++ {
			if text = fmt.Sprintf("%s#%d", base, n); !c.used[text] {
				break
			}
		}
	}
	c.used[text] = true
	c.ids = append(c.ids, text)
	return text
}

// after writes dependencies by name.
func (c *converter) after(deps []state.Dep) []byte {
	c.cell = c.cell[:0]
	for i, d := range deps {
		if i > 0 {
			c.cell = append(c.cell, ';')
		}
		c.cell = append(c.cell, c.ids[d.Row]...)
		if d.When == state.AfterAny {
			c.cell = append(c.cell, ":any"...)
		} else if bytes.HasSuffix([]byte(c.ids[d.Row]), []byte(":any")) {
			c.cell = append(c.cell, ":ok"...)
		}
	}
	return c.cell
}

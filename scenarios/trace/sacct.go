package trace

import (
	"bytes"
	"fmt"
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	saJob = iota
	saSubmit
	saStart
	saEnd
	saState
	saAlloc
	saReq
	saLimit
	saUser
	saAccount
	saPartition
	saQOS
	saPriority
)

func sacctColumns() []Column {
	return []Column{
		{Name: "JobID", Aliases: []string{"JobIDRaw"}, Required: true, Doc: "123, 123_4 (array), 123.0 and 123.batch (steps), 123+1 (heterogeneous)"},
		{Name: "Submit", Required: true, Doc: "date and time of submission"},
		{Name: "Start", Required: true, Doc: "date and time of the start, Unknown or None"},
		{Name: "End", Required: true, Doc: "date and time of the end, Unknown"},
		{Name: "State", Required: true, Doc: "COMPLETED, FAILED, CANCELLED by 1001, TIMEOUT, ..."},
		{Name: "AllocTRES", Doc: "what it got: cpu=8,gres/gpu:a100=8,mem=64G,node=1"},
		{Name: "ReqTRES", Doc: "what it asked for"},
		{Name: "Timelimit", Doc: "the estimate: D-HH:MM:SS, UNLIMITED or Partition_Limit"},
		{Name: "User", Doc: "user"},
		{Name: "Account", Doc: "account, read as the queue"},
		{Name: "Partition", Doc: "partition; of several the first"},
		{Name: "QOS", Doc: "read as the queue where there is no account"},
		{Name: "Priority", Doc: "priority"},
	}
}

func sacctOddities() []string {
	return []string{
		"Output of sacct -P (fields separated by |, with header) and any --format that has JobID, Submit, Start, End, State and AllocTRES or ReqTRES.",
		"Times have no zone: they are UTC unless a timezone is given. Rows are sorted by submission.",
		"Steps (123.batch, 123.extern, 123.0) are folded into their job; they give its resources where the job's own row has none.",
		"Array tasks and requeues are jobs of their own; a pending range (123_[5-9]) and pending jobs have no end and are left out.",
		"A running job never ends by itself; its time limit is its maximum running time.",
		"CANCELLED by uid is cancelled; TIMEOUT, NODE_FAIL, OUT_OF_MEMORY, BOOT_FAIL, DEADLINE and PREEMPTED are failures; REQUEUED and RESIZING rows ran and are cancelled.",
		"A cancelled job without a start never ran: it leaves after End - Submit.",
		"gres/gpu gives the GPUs, else the sum of gres/gpu:TYPE; one single TYPE in ReqTRES, else in AllocTRES, constrains the job. GPUs are spread evenly over node=N where that divides (one pod a node), else placement may split them.",
		"nodes names the cluster: text of scontrol show node, or of sinfo -N with GRES.",
	}
}

// openSacct reads accounting records of Slurm.
func openSacct(path string, opt *Options, names *state.Names, _ *Meta) (opened, error) {
	s, err := openSheet(path, '|', sacctColumns(), opt, names)
	if err != nil {
		return opened{}, err
	}
	if s.at[saAlloc] < 0 && s.at[saReq] < 0 {
		s.close()
		return opened{}, s.t.fail(-1, `no column "AllocTRES" or "ReqTRES"`, "expected at least one of them: it says how many GPUs a job has",
			"sacct -P --format=JobID,Submit,Start,End,State,AllocTRES,ReqTRES,Timelimit,User,Account,Partition,QOS")
	}
	a := &sacct{sheet: s}
	o := opened{rd: a, dated: true}
	if opt.Nodes != "" {
		o.cluster = func() (*ClusterSpec, error) { return ReadNodes("slurm", opt.Nodes, *opt) }
	}
	return o, nil
}

// sacct looks one row ahead, to fold steps into the job before them.
type sacct struct {
	*sheet
	held     state.JobSpec // the job whose steps may follow
	heldID   []byte
	has      bool
	sized    bool // its own row said what it holds
	skip     string
	line     int
	finished bool
	late     error // of the row behind the job that was just given
}

func (a *sacct) where() (string, int) { return a.t.path(), a.line }

// next returns the held job once a row of another job, or the end, shows that its steps are over.
func (a *sacct) next(spec *state.JobSpec) (verdict, error) {
	if err := a.late; err != nil {
		a.late = nil
		return 0, err
	}
	for !a.finished {
		ok, err := a.t.row()
		if err != nil {
			return 0, err
		}
		if !ok {
			a.finished = true
			break
		}
		id := a.text(saJob)
		if base, _, step := bytes.Cut(id, []byte(".")); step {
			if a.has && bytes.Equal(base, a.heldID) {
				if err := a.fold(); err != nil {
					return 0, err
				}
			} else {
				a.count.add("step without its job before it, left out")
			}
			continue
		}
		had := a.has
		v := a.give(spec)
		if err := a.take(id); err != nil {
			a.has = false
			if !had {
				return 0, err
			}
			a.late = err
		}
		if had {
			return v, nil
		}
	}
	if a.has {
		v := a.give(spec)
		a.has = false
		return v, nil
	}
	return rowEnd, nil
}

// give hands the held job over.
func (a *sacct) give(spec *state.JobSpec) verdict {
	if !a.has {
		return rowSkip
	}
	if a.skip == "" && len(a.held.Roles) == 0 {
		a.skip = "job without resources, left out"
	}
	if a.skip == "" && !a.opt.settle(&a.held) {
		a.skip = "cancelled before it started, left out (neverStarted: skip)"
	}
	if a.skip != "" {
		a.count.add(a.skip)
		return rowSkip
	}
	spec.Reset()
	name, roles := append(spec.Name, a.held.Name...), append(spec.Roles, a.held.Roles...)
	after := spec.After
	*spec = a.held
	spec.Name, spec.Roles, spec.After = name, roles, after
	return rowJob
}

// take reads the present row as a job.
func (a *sacct) take(id []byte) error {
	s, spec := a.sheet, &a.held
	spec.Reset()
	a.has, a.skip, a.line = true, "", s.t.lines.line
	a.heldID = append(a.heldID[:0], id...)
	spec.Name = append(spec.Name, id...)
	spec.User = s.names.Users.Intern(s.text(saUser))
	queue := s.text(saAccount)
	if len(queue) == 0 {
		queue = s.text(saQOS)
	}
	spec.Queue = s.names.Queues.Intern(queue)
	partition, _, _ := bytes.Cut(s.text(saPartition), []byte(","))
	spec.Partition = s.names.Partitions.Intern(partition)
	prio, err := s.wholeOr(saPriority, 0)
	if err != nil {
		return err
	}
	spec.Priority = int32(prio)
	if s.has(saLimit) && !isWord(s.text(saLimit), "unlimited", "partition_limit") {
		limit, ok := slurmSpan(s.text(saLimit))
		if !ok {
			return s.t.fail(s.at[saLimit], "Timelimit: "+shown(s.text(saLimit))+" is no time limit", "expected D-HH:MM:SS, HH:MM:SS or MM:SS", "")
		}
		spec.Estimate = limit
	}
	if err := a.resources(); err != nil {
		return err
	}
	return a.life()
}

func isWord(b []byte, words ...string) bool {
	l := lower(b)
	for _, w := range words {
		if l == w {
			return true
		}
	}
	return false
}

// life reads state and times.
func (a *sacct) life() (err error) {
	s, spec := a.sheet, &a.held
	word, _, _ := bytes.Cut(s.text(saState), []byte(" "))
	word = bytes.TrimRight(word, "+") // sacct cuts long words with a +
	switch lower(word) {
	case "pending", "configuring":
		a.skip = "pending at the end of the record, left out"
		return nil
	case "running", "suspended", "completing", "stopped", "signaling", "stage_out":
		if spec.Submit, err = s.mustStamp(saSubmit); err != nil {
			return err
		}
		if spec.RecStart, err = s.stamp(saStart); err != nil {
			return err
		}
		if spec.RecStart != state.Unset && spec.RecStart < spec.Submit {
			return s.t.fail(s.at[saStart], "starts before it is submitted", "expected a start at or after the submission", "")
		}
		spec.Duration = state.Never
		if spec.Estimate != state.Unset {
			spec.MaxRun = spec.Estimate
		}
		a.count.add("running at the end of the record: runs until its time limit, or until stopped")
		return nil
	case "requeued", "resizing", "revoked", "requeue_hold", "requeue_fed", "special_exit", "cancelled":
		spec.Outcome = state.Cancelled
	default:
		o, ok := outcomeOf(word)
		if !ok {
			return s.t.fail(s.at[saState], "State: unknown word "+shown(s.text(saState)), "expected a state of Slurm such as COMPLETED, FAILED or CANCELLED by 1001", "")
		}
		spec.Outcome = o
	}
	start := s.text(saStart)
	if spec.Outcome == state.Cancelled && s.has(saStart) && bytes.Equal(start, s.text(saEnd)) && s.at[saAlloc] >= 0 && len(s.text(saAlloc)) == 0 {
		// A job cancelled while it waited gets Start = End in some versions; it was never given anything.
		spec.RecStart = state.Unset
		if spec.Submit, err = s.mustStamp(saSubmit); err != nil {
			return err
		}
		end, err := s.stamp(saEnd)
		if err == nil && end < spec.Submit {
			err = s.t.fail(s.at[saEnd], "ends before it is submitted", "expected an end at or after the submission", "")
		}
		spec.Patience = end - spec.Submit
		return err
	}
	a.skip, err = datedRun(s, spec, saSubmit, saStart, saEnd, -1)
	return err
}

// resources reads the TRES of the job's own row.
func (a *sacct) resources() error {
	alloc, err := a.tres(saAlloc)
	if err != nil {
		return err
	}
	req, err := a.tres(saReq)
	if err != nil {
		return err
	}
	got := alloc
	if !got.known() {
		got = req
	}
	a.sized = got.known()
	if !a.sized {
		return nil
	}
	typ := req.typ
	if typ == "" && req.gpus == 0 {
		typ = alloc.typ
	}
	return a.setRole(got, typ)
}

// fold takes a step's resources where the job's row had none: the largest step.
func (a *sacct) fold() error {
	if a.sized {
		return nil
	}
	t, err := a.tres(saAlloc)
	if err != nil || !t.known() {
		return err
	}
	if len(a.held.Roles) > 0 && a.held.GPUs() >= t.gpus {
		return nil
	}
	return a.setRole(t, t.typ)
}

func (a *sacct) setRole(t tres, typ string) error {
	if t.gpus > math.MaxInt32 || t.nodes > math.MaxInt32 {
		return a.t.fail(-1, fmt.Sprintf("%d GPUs on %d nodes", t.gpus, t.nodes), "expected at most 2147483647", "")
	}
	r := nodeRole(t.gpus, t.nodes, t.cpuMilli, t.memMiB)
	if typ != "" && t.gpus > 0 {
		bit, err := a.names.TypeBit([]byte(typ))
		if err != nil {
			return a.t.fail(-1, err.Error(), "expected types such as gres/gpu:a100=8", tooManyNames)
		}
		r.TypeMask = bit
	}
	a.held.Roles = append(a.held.Roles[:0], r)
	return nil
}

func (a *sacct) tres(col int) (tres, error) {
	if !a.sheet.has(col) {
		return tres{}, nil
	}
	t, bad := parseTRES(a.text(col))
	if bad != nil {
		return t, a.t.fail(a.at[col], a.t.header[a.at[col]]+": "+shown(bad)+" is not understood", "expected entries such as cpu=8,gres/gpu:a100=8,mem=64G,node=1", "")
	}
	return t, nil
}

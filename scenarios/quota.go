package scenarios

import (
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// Quota is what the queues' numbers mean, and whose turn it is.
type Quota struct {
	Rules   string `yaml:"rules,required" enum:"volcano|kueue|pai" doc:"What a queue's amounts mean (docs/queues.md)."`
	Between string `yaml:"between" enum:"merged|fair|drf|priority" default:"merged" doc:"Which queue is next: merged, all jobs are one list in the policy's order; fair, the queue that uses the smallest part of its due; drf, the smallest dominant share by weight; priority, the highest queue, then as fair."`
	Default string `yaml:"default" doc:"Queue of jobs that name none, or one that is not in the tree. Left out: such a job is an error."`
}

// Queue is a queue that jobs may name; with quota, a node of the tree.
type Queue struct {
	Name           string             `yaml:"name,required,key" doc:"Name."`
	Parent         string             `yaml:"parent" doc:"The queue above, or root. Default: root; under kueue none, and it borrows from nobody."`
	Guarantee      ydec.Map[Quantity] `yaml:"guarantee" doc:"volcano: never lent. pai: what its parent keeps for it. By GPU type, gpu (of any type), cpu, memory."`
	Deserved       ydec.Map[Quantity] `yaml:"deserved" doc:"volcano: its own, lent while idle."`
	Capability     ydec.Map[Quantity] `yaml:"capability" doc:"volcano, pai: never exceeded. Default under pai: its guarantee."`
	Nominal        ydec.Map[Quantity] `yaml:"nominal" doc:"kueue: its own."`
	BorrowingLimit ydec.Map[Quantity] `yaml:"borrowingLimit" doc:"kueue: at most so much beyond its own."`
	LendingLimit   ydec.Map[Quantity] `yaml:"lendingLimit" doc:"kueue: at most so much of its own is lent."`
	UserLimit      ydec.Map[Quantity] `yaml:"userLimit" doc:"pai: what one user may hold in it and below."`
	Caps           []QueueCap         `yaml:"caps" doc:"pai: limits for jobs of a range of priorities."`
	Weight         Fixed              `yaml:"weight" default:"1" doc:"Of its fair share."`
	Priority       int                `yaml:"priority" default:"0" min:"-1000000" max:"1000000" doc:"Of the queue, for between: priority; larger first."`
	Strategy       string             `yaml:"strategy" enum:"StrictFIFO|BestEffortFIFO|balance|intelligent" doc:"Who of its jobs is next and whom a blocked one blocks; overrides the policy's order and backfill for it."`
	Timeout        Duration           `yaml:"timeout" default:"5m" doc:"balance: after which one more job may pass the first."`
	Threshold      int                `yaml:"threshold" default:"7" doc:"intelligent: priorities from here on are strict."`
	Growth         Duration           `yaml:"growth" default:"1h" doc:"intelligent: waiting time for which a lower priority grows by one."`
	Reclaimable    *bool              `yaml:"reclaimable" doc:"volcano: others may reclaim what it holds beyond its deserved. Default: true."`
	State          string             `yaml:"state" enum:"open|closed|hold|drain" default:"open" doc:"closed: takes no new jobs. hold: starts nothing. drain: hold, and what runs is evicted."`
	Nodes          []string           `yaml:"nodes" doc:"Pools that are for this queue and those below it alone; for a queue at the top."`
}

// QueueCap limits what each user may hold with jobs of a range of priorities.
type QueueCap struct {
	Priority string             `yaml:"priority,required" doc:"A priority, or a range such as 7-9."`
	Users    []string           `yaml:"users" doc:"Whom it is for. Default: everybody."`
	Amount   ydec.Map[Quantity] `yaml:"amount" doc:"What each of them may hold."`
	MaxRun   Duration           `yaml:"maxRun" default:"0s" doc:"Such a job is killed after this running time; 0s: not. The strictest cap that matches counts."`
}

// Quantity is an amount of GPUs, CPUs or memory; what it is of says how it is read.
type Quantity string

// ParseYAML keeps the text.
func (q *Quantity) ParseYAML(text string) error {
	*q = Quantity(text)
	return nil
}

// FormatYAML gives it back.
func (q Quantity) FormatYAML() string { return string(q) }

// DescribeYAML says what is expected.
func (Quantity) DescribeYAML() string {
	return "an amount such as 64 GPUs (64), 0.5, or of memory 8TiB"
}

// amountFields are a queue's amounts by the names of their keys.
func (q *Queue) amountFields() []struct {
	name string
	of   ydec.Map[Quantity]
} {
	return []struct {
		name string
		of   ydec.Map[Quantity]
	}{{"guarantee", q.Guarantee}, {"deserved", q.Deserved}, {"capability", q.Capability}, {"nominal", q.Nominal},
		{"borrowingLimit", q.BorrowingLimit}, {"lendingLimit", q.LendingLimit}, {"userLimit", q.UserLimit}}
}

// checkQueues tests what can be tested without the cluster: the rest is for compileQuota.
func (l *Loaded) checkQueues() {
	if l.Quota == nil {
		l.checkNoQuota()
		return
	}
	if len(l.Queues) == 0 {
		l.Doc.Errorf("quota", "a quota tree without queues").Want("queues: with names and amounts")
		return
	}
	var types []string
	if l.Cluster != nil {
		for _, t := range l.Cluster.NodeTypes {
			types = append(types, t.Value.GPU)
		}
	}
	if l.Cluster != nil && l.Cluster.Nodes == nil {
		l.quotaSpec(types, nil, nil)
	}
	l.checkPhysical()
}

func (l *Loaded) checkNoQuota() {
	for i := range l.Queues {
		q := &l.Queues[i]
		for _, f := range q.amountFields() {
			if f.of != nil {
				l.Doc.Errorf(fmt.Sprintf("queues[%d].%s", i, f.name), "an amount, but the scenario has no quota").Do("write quota: {rules: volcano}, kueue or pai")
			}
		}
		if q.Parent != "" || q.Strategy != "" || q.Caps != nil || q.Nodes != nil || q.State != "open" {
			l.Doc.Errorf(fmt.Sprintf("queues[%d]", i), "this queue is one of a quota tree, but the scenario has no quota").Do("write quota: {rules: volcano}, kueue or pai")
		}
	}
}

// checkPhysical tests queues with nodes of their own.
func (l *Loaded) checkPhysical() {
	owner := map[string]string{}
	for i := range l.Queues {
		q := &l.Queues[i]
		if q.Nodes == nil {
			continue
		}
		at := fmt.Sprintf("queues[%d].nodes", i)
		if len(l.Partitions) > 0 {
			l.Doc.Errorf(at, "a queue with nodes of its own beside partitions").Do("leave partitions out, or name the queue in one of them")
		}
		if q.Parent != "" && q.Parent != "root" {
			l.Doc.Errorf(at, "queue %q is below %q and shares its nodes", q.Name, q.Parent).Do("give nodes to a queue at the top")
		}
		for k, pool := range q.Nodes {
			if other, taken := owner[pool]; taken {
				l.Doc.Errorf(fmt.Sprintf("%s[%d]", at, k), "pool %q belongs to queue %q already", pool, other)
			}
			owner[pool] = q.Name
			if l.Cluster != nil && !slices.ContainsFunc(l.Cluster.Pools, func(p Pool) bool { return p.Name == pool }) {
				l.Doc.Errorf(fmt.Sprintf("%s[%d]", at, k), "no pool %q", pool)
			}
		}
	}
}

// parts are the partitions: those that the scenario names, or one for each queue that has nodes of its own, behind one for the
// other nodes.
func (l *Loaded) parts() []Partition {
	if len(l.Partitions) > 0 {
		return l.Partitions
	}
	var out []Partition
	taken := map[string]bool{}
	for i := range l.Queues {
		q := &l.Queues[i]
		if q.Nodes == nil {
			continue
		}
		p := Partition{Name: q.Name, Pools: q.Nodes}
		for k := range l.Queues {
			if l.below(k, i) {
				p.Queues = append(p.Queues, l.Queues[k].Name)
			}
		}
		for _, pool := range q.Nodes {
			taken[pool] = true
		}
		out = append(out, p)
	}
	if out == nil || l.Cluster == nil {
		return nil
	}
	rest := Partition{Name: "shared"}
	for i := range l.Cluster.Pools {
		if !taken[l.Cluster.Pools[i].Name] {
			rest.Pools = append(rest.Pools, l.Cluster.Pools[i].Name)
		}
	}
	if rest.Pools != nil {
		out = append([]Partition{rest}, out...)
	}
	return out
}

// below reports whether queue k is queue i or below it.
func (l *Loaded) below(k, i int) bool {
	for range l.Queues {
		if k == i {
			return true
		}
		k = slices.IndexFunc(l.Queues, func(q Queue) bool { return q.Name == l.Queues[k].Parent })
		if k < 0 {
			return false
		}
	}
	return false
}

package scenarios_test

import (
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/scenarios"
)

const quotaHead = `apiVersion: orrery/v1
kind: Scenario
name: q
cluster:
  nodeTypes: {a: {gpu: A100-80, gpus: 8}, t: {gpu: T4, gpus: 4}}
  pools: [{name: big, nodeType: a, nodes: 4}, {name: small, nodeType: t, nodes: 2}]
workload: {generator: {preset: philly, jobs: 5}, queue: prod}
policy: {order: fifo}
`

// Each bad tree is refused where it is bad, with what was found and wanted.
func TestBadQuotasAreRefusedWhereTheyStand(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string // place: parts of the error
	}{
		"foreign field": {"quota: {rules: kueue}\nqueues: [{name: prod, deserved: {A100-80: 8}}]", []string{"q.yaml:10:33", "queues[0].deserved", "the rules kueue know no deserved", "of the rules volcano"}},
		"unknown resource": {"quota: {rules: volcano}\nqueues: [{name: prod, deserved: {A100-40: 8}}]",
			[]string{"q.yaml:10:43", `no resource "A100-40"`, "A100-80", "did you mean"}},
		"negative":  {"quota: {rules: volcano}\nqueues: [{name: prod, deserved: {A100-80: -8}}]", []string{"q.yaml:10:", `"-8" is no amount of A100-80`, "0 or more"}},
		"no amount": {"quota: {rules: volcano}\nqueues: [{name: prod, capability: {memory: lots}}]", []string{`"lots" is no amount of memory`, "8TiB"}},
		"no parent": {"quota: {rules: volcano}\nqueues: [{name: prod, parent: al}, {name: all}]", []string{"queues[0].parent", `no queue "al"`, `"all"`}},
		"circle":    {"quota: {rules: pai}\nqueues: [{name: prod, parent: b}, {name: b, parent: prod}]", []string{"queues[0].parent", "circle: prod -> b -> prod"}},
		"over its own capability": {"quota: {rules: volcano}\nqueues: [{name: prod, deserved: {A100-80: 9}, capability: {A100-80: 8}}]",
			[]string{"deserved of A100-80 is 9, more than its capability", "at most 8"}},
		"sum over the parent": {"quota: {rules: volcano}\nqueues: [{name: all, deserved: {A100-80: 16}}, {name: prod, parent: all, deserved: {A100-80: 9}}, {name: b, parent: all, deserved: {A100-80: 8}}]",
			[]string{"queues[2].deserved", "the sum of deserved of A100-80 is 17: prod 9, b 8", `at most 16, which queue "all" has`}},
		"sum over the cluster": {"quota: {rules: volcano}\nqueues: [{name: prod, guarantee: {A100-80: 20}}, {name: b, guarantee: {A100-80: 20}}]",
			[]string{"the sum of guarantee of A100-80 is 40", "at most 32, which the cluster has"}},
		"no default":         {"quota: {rules: volcano, default: x}\nqueues: [{name: prod}]", []string{"quota.default", `no queue "x"`}},
		"default has others": {"quota: {rules: volcano, default: all}\nqueues: [{name: all}, {name: prod, parent: all}]", []string{"quota.default", "takes no jobs"}},
		"amounts, no quota":  {"queues: [{name: prod, deserved: {A100-80: 9}}]", []string{"queues[0].deserved", "the scenario has no quota"}},
		"change of nothing":  {"quota: {rules: volcano}\nqueues: [{name: prod}]\nchanges: [{at: 1h, set: queues.prod.deserve.A100-80, to: 9}]", []string{"changes[0].set", `no "deserve"`, "deserved"}},
		"half a change":      {"quota: {rules: volcano}\nqueues: [{name: prod}]\nchanges: [{at: 1h, set: queues.prod.weight}]", []string{"changes[0]", "set and to"}},
		"nodes below":        {"quota: {rules: volcano}\nqueues: [{name: prod, nodes: [big]}, {name: b, parent: prod, nodes: [small]}]", []string{"queues[1].nodes", `below "prod"`}},
		"cap of no priority": {"quota: {rules: pai}\nqueues: [{name: prod, caps: [{priority: high, amount: {gpu: 8}}]}]", []string{"queues[0].caps[0].priority", `"high" is no priority`}},
		"borrows from nobody": {"quota: {rules: kueue}\nqueues: [{name: prod, nominal: {A100-80: 8}, borrowingLimit: {A100-80: 8}}]",
			[]string{"queues[0].parent", "nobody to borrow from"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l, err := scenarios.Parse("q.yaml", ".", []byte(quotaHead+tt.text+"\n"))
			if err == nil {
				_, err = l.Compile()
			}
			if err == nil {
				t.Fatal("it is accepted")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the error does not say %q:\n%v", w, err)
				}
			}
		})
	}
}

// A queue with nodes of its own is a partition with those below it.
func TestPhysicalQueuesHaveTheirNodes(t *testing.T) {
	l, err := scenarios.Parse("q.yaml", ".", []byte(quotaHead+"quota: {rules: volcano, default: other}\n"+
		"queues: [{name: prod, nodes: [big]}, {name: a, parent: prod}, {name: other}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Compile()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	names := p.Config.Names
	for i := range p.Config.Nodes {
		n := &p.Config.Nodes[i]
		want := map[bool]string{true: "prod", false: "shared"}[strings.HasPrefix(n.Name, "big")]
		if got := names.Partitions.Name(int32(n.Partition)); got != want {
			t.Errorf("node %s is in partition %q, want %q", n.Name, got, want)
		}
	}
	for queue, want := range map[string]int32{"prod": 1, "a": 1} {
		id, _ := names.Queues.Lookup(queue)
		if got := p.Config.QueuePartition[id]; got != want {
			t.Errorf("queue %s goes to partition %d, want %d", queue, got, want)
		}
	}
}

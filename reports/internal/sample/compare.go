package sample

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/orrery-sim/orrery/reports"
)

// Comparison returns four policies over so many seeds, the same every time. With one seed only the jobs' waits pair them.
func Comparison(seeds int) *reports.Comparison {
	c := &reports.Comparison{
		Name: "six-days: which policy?", Workload: "20,000 jobs over 6 d on 512 GPUs (A100-80, H100-80, L40S), offered load 1.05",
		Command: "orrery compare 'runs/fifo/*' 'runs/sjf/*' 'runs/las/*' 'runs/random/*'", Tool: "orrery 0.3.0",
		Metrics: []reports.Metric{
			{Name: "mean wait", Key: "wait_mean_s", Unit: reports.Seconds}, {Name: "wait p99", Key: "wait_p99_s", Unit: reports.Seconds},
			{Name: "mean completion time", Key: "jct_mean_s", Unit: reports.Seconds},
			{Name: "mean slowdown", Key: "slowdown_mean", Unit: reports.Times}, {Name: "allocation", Key: "allocation", Unit: reports.Share, More: true},
		},
	}
	for p, policy := range []struct {
		name    string
		effects []float64
	}{
		{"fifo + easy", []float64{1, 1, 1, 1, 1}},
		{"sjf + easy", []float64{0.78, 1.35, 0.86, 0.55, 1.003}},
		{"las", []float64{0.93, 1.12, 0.95, 0.80, 1.0}},
		{"random order", []float64{1.21, 1.9, 1.1, 1.6, 0.992}},
	} {
		contender := reports.Contender{Name: policy.name, WaitsSeed: 1}
		for s := range seeds {
			shared := rand.New(rand.NewPCG(uint64(s), 7)) // the seed's own luck, common to all policies
			own := rand.New(rand.NewPCG(uint64(s), 100+uint64(p)))
			run := reports.ContenderRun{Seed: uint64(s + 1), Digest: fmt.Sprintf("%016x%016x", own.Uint64(), own.Uint64())}
			for m, base := range []float64{4860, 41000, 19400, 12.7, 0.958} {
				luck, noise := 0.12*shared.NormFloat64(), 0.05*own.NormFloat64()
				if c.Metrics[m].More {
					luck, noise = luck/20, noise/20
				}
				run.Values = append(run.Values, base*policy.effects[m]*(1+luck)*(1+noise))
			}
			contender.Runs = append(contender.Runs, run)
		}
		jobs, own := rand.New(rand.NewPCG(1, 9)), rand.New(rand.NewPCG(1, 200+uint64(p)))
		for range 20000 {
			wait := math.Exp(6+2.2*jobs.NormFloat64()) * policy.effects[0] * math.Exp(0.3*own.NormFloat64())
			contender.Waits = append(contender.Waits, max(0, wait-60))
		}
		c.Policies = append(c.Policies, contender)
	}
	return c
}

// Attacks are names that try to run, to reorder, to hide or to flood.
func Attacks() []string {
	long := make([]rune, 10_000)
	for i := range long {
		long[i] = rune('a' + i%26)
	}
	return []string{
		`</script><script>window.PWN=1</script>`, `__f__window.PWN=2__f__`, `"><img src=x onerror="window.PWN=3">`, "x\u202egpj.exe", "\x1b[31mred\x1b[0m",
		string(long), `{{.}}${window.PWN=4}`, "<!--<script>", `javascript:window.PWN=5`, "=cmd|' /C calc'!A0", "--c-blue", "{a}{b}{c}", "\xff\xfe broken",
		"a\u2028b\u2029c", "zero\u200bwidth", "']];window.PWN=6;//", "&lt;b&gt;", "</title></style><svg onload=window.PWN=7>", "__proto__", "constructor", "",
	}
}

// Hostile returns a run in which every text that a stranger can choose is an attack.
func Hostile(jobs int) *reports.Run {
	run := Run(jobs, 3)
	attacks := Attacks()
	pick := func(i int) string { return attacks[i%len(attacks)] }
	for i := range run.Jobs {
		j := &run.Jobs[i]
		j.Name, j.Queue, j.User = pick(i), pick(i/7), pick(i/3)
	}
	for i := range run.Nodes {
		run.Nodes[i].Name, run.Nodes[i].Type = pick(i), pick(i+1)
	}
	for i := range run.Types {
		run.Types[i].Type = pick(i)
	}
	run.Name, run.Policy, run.Cluster, run.Workload = pick(0), pick(2), pick(5), pick(17)
	run.Scenario, run.Command, run.Digest, run.Tool, run.Host = pick(0)+"\n"+pick(3), pick(2), pick(4), pick(17), pick(7)
	run.Inputs = []reports.Input{{Name: pick(0), SHA256: pick(2)}}
	run.Assumptions, run.Warnings, run.Partial = attacks, attacks, pick(0)
	run.Costs = []reports.Cost{{Name: pick(0), Quantity: reports.Quantity{Value: 1, Unit: reports.Dollars}, Note: pick(2)}}
	return run
}

package reports

import (
	"fmt"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

// tableRows is how many queues or users a table lists before it folds the rest into one row.
const tableRows = 20

func (v *runView) whoGot() Section {
	s := Section{ID: "who-got-what", Title: "Who got what"}
	if len(v.Jobs) == 0 {
		return s
	}
	queues := v.groups(func(j *Job) string { return j.Queue })
	users := v.groups(func(j *Job) string { return j.User })
	if len(queues) > 0 && (len(queues) > 1 || queues[0].name != "(none)") {
		s.Blocks = append(s.Blocks, Block{Table: groupTable("queues", "queue", queues)})
	}
	if len(users) > 0 && (len(users) > 1 || users[0].name != "(none)") {
		s.Blocks = append(s.Blocks, Block{Table: groupTable("users", "user", users)})
	}
	return s
}

func groupTable(id, what string, groups []*group) *Table {
	t := &Table{ID: id, Caption: "By " + what, Columns: []Column{
		{what, what, Text}, {"jobs", "jobs", Count}, {"GPU-hours", "gpu_h", GPUHours}, {"share", "gpu_share", Share},
		{"wait p50", "wait_p50_s", Seconds}, {"wait p90", "wait_p90_s", Seconds}, {"wait p99", "wait_p99_s", Seconds},
		{"wait mean", "wait_mean_s", Seconds}, {"completion p50", "jct_p50_s", Seconds},
		{"failed", "failed", Count}, {"unfinished", "unfinished", Count},
	}}
	sum := 0.0
	for _, g := range groups {
		sum += g.busy
	}
	rows := groups
	if len(groups) > tableRows {
		rest := groups[tableRows-1:]
		rows = append(groups[:tableRows-1:tableRows-1], merged(fmt.Sprintf("%d other %ss", len(rest), what), rest))
		t.Behind = fmt.Sprintf("%d of %s with the most GPU-hours; the rest is one row", tableRows-1, plural(len(groups), what))
	}
	for _, g := range rows {
		share := 0.0
		if sum > 0 {
			share = g.busy / sum
		}
		t.Rows = append(t.Rows, []Cell{
			Word(g.name), Number(float64(g.jobs), Count), Number(g.busy, GPUHours), Number(share, Share),
			Number(stats.Quantile(g.waits, 0.5), Seconds), Number(stats.Quantile(g.waits, 0.9), Seconds),
			Number(stats.Quantile(g.waits, 0.99), Seconds), Number(meanOf(g.waits), Seconds),
			Number(stats.Quantile(g.jcts, 0.5), Seconds),
			Number(float64(g.failed), Count), Number(float64(g.unfinished), Count),
		})
	}
	return t
}

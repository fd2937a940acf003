package run

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
)

// What stands in the folder adds up: jobs by row, by queue, by user and by pool, and with idle to the total.
func TestCostsOfAFolderAddUp(t *testing.T) {
	text, _ := library.Read("budget")
	l, err := scenarios.Parse("budget.yaml", ".", text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Compile()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	_, printed, err := Execute(context.Background(), p, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Summary.Cost
	if c == nil || c.Total <= 0 || c.Total != printed.Cost.Total || c.Currency != "CNY" {
		t.Fatalf("costs %+v, printed %+v", c, printed.Cost)
	}
	var rows, pools, idle, queues, users Amount
	for row, err := range Jobs(dir) {
		if err != nil {
			t.Fatal(err)
		}
		rows += Amount(row.Cost*1e6 + 0.5)
	}
	for _, x := range c.ByPool {
		pools, idle = pools+x.Jobs, idle+x.Idle
	}
	for _, x := range c.ByQueue {
		queues += x.Jobs
	}
	for _, x := range c.ByUser {
		users += x.Jobs
	}
	if rows != c.Jobs || pools != c.Jobs || queues != c.Jobs || users != c.Jobs || idle != c.Idle || c.Jobs+c.Idle != c.Total || c.Free+c.Down+c.Rounding != c.Idle {
		t.Errorf("rows %d, pools %d, queues %d, users %d, idle %d; summary %+v", rows, pools, queues, users, idle, c)
	}
	// what is reserved costs its month whether it is used or not, what is paid by use has no idle time
	if by := c.ByPool; by[0].Name != "base" || by[1].Name != "burst" || by[1].Idle != 0 || by[0].Idle == 0 {
		t.Errorf("pools %+v", by)
	}
	span := float64(r.Summary.To - r.Summary.From)
	if want := 12 * 133408 * span / (730 * 3600); float64(c.ByPool[0].Total)/1e6 < want-0.01 || float64(c.ByPool[0].Total)/1e6 > want+0.01 {
		t.Errorf("12 reserved nodes cost %v in %v s (want %v)", c.ByPool[0].Total, span, want)
	}
}

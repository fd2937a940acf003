package reports

import (
	"strings"
	"testing"
)

func TestRecordedWaitsStandBesideSimulatedOnes(t *testing.T) {
	job := func(submit, started, recorded int64) Job {
		return Job{Submit: submit * 1e9, Started: started * 1e9, End: (started + 10) * 1e9, Recorded: true, RecordedStart: recorded * 1e9}
	}
	v := &runView{Run: &Run{Jobs: []Job{job(0, 30, 10), job(5, 25, 15), {Started: 1e9, End: 2e9}, {Submit: 1, Started: -1, End: -1, Recorded: true}}}}
	s := v.recorded()
	if len(s.Blocks) != 2 {
		t.Fatalf("%d blocks, want chart and table", len(s.Blocks))
	}
	if got := s.Blocks[0].Chart.Title; got != "Simulated waits are 15 s longer than recorded ones on average" {
		t.Errorf("title %q", got)
	}
	if got := s.Blocks[0].Chart.Behind; !strings.HasPrefix(got, "2 of 4 jobs") {
		t.Errorf("behind %q", got)
	}
	rows := s.Blocks[1].Table.Rows
	for i, want := range []float64{25, 10, 15} {
		if got := rows[i][1].Value; got != want {
			t.Errorf("row %d: mean %v, want %v", i, got, want)
		}
	}
}

func TestWithoutRecordedStartsThereIsNothingToCompare(t *testing.T) {
	v := &runView{Run: &Run{Jobs: []Job{{Started: 5, End: 9}}}}
	if s := v.recorded(); len(s.Blocks) != 0 {
		t.Errorf("%d blocks", len(s.Blocks))
	}
}

package state

import (
	"testing"
	"unsafe"
)

func TestRecStart(t *testing.T) {
	var j Jobs
	j.SetRecStart(2, Unset)
	if j.RecStart(2) != Unset || len(j.recorded) != 0 {
		t.Error("a job without a recorded start took room")
	}
	j.SetRecStart(3, 7)
	c := j
	c.CloneSparse()
	j.SetRecStart(3, Unset)
	if j.RecStart(2) != Unset || j.RecStart(3) != Unset || j.RecStart(4) != Unset || c.RecStart(3) != 7 {
		t.Errorf("%v, its copy %v", j.recorded, c.recorded)
	}
}

// TestJobLiesInTwoLines: a job is touched whole at its arrival, start and end.
func TestJobLiesInTwoLines(t *testing.T) {
	if size := unsafe.Sizeof(Job{}); size != 128 {
		t.Errorf("a row of jobs has %d bytes, want 128: put what few jobs have or few read in a column of its own", size)
	}
}

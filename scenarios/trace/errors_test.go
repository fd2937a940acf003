package trace

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

// An error says where and what was found, what was expected, and what to do: whoever meets one may not know the format.
func TestErrorsAreThreeLines(t *testing.T) {
	xs := ""
	for i := range state.MaxX + 1 {
		xs += fmt.Sprintf(",x_%d", i)
	}
	types := "name,num_gpu,gpu_spec\n"
	for i := range state.MaxGPUTypes + 1 {
		types += fmt.Sprintf("p%d,1,T%d\n", i, i)
	}
	const waits = "job,submit_s,duration_s,gpus,after\na,0,1,1,b\nb,5,1,1,\n"
	for _, c := range []struct{ name, format, text, where string }{
		{"x columns", "orrery", "job,submit_s,duration_s,gpus" + xs + "\n", "t.csv:1:"},
		{"types", "openb", types, "t.csv:"},
		{"no column", "helios", "a,b\n", "t.csv:1 "},
		{"no speeds", "gavel", "x\n", "t.csv "},
		{"order", "orrery", "job,submit_s,duration_s,gpus\na,5,1,1\nb,4,1,1\n", "t.csv:3 "},
		{"waits for a later job", "orrery", waits, "t.csv "},
		{"format", "slurm", "", "format "},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := openErr(c.format, write(t, "t.csv", c.text), Options{Sort: c.name != "order"})
			var own *Error
			if !errors.As(err, &own) || strings.Count(err.Error(), "\n") != 2 || !strings.HasPrefix(err.Error(), c.where) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
	// A second workload may have more x_* columns than are left.
	names := new(state.Names)
	for i := range state.MaxX {
		names.X.Intern(fmt.Appendf(nil, "x_%d", i))
	}
	_, _, err := Open("helios", write(t, "h.csv", "job,vc,submit_s,gpus,duration_s,qssf_pred_duration_s\nj,a,0,1,1,2\n"), Options{}, names)
	var own *Error
	if !errors.As(err, &own) || own.File == "" || own.Do == "" {
		t.Errorf("%T %v", err, err)
	}
}

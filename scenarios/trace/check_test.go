package trace

import (
	"fmt"
	"strings"
	"testing"
)

// places are the lines and columns of errors.
func places(rows []*Error) string {
	var all []string
	for _, e := range rows {
		all = append(all, fmt.Sprintf("%d:%d", e.Line, e.Col))
	}
	return strings.Join(all, " ")
}

func TestCheckTellsEveryBadRow(t *testing.T) {
	const head = "job,submit_s,duration_s,gpus,after\n"
	for _, c := range []struct {
		name, text string
		opt        Options
		want       string
	}{
		{"fine", head + "a,0,1,1,\nb,1,1,1,a\n", Options{}, ""},
		{"values", head + "a,0,NaN,1,\nb,1,1,1,\nc,x,1,1,\nd,2,1\n", Options{}, "2:5 4:3 5:0"},
		{"order, told once where it breaks", head + "a,0,1,1,\nb,9,1,1,\nc,5,1,1,\nd,6,1,1,\n", Options{}, "4:0"},
		{"order does not matter when sorted", head + "b,9,1,1,\nc,5,1,1,\n", Options{Sort: true}, ""},
		{"what waits for a broken row is not told too", head + "a,0,x,1,\nb,1,1,1,a\n", Options{}, "2:5"},
		{"what waits for nothing", head + "a,0,1,1,\nb,1,1,1,z\n", Options{}, "3:9"},
		{"what waits for nothing, sorted", head + "a,0,1,1,\nb,1,1,1,z\n", Options{Sort: true}, "3:9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, more, err := Check("orrery", write(t, "c.csv", c.text), c.opt)
			if err != nil || more != 0 || places(rows) != c.want {
				t.Errorf("%q, %d more, %v; want %q", places(rows), more, err, c.want)
			}
			if first := openErr("orrery", write(t, "c.csv", c.text), c.opt); (first == nil) != (len(rows) == 0) {
				t.Errorf("Open says %v", first)
			}
		})
	}
	rows, more, err := Check("swf", write(t, "c.swf", strings.Repeat("1 2 3\n", 33)), Options{})
	if err != nil || len(rows) != 20 || more != 13 {
		t.Errorf("%d rows, %d more, %v", len(rows), more, err)
	}
	packed := gzipText(t, "job,submit_s,duration_s,gpus\n"+strings.Repeat("a,1,1,1\n", 9000))
	rows, _, err = Check("orrery", write(t, "c.csv", packed[:len(packed)-9]), Options{NeverStarted: NeverSkip})
	if err != nil || len(rows) != 1 {
		t.Errorf("a cut file: %v, %v", rows, err)
	}
	_, _, err = Check("orrery", write(t, "c.csv", "job,submit_s\n"), Options{})
	wantErr(t, err, "no column")
	_, _, err = Check("slurm", "c.csv", Options{})
	wantErr(t, err, "sacct")
}

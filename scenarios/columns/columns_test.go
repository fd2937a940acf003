package columns

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var every = Schema{
	{Name: "id", Kind: Int},
	{Name: "zone", Kind: String, Repeats: true},
	{Name: "a_s", Kind: Fixed, Decimals: 9, Optional: true},
	{Name: "name", Kind: String, Optional: true},
	{Name: "b", Kind: Float},
	{Name: "n", Kind: Int, Optional: true},
}

// text is all rows as a person would write them down.
func text(schema Schema, from func(yield func(*Batch, error) bool)) ([]string, error) {
	var rows []string
	for b, err := range from {
		if err != nil {
			return rows, err
		}
		for r := range b.Rows {
			var cells []string
			for i, c := range schema {
				v := &b.Cols[i]
				switch {
				case v.Absent(r):
					cells = append(cells, "-")
				case c.Kind == String:
					cells = append(cells, fmt.Sprintf("%q", v.Bytes(r)))
				case c.Kind == Float:
					cells = append(cells, fmt.Sprint(v.Floats[r]))
				default:
					cells = append(cells, fmt.Sprint(v.Ints[r]))
				}
			}
			rows = append(rows, strings.Join(cells, " "))
		}
	}
	return rows, nil
}

func fill(w *Writer, rows int, seed uint64) (want []string) {
	for i := range rows {
		r := uint64(i)*0x9e3779b97f4a7c15 + seed
		w.Int(0, int64(i))
		zone := []string{"west", "east", "", "a,b"}[r>>7&3]
		w.String(1, zone)
		a, n, name := "-", "-", "-"
		if r>>11&3 == 0 {
			w.Null(2)
		} else {
			ns := int64(r >> 13 & (1<<50 - 1))
			w.Int(2, ns)
			a = fmt.Sprint(ns)
		}
		if r>>17&7 == 0 {
			w.Null(3)
		} else {
			s := fmt.Sprintf("job \"%d\"\n", r>>40)
			w.Bytes(3, []byte(s))
			name = fmt.Sprintf("%q", s)
		}
		w.Float(4, float64(r>>30)/7)
		if r>>19&1 == 0 {
			w.Null(5)
		} else {
			w.Int(5, -int64(r>>3))
			n = fmt.Sprint(-int64(r >> 3))
		}
		w.EndRow()
		want = append(want, strings.Join([]string{fmt.Sprint(i), fmt.Sprintf("%q", zone), a, name, fmt.Sprint(float64(r>>30) / 7), n}, " "))
	}
	return want
}

func write(t *testing.T, rows int, seed uint64) (pq, csv []byte, want []string) {
	t.Helper()
	var a, b bytes.Buffer
	p, err := NewParquetSink(&a, every, [2]string{"digest", "x"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCSVSink(&b, every)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(every, p, c)
	if err != nil {
		t.Fatal(err)
	}
	want = fill(w, rows, seed)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return a.Bytes(), b.Bytes(), want
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for _, rows := range []int{0, 1, batchRows, batchRows + 1, rowsPerGroup + 5} {
		pq, csv, want := write(t, rows, 7)
		p, err := ReadParquet(bytes.NewReader(pq), int64(len(pq)))
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := p.Meta("digest"); !ok || m != "x" || p.Rows() != int64(rows) {
			t.Errorf("%d rows: metadata %q %v, %d rows", rows, m, ok, p.Rows())
		}
		asFixed := func(yield func(*Batch, error) bool) { // Parquet has doubles where CSV has exact decimals
			for b, err := range p.Batches() {
				if err == nil {
					v := &b.Cols[2]
					v.Ints = v.Ints[:0]
					for _, f := range v.Floats {
						v.Ints = append(v.Ints, int64(math.Round(f*1e9)))
					}
				}
				if !yield(b, err) {
					return
				}
			}
		}
		for name, from := range map[string]func(yield func(*Batch, error) bool){
			"parquet": asFixed, "csv": ReadCSV(bytes.NewReader(csv), every),
		} {
			got, err := text(every, from)
			if err != nil {
				t.Fatalf("%d rows, %s: %v", rows, name, err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%d rows, %s (-want +got):\n%.2000s", rows, name, d)
			}
		}
	}
}

func TestBytesRepeat(t *testing.T) {
	a, _, _ := write(t, 20_000, 3)
	b, _, _ := write(t, 20_000, 3)
	if !bytes.Equal(a, b) {
		t.Error("the same rows gave two different files")
	}
}

func TestColumnsKeepTheirOrderAndCanBePicked(t *testing.T) {
	pq, _, _ := write(t, 10, 1)
	p, err := ReadParquet(bytes.NewReader(pq), int64(len(pq)))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.names(), " "); got != "id zone a_s name b n" {
		t.Errorf("columns are %s", got)
	}
	got, err := text(Schema{every[1], every[0]}, p.Batches("zone", "id"))
	if err != nil || len(got) != 10 || !strings.HasSuffix(got[9], " 9") {
		t.Errorf("two columns: %v, %v", got, err)
	}
	if _, err := text(every, p.Batches("nope")); err == nil || !strings.Contains(err.Error(), `no column "nope"`) {
		t.Errorf("a column that is not there: %v", err)
	}
}

func TestBrokenParquetIsAnError(t *testing.T) {
	pq, _, _ := write(t, 5000, 1)
	for _, cut := range []int{0, 3, 4, 100, len(pq) / 2, len(pq) - 1} {
		p, err := ReadParquet(bytes.NewReader(pq[:cut]), int64(cut))
		if err == nil {
			_, err = text(every, p.Batches())
		}
		if err == nil {
			t.Errorf("the first %d of %d bytes are read without an error", cut, len(pq))
		}
	}
	for i := 0; i < len(pq); i += 97 { // a flipped bit may go unnoticed, but must not panic
		bad := bytes.Clone(pq)
		bad[i] ^= 0x55
		if p, err := ReadParquet(bytes.NewReader(bad), int64(len(bad))); err == nil {
			_, _ = text(p.Schema(), p.Batches())
		}
	}
}

func TestCSVErrorsSayWhere(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "header line"},
		{"id,zone\n1,x\n", `no column "a_s"`},
		{"id,zone,a_s,name,b,n\n1,x,1.5,,0,\nzwei,x,1,,0,\n", `line 3, column "id": got "zwei"`},
		{"id,zone,a_s,name,b,n\n1,x,1.0123456789,,0,\n", `column "a_s": got "1.0123456789"`},
		{"id,zone,a_s,name,b,n\n9223372036854775808,x,,,0,\n", `column "id"`},
	} {
		if _, err := text(every, ReadCSV(strings.NewReader(c.in), every)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v (want one with %q)", c.in, err, c.want)
		}
	}
}

func TestFixedIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, d := rapid.Int64().Draw(t, "v"), rapid.IntRange(1, 9).Draw(t, "decimals")
		s := string(appendFixed(nil, v, d))
		if got, err := parseFixed(s, d); err != nil || got != v {
			t.Fatalf("%d with %d decimals is %s, read back as %d, %v", v, d, s, got, err)
		}
		if strings.Contains(s, ".") && strings.HasSuffix(s, "0") {
			t.Fatalf("%s has trailing zeros", s)
		}
	})
}

func TestSchemasThatMakeNoSense(t *testing.T) {
	for _, s := range []Schema{{{Kind: Int}}, {{Name: "a", Kind: Int}, {Name: "a", Kind: Int}}, {{Name: "a"}}, {{Name: "a", Kind: Fixed}}} {
		if _, err := NewWriter(s); err == nil {
			t.Errorf("schema %v is accepted", s)
		}
	}
}

func TestARowThatLacksAValueIsAnError(t *testing.T) {
	w, err := NewWriter(every)
	if err != nil {
		t.Fatal(err)
	}
	w.Int(0, 1)
	w.EndRow()
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), `column "zone" has 0 values for 1 rows`) {
		t.Errorf("error %v", err)
	}
}

type failing struct{ after int }

func (f *failing) Write(*Batch) error {
	if f.after--; f.after < 0 {
		return io.ErrShortWrite
	}
	return nil
}
func (f *failing) Close() error { return nil }

func TestAFailingSinkShowsAtClose(t *testing.T) {
	w, err := NewWriter(Schema{{Name: "a", Kind: Int}}, &failing{after: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 * batchRows {
		w.Int(0, int64(i))
		w.EndRow()
	}
	if err := w.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v", err)
	}
}

func TestFilesAppearWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.csv")
	if err := WriteFile(name, []byte("old")); err != nil {
		t.Fatal(err)
	}
	f, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "new")
	if got, _ := os.ReadFile(name); string(got) != "old" {
		t.Errorf("before the commit %q", got)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(name); string(got) != "new" {
		t.Errorf("after the commit %q", got)
	}
	g, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(g.Abort(), f.Abort()); err != nil {
		t.Error(err)
	}
	if err := g.Commit(); err == nil {
		t.Error("a commit after an abort is accepted")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v (want x.csv alone)", left, err)
	}
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		p, err := NewParquetSink(io.Discard, every)
		if err != nil {
			b.Fatal(err)
		}
		w, err := NewWriter(every, p)
		if err != nil {
			b.Fatal(err)
		}
		for i := range 200_000 {
			w.Int(0, int64(i))
			w.String(1, "west")
			w.Int(2, int64(i)*1_000_003)
			w.String(3, "job")
			w.Float(4, 0)
			w.Null(5)
			w.EndRow()
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200_000/float64(len(every)), "ns/value")
}

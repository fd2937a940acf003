package scenarios

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/sim/market"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// readSeries reads a CSV of values over time: at_s, seconds since the start, or time, RFC 3339; and the column that is asked for:
// price_h, an amount, or nodes, a number. What lies before the start counts with its last value. A gap is an error: it says nothing
// about what was there.
func readSeries(file string, data []byte, column string, start time.Time) ([]market.Point, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	r.Comment, r.FieldsPerRecord, r.ReuseRecord = '#', -1, true
	var columns []string
	var points []market.Point
	var last state.Time
	when, what := -1, -1
	fail := func(i int, name, got, want string) error {
		line, at := r.FieldPos(i)
		return fmt.Errorf("%s:%d:%d: %s: found %q, expected %s", file, line, at, name, got, want)
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if columns == nil {
			columns = slices.Clone(cells)
			if when = slices.IndexFunc(columns, func(c string) bool { return c == "at_s" || c == "time" }); when < 0 {
				return nil, fail(0, "header", strings.Join(columns, ","), "a column at_s or time")
			}
			if what = slices.Index(columns, column); what < 0 {
				return nil, fail(0, "header", strings.Join(columns, ","), "a column "+column)
			}
			continue
		}
		if len(cells) != len(columns) {
			return nil, fail(0, "row", fmt.Sprintf("%d cells", len(cells)), fmt.Sprintf("%d, as in the header", len(columns)))
		}
		at, err := instant(cells[when], columns[when], start)
		if err != nil {
			return nil, fail(when, columns[when], cells[when], "seconds, or for time a calendar time such as 2026-01-01T00:00:00Z")
		}
		if len(points) > 0 && at <= last {
			return nil, fail(when, columns[when], cells[when], "rows in order of time, each instant once")
		}
		last = at
		value, want := int64(0), "a number of nodes"
		if column == "price_h" {
			want = "a price of at least 0"
			value, err = units.ParseMoney(cells[what])
		} else {
			value, err = units.ParseInt([]byte(cells[what]))
		}
		if cells[what] == "" {
			want += "; a gap says nothing about what was there"
		}
		if err != nil || value < 0 {
			return nil, fail(what, column, cells[what], want)
		}
		if at <= 0 {
			points = points[:0]
			at = 0
		}
		points = append(points, market.Point{At: at, Value: value})
	}
	if len(points) == 0 {
		return nil, fmt.Errorf("%s: found no row, expected at least one", file)
	}
	return points, nil
}

// instant reads a time of a series.
func instant(text, column string, start time.Time) (state.Time, error) {
	if column == "at_s" {
		ns, err := units.ParseSeconds([]byte(text))
		return state.Time(ns), err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, err
	}
	return state.Time(t.Sub(start)), nil
}

// skyPilot reads a trace of skypilot-org/spot-traces: the number of instances that are to be had, every gap_seconds.
func skyPilot(file string, data []byte) ([]market.Point, error) {
	var trace struct {
		Metadata struct {
			Gap *float64 `json:"gap_seconds"`
		} `json:"metadata"`
		Data []*float64 `json:"data"`
	}
	if err := json.Unmarshal(data, &trace); err != nil {
		return nil, fmt.Errorf("%s: found no JSON of metadata and data: %w", file, err)
	}
	if trace.Metadata.Gap == nil || !(*trace.Metadata.Gap > 0) || len(trace.Data) == 0 {
		return nil, fmt.Errorf("%s: found no metadata.gap_seconds above 0, or no data; expected a trace of SkyPilot's", file)
	}
	gap := state.Time(rng.Nanoseconds(*trace.Metadata.Gap))
	var points []market.Point
	for i, v := range trace.Data {
		if v == nil || *v < 0 || *v != float64(int64(*v)) {
			return nil, fmt.Errorf("%s: data[%d]: expected a number of instances of at least 0", file, i)
		}
		if n := len(points); n == 0 || points[n-1].Value != int64(*v) {
			points = append(points, market.Point{At: state.Time(i) * gap, Value: int64(*v)})
		}
	}
	return points, nil
}
